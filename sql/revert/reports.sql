-- Revert rollcall:reports from pg

begin;

commit;
