-- Verify rollcall:staff_events on pg

begin;

rollback;
