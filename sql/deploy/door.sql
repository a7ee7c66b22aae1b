-- Deploy rollcall:door to pg
-- Checking in at the door, and every attempt to.

begin;

commit;
