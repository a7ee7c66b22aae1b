-- Verify rollcall:mismatches on pg

begin;

rollback;
