-- Verify rollcall:digests on pg

begin;

rollback;
