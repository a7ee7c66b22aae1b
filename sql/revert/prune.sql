-- Revert rollcall:prune from pg

begin;

commit;
