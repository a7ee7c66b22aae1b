-- Verify rollcall:address_change on pg

begin;

rollback;
