-- Verify rollcall:audit_list on pg

begin;

rollback;
