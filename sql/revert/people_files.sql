-- Revert rollcall:people_files from pg

begin;

commit;
