-- Revert rollcall:calendar_entries from pg

begin;

drop function read_series(jsonb, events, text, organizations);
drop function extra_end(jsonb, timestamptz, event_series);
drop function read_until(jsonb, event_series);
drop function read_entry(jsonb, organizations);
drop function series_moments(jsonb, event_series);
drop function series_moment(jsonb, event_series);
drop function moment_in(jsonb, text);
drop function resolve_zone(jsonb, text, int);
drop function zones_agree(text, text, timestamp, int);
drop function find_zone(text);
drop table windows_zones;

commit;
