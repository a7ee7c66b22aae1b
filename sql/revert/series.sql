-- Revert rollcall:series from pg

begin;

commit;
