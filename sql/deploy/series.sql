-- Deploy rollcall:series to pg
-- Events that repeat, and calendars as they really are.

begin;

commit;
