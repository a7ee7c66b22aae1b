-- Revert rollcall:address_change from pg

begin;

commit;
