-- Verify rollcall:uploads on pg

begin;

rollback;
