-- Deploy rollcall:event_life to pg
-- Places that come free go to who waits, in order.

begin;

commit;
