-- Deploy rollcall:uploads to pg
-- Calendars that were handed in and wait for a yes.

begin;

commit;
