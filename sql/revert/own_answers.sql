-- Revert rollcall:own_answers from pg

begin;

commit;
