-- Verify rollcall:absences on pg

begin;

rollback;
