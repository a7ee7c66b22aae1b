-- Revert rollcall:staff_events from pg

begin;

commit;
