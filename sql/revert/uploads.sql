-- Revert rollcall:uploads from pg

begin;

commit;
