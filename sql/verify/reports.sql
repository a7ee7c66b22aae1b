-- Verify rollcall:reports on pg

begin;

rollback;
