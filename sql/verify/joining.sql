-- Verify rollcall:joining on pg

begin;

rollback;
