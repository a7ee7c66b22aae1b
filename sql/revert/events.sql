-- Revert rollcall:events from pg

begin;

drop table event_notification_preferences;
drop table event_views;
drop table events;
drop function events_moved();
drop function event_end(timestamptz, timestamptz, boolean);

commit;
