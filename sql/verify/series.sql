-- Verify rollcall:series on pg

begin;

rollback;
