-- Verify rollcall:funnel on pg

begin;

rollback;
