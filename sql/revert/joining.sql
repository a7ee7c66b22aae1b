-- Revert rollcall:joining from pg

begin;

commit;
