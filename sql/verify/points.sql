-- Verify rollcall:points on pg

begin;

rollback;
