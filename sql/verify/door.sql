-- Verify rollcall:door on pg

begin;

rollback;
