-- Revert rollcall:staff_events from pg

begin;

revoke select on events, event_series from rollcall_staff;
revoke select (event_id, status) on event_participants from rollcall_staff;
revoke select (event_id) on event_views from rollcall_staff;
drop function team_events(bytea, text, text, text, timestamptz, bigint);
drop function events_titled(tsquery, int);
drop function word_search(text, text);
drop function event_status_text(text, timestamptz, timestamptz);
drop function step_event(bytea, text, bigint, int, text, text);
drop function change_event(bytea, text, bigint, int, int, jsonb, jsonb);
drop function change_one(events, events, event_form, timestamp[], boolean);
drop function change_words(events, events, int);
drop function change_series_words(bigint, events, boolean);
drop function change_all(events, events, event_form, int, timestamp[], boolean);
drop function change_series(event_series, event_series, events, bigint, timestamp[], boolean);
drop function repeat_period(text, date);
drop function split_series(event_series, events);
drop function rewrite_event(bigint, events, boolean);
drop function make_event(bytea, text, jsonb, jsonb);
drop function spread_in_window(bigint, timestamp[]);
drop function read_dates(jsonb);
drop function add_series(event_series);
drop function series_of(events, event_form, timestamp[]);
drop function team_repeat(bytea, text, bigint, jsonb);
drop function repeat_begin(event_form, events);
drop function series_changed_from(events, text);
drop function team_event(bigint, bigint);
drop function repeat_start(text, date, date, date, date);
drop function months_between(date, date);
drop function rule_fits(text, date);
drop function repeat_text(text, date);
drop function repeat_choice(text);
drop function repeat_rule(text, date);
drop function read_event_form(event_form, bigint);
drop function event_form_faults(event_form);
drop function form_end(event_form);
drop function form_start(event_form);
drop function form_moment(text, text);
drop type event_form;
drop index events_org_drafts;
drop index events_org_title;
drop function org_words(bigint, text);

commit;
