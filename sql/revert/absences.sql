-- Revert rollcall:absences from pg

begin;

commit;
