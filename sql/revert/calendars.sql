-- Revert rollcall:calendars from pg

begin;

drop function import_calendar(organizations, jsonb, boolean);
drop function order_entries(jsonb);
drop function import_entry(organizations, jsonb, int, jsonb);
drop type calendar_verdict;
drop function import_series(event_series, timestamp[], timestamp, jsonb);
drop function update_series(event_series, event_series);
drop function insert_series(event_series);
drop function say_changes(series_changes);
drop function say_dates(event_series);
drop function adopt_events(event_series, timestamp[]);
drop function import_instance(events, jsonb, text, int);
drop function import_single(events);
drop function older_version(int, int);
drop function store_event(events, events);
drop type event_fate;

commit;
