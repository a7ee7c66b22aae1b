-- Verify rollcall:door_sync on pg

begin;

rollback;
