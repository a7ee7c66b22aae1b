-- Verify rollcall:decisions on pg

begin;

rollback;
