-- Revert rollcall:prune from pg

begin;

drop function prune(int);

commit;
