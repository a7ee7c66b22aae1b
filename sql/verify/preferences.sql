-- Verify rollcall:preferences on pg

begin;

rollback;
