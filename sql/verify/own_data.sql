-- Verify rollcall:own_data on pg

begin;

rollback;
