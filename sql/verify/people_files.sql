-- Verify rollcall:people_files on pg

begin;

rollback;
