-- Verify rollcall:staff_people on pg

begin;

rollback;
