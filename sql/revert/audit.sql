-- Revert rollcall:audit from pg

begin;

commit;
