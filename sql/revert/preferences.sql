-- Revert rollcall:preferences from pg

begin;

commit;
