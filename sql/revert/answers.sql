-- Revert rollcall:answers from pg

begin;

commit;
