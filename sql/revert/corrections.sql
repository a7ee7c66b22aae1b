-- Revert rollcall:corrections from pg

begin;

commit;
