-- Revert rollcall:delivery from pg

begin;

commit;
