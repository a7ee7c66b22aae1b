-- Deploy rollcall:staff_events to pg
-- Events as staff make and change them.

begin;

commit;
