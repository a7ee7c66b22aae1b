-- Verify rollcall:corrections on pg

begin;

rollback;
