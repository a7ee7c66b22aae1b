-- Revert rollcall:zones from pg

begin;

drop function quiet_until(timestamptz, text, time, time);
drop function next_local_time(timestamptz, text, time);
drop function say_event_end(timestamptz, timestamptz, boolean, text, text);
drop function say_event_start(timestamptz, boolean, text, text);
drop function iso_time(timestamptz, text);
drop function say_time(timestamptz, text);
drop function say_date(timestamptz, text);
drop function safe_zone(text);
drop function refresh_timezones();
drop table timezones;

commit;
