-- Revert rollcall:points from pg

begin;

commit;
