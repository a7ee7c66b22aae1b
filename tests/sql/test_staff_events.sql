-- R-O1, R-O2, R-A4, R-B2: events as an organisation's admins make and change them, one or a series of them.
\ir fixture.sql
select plan(74);

-- Friday 20 November 2026, 19:00 in Berlin. The clocks there go back on 25 October and forward on 28 March 2027.
select try.person('Ada'), try.person('Bob');
select try.person('Root', null, 'org', 'admin'), try.person('Sam', null, 'org', 'staff');
select try.org('other') as other \gset
select try.person('Eve', null, 'other', 'admin');
select try.sign_in('Root') as root \gset
select try.sign_in('Sam') as sam \gset
select try.sign_in('Eve') as eve \gset

-- A form, some of its fields given.
create function try.form(fields jsonb) returns jsonb language sql immutable as $$
  select '{"title": "Training", "start_date": "2026-12-04", "start_time": "18:30", "end_time": "20:00",
    "zone": "Europe/Berlin", "repeats": "none", "scope": "this"}'::jsonb || fields $$;
-- What base/calendar.h answers, for the rules of these tests.
create function try.dates(rule text, starts text, until text) returns jsonb language sql stable as $$
  select jsonb_agg(to_char(d, 'YYYY-MM-DD"T"HH24:MI:SS') order by d)
  from (
    select d
    from generate_series(starts::timestamp, until::timestamp,
      case when rule ~ 'INTERVAL=2' then interval '14 days' when rule ~ 'WEEKLY' then interval '7 days' else interval '1 day' end) d
    where rule !~ 'MONTHLY' or rule_fits(regexp_replace(rule, ';COUNT.*', ''), d::date)
    limit coalesce(substring(rule from 'COUNT=(\d+)')::int, 1500)
  ) x $$;
create function try.make(who bytea, fields jsonb) returns bigint language plpgsql as $$
declare r record;
begin
  select * into r from team_repeat(who, 'org', null, try.form(fields));
  return make_event(who, 'org', try.form(fields), case when r.rule is not null then try.dates(r.rule, r.starts, r.until) end);
end $$;
create function try.change(who bytea, event bigint, fields jsonb, behind int default 0) returns text language plpgsql as $$
declare r record; s record;
begin
  select * into r from team_repeat(who, 'org', event, try.form(fields));
  select e.version, coalesce(q.version, 0) as series into s from events e left join event_series q on q.id = e.series_id where e.id = event;
  return change_event(who, 'org', event, s.version - behind, s.series, try.form(fields),
    case when r.rule is not null then try.dates(r.rule, r.starts, r.until) end);
end $$;
create function try.step(who bytea, event bigint, step text, scope text default 'this') returns text language sql as $$
  select step_event(who, 'org', event, (select version from events where id = event), scope, step) $$;
-- A series as people see it: "04.12. 18:30, 11.12. 18:30 cancelled".
create function try.series(event bigint, zone text default 'Europe/Berlin') returns text language sql stable as $$
  select string_agg(to_char(e.starts_at at time zone zone, 'DD.MM. HH24:MI') || case e.status when 'published' then '' else ' ' || e.status end, ', ' order by e.starts_at)
  from events e where e.series_id = (select series_id from events where id = event) and e.deleted_at is null $$;
grant execute on all functions in schema try to public;

create function try.refusal(statement text) returns text language plpgsql as $$
declare detail text;
begin
  execute statement;
  return 'taken';
exception when others then
  get stacked diagnostics detail = pg_exception_detail;
  return concat_ws(' ', sqlerrm, nullif(detail, ''));
end $$;
grant execute on all functions in schema try to public;

-- One event.
select try.make(:'root', '{}') as one \gset
select is((select row(title, starts_at, ends_at, status, all_day, timezone, is_virtual)::text from events where id = :one),
  '(Training,"2026-12-04 17:30:00+00","2026-12-04 19:00:00+00",published,f,Europe/Berlin,t)', 'R-O1 an event is made, its times by its zone');
select try.make(:'root', '{"all_day": "yes", "start_date": "2027-03-27", "end_date": "2027-03-28", "status": "draft", "zone": "America/New_York"}') as days \gset
select is((select row(starts_at, ends_at, status)::text from events where id = :days),
  '("2027-03-27 04:00:00+00","2027-03-29 04:00:00+00",draft)', 'R-O1 whole days begin and end at midnight there');
select is(try.change(:'root', :one, '{"title": "Talk", "location": "Hall", "capacity": "9", "takes_attendance": "yes"}'), 'event_saved', 'R-O1 it is changed');
select is((select row(title, location, is_virtual, capacity, takes_attendance, revision, version)::text from events where id = :one),
  '(Talk,Hall,f,9,t,1,2)', 'R-A4 words are no move; the version rises');
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk');
select is(try.change(:'root', :one, '{"title": "Talk", "capacity": "1", "start_time": "19:00"}'), 'event_saved_full', 'R-B1 fewer places than are registered: allowed, and said');
select is((select row(revision, (select count(*) from event_participants where event_id = :one and status = 'registered'))::text from events where id = :one),
  '(2,2)', 'R-A4 moved: the revision rises, and who registered stays');

-- What is refused.
select is(try.refusal(format('select try.change(%L, %s, ''{}'', 1)', :'root', :one)), 'changed_meanwhile', 'R-O1 of two admins at once the later is told');
select is((select title from events where id = :one), 'Talk', '... and changes nothing');
select is(try.refusal(format('select make_event(%L, ''org'', try.form(''{}''), null)', :'sam')), 'absent', 'R-O1 staff make no events');
select is(try.refusal(format('select make_event(%L, ''org'', try.form(''{}''), null)', :'eve')), 'absent', 'R-O2 nor do other admins');
select is(try.refusal(format('select change_event(%L, ''other'', %s, 3, 0, try.form(''{}''), null)', :'eve', :one)), 'absent', 'R-O2 another organisation''s event is none');
select is(try.refusal(format('select step_event(%L, ''other'', %s, 3, ''this'', ''cancel'')', :'eve', :one)), 'absent', 'R-O2 ... for no step');
select is(try.refusal(format('select make_event(null, ''org'', try.form(''{}''), null)')), 'no_session', 'R-O1 nobody makes none');
select results_eq(format($q$select fields::text, (select string_agg(field || ' ' || key, ', ' order by field, key) from event_form_faults(jsonb_populate_record(null::event_form, jsonb_strip_nulls(try.form(fields)))))
  from (values %s) as t(fields)$q$, $v$
    ('{"title": null}'::jsonb), ('{"start_date": "2026-02-30"}'), ('{"start_time": null}'), ('{"start_time": "25:00"}'), ('{"end_time": "18:30"}'),
    ('{"end_date": "2026-12-03"}'), ('{"end_date": "2026-12-05", "end_time": null}'), ('{"zone": "CEST"}'), ('{"capacity": "0"}'), ('{"url": "javascript:x"}'),
    ('{"start_date": "2027-03-28", "start_time": "02:30", "end_time": null}'), ('{"start_date": "2026-10-25", "start_time": "02:30", "end_time": null}'),
    ('{"repeats": "hourly"}'), ('{"repeats": "weekly", "until": "2026-12-03"}'), ('{"repeats": "weekly", "until": "2027-01-01", "times": "3"}'),
    ('{"repeats": "weekly", "times": "1"}'), ('{"repeats": "monthly_last"}'), ('{"repeats": "monthly_last", "start_date": "2026-12-25"}')$v$),
  $v$values ('{"title": null}', 'title bad_title'), ('{"start_date": "2026-02-30"}', 'start_date bad_date'), ('{"start_time": null}', 'start_time start_time_missing'),
    ('{"start_time": "25:00"}', 'start_time bad_time'), ('{"end_time": "18:30"}', 'end_time end_before_start'), ('{"end_date": "2026-12-03"}', 'end_date end_before_start'),
    ('{"end_date": "2026-12-05", "end_time": null}', 'end_time end_time_missing'), ('{"zone": "CEST"}', 'zone zone_unknown'), ('{"capacity": "0"}', 'capacity bad_capacity'),
    ('{"url": "javascript:x"}', 'url bad_link'), ('{"end_time": null, "start_date": "2027-03-28", "start_time": "02:30"}', 'start_time time_skipped'),
    ('{"end_time": null, "start_date": "2026-10-25", "start_time": "02:30"}', null), ('{"repeats": "hourly"}', 'repeats bad_repeats'),
    ('{"until": "2026-12-03", "repeats": "weekly"}', 'until until_before_start'), ('{"times": "3", "until": "2027-01-01", "repeats": "weekly"}', 'times until_or_times'),
    ('{"times": "1", "repeats": "weekly"}', 'times bad_times'), ('{"repeats": "monthly_last"}', 'repeats not_last_weekday'),
    ('{"repeats": "monthly_last", "start_date": "2026-12-25"}', null)$v$,
  'R-O1 each fault has its field and its key');
select is(try.refusal(format('select try.make(%L, ''{"start_date": "2026-11-20", "start_time": "12:00", "end_time": "13:00"}'')', :'root')), 'event_past start_date', 'R-O1 nothing is made that is over');

-- Rules.
select results_eq($q$select d::text, repeat_rule('monthly_weekday', d), repeat_text(repeat_rule('monthly_weekday', d), d) from unnest('{2026-12-11,2026-10-30}'::date[]) d$q$,
  $v$values ('2026-12-11', 'FREQ=MONTHLY;BYDAY=2FR', 'Every month on the second Friday'), ('2026-10-30', 'FREQ=MONTHLY;BYDAY=-1FR', 'Every month on the last Friday')$v$,
  'R-O1 a fifth Friday is the last');
select results_eq($q$select repeat_start(r, g, o, f, '2026-11-20')::text from (values
    ('weekly', date '2026-12-12', date '2026-12-11', date '2026-11-27'), ('fortnightly', '2026-12-12', '2026-12-11', '2026-11-27'),
    ('weekly', '2026-10-02', '2026-10-02', '2026-11-27'), ('daily', '2026-12-13', '2026-12-11', '2026-11-27'),
    ('monthly_date', '2027-01-31', '2027-01-30', '2026-11-30'), ('monthly_weekday', '2026-12-12', '2026-12-11', '2026-12-11'),
    ('monthly_weekday', '2027-01-09', '2027-01-08', '2026-12-11'), ('monthly_last', '2026-12-31', '2026-12-25', '2026-11-27')) t(r, g, o, f)$q$,
  $v$values ('2026-11-28'), ('2026-11-28'), ('2026-11-27'), ('2026-11-29'), ('2026-12-31'), ('2026-12-12'), ('2026-12-12'), ('2026-11-26')$v$,
  'R-O1 a series begins again where its first event of the new days is');

-- A series over both clock changes.
select try.clock('2026-10-10 18:00+00');
select try.make(:'root', '{"repeats": "weekly", "start_date": "2026-10-16", "until": "2026-11-06", "end_time": "20:00"}') as s \gset
select is(try.series(:s), '16.10. 18:30, 23.10. 18:30, 30.10. 18:30, 06.11. 18:30', 'R-O1 a series keeps its hour over a clock change');
select is((select string_agg(to_char(ends_at at time zone 'UTC', 'HH24:MI'), ' ' order by starts_at) from events where series_id = (select series_id from events where id = :s)), '18:00 18:00 19:00 19:00', '... at both its ends');
select try.make(:'root', '{"repeats": "fortnightly", "start_date": "2026-10-16", "times": "3"}') as c \gset
select is(try.series(:c), '16.10. 18:30, 30.10. 18:30, 13.11. 18:30', 'R-O1 a number of times');
select is((select until from event_series where id = (select series_id from events where id = :c)), '2026-11-13 17:30+00', '... is kept as its last date');
select try.make(:'root', '{"repeats": "weekly", "start_date": "2026-10-16"}') as long \gset
select is((select row(count(*), max(starts_at))::text from events where series_id = (select series_id from events where id = :long)), '(53,"2027-10-15 16:30:00+00")', 'R-O1 without an end it is made a year ahead');

create function try.nth(event bigint, n int) returns bigint language sql stable as $$
  select id from events where series_id = (select series_id from events where id = event) order by recurrence_time offset n - 1 limit 1 $$;
grant execute on function try.nth to public;

-- Only this one.
select try.nth(:s, 2) as second, try.nth(:s, 3) as third, try.nth(:s, 4) as fourth \gset
insert into event_participants (event_id, org_id, user_id) select e, :org, try.user_id('Ada') from unnest(array[:s, :second, :third, :fourth]) e;
select is(try.change(:'root', :second, '{"title": "Match", "start_date": "2026-10-24", "start_time": "10:00", "end_time": "12:00", "repeats": "weekly"}'), 'event_saved', 'R-O1 only this one');
select is(try.series(:s), '16.10. 18:30, 24.10. 10:00, 30.10. 18:30, 06.11. 18:30', '... moves alone');
select is((select row(detached, recurrence_time)::text from events where id = :second), '(t,"2026-10-23 16:30:00+00")', '... and is known by when it was to be');

-- All, while the first is over.
select try.clock('2026-10-20 18:00+00');
select advance_events(), advance_events();
select is(try.change(:'root', :fourth, '{"title": "Late training", "start_date": "2026-11-06", "start_time": "19:15", "end_time": "21:00", "repeats": "weekly", "until": "2026-11-13", "scope": "all"}'), 'event_saved', 'R-O1 all of a series');
select is(try.series(:s), '16.10. 18:30 completed, 24.10. 10:00, 30.10. 19:15, 06.11. 19:15, 13.11. 19:15', 'R-O1 what is over stays, so does what was changed by itself, and a later end makes more');
select is((select string_agg(title, ', ' order by starts_at) from events where series_id = (select series_id from events where id = :s)), 'Training, Match, Late training, Late training, Late training', '... in words too');
select is((select string_agg(event_id::text, ' ' order by event_id) from event_participants where event_id in (:s, :second, :third, :fourth) and status = 'registered'), concat_ws(' ', :s, :second, :third, :fourth), 'R-B1 who registered stays registered');
select is((select revision from events where id = :third), 2, 'R-A4 each that moves has a new revision');
select is((select revision from events where id = :s), 1, 'R-A4 ... what is over has not');

-- This and the following, to another day of the week.
select is(try.change(:'root', :fourth, '{"title": "Late training", "start_date": "2026-11-07", "start_time": "11:00", "end_time": "12:00", "repeats": "weekly", "until": "2026-11-21", "scope": "following"}'), 'event_saved', 'R-O1 this and the following');
select is(try.series(:s), '16.10. 18:30 completed, 24.10. 10:00, 30.10. 19:15', '... end the series before them');
select is(try.series(:fourth), '07.11. 11:00, 14.11. 11:00, 21.11. 11:00', '... and go on as another');
select is((select count(*) from event_participants where event_id = :fourth and status = 'registered'), 1::bigint, 'R-B1 found again by their days: who registered stays');
select is((select until from event_series where id = (select series_id from events where id = :s)), '2026-11-06 18:14:59+00', '... the first series ends before');

-- A series that gets shorter: who was registered sees it cancelled.
select try.nth(:fourth, 3) as gone \gset
select is(try.change(:'root', :fourth, '{"start_date": "2026-11-07", "start_time": "11:00", "end_time": "12:00", "repeats": "weekly", "until": "2026-11-14", "scope": "all"}'), 'event_saved', 'R-O1 a series that ends earlier');
select is((select row(status, series_id)::text from events where id = :gone), '(cancelled,)', '... cancels what has no day any more');
select is(try.series(:fourth), '07.11. 11:00, 14.11. 11:00', '... and keeps the others');
select is(try.refusal(format('select try.change(%L, %s, ''{"start_date": "2026-11-07", "repeats": "none", "scope": "all"}'')', :'root', :fourth)), 'series_repeats repeats', 'R-O1 a series is not told to repeat no more');

-- Monthly, and two weeks.
select try.make(:'root', '{"repeats": "monthly_weekday", "start_date": "2026-11-13", "times": "4"}') as m \gset
select is(try.series(:m), '13.11. 18:30, 11.12. 18:30, 08.01. 18:30, 12.02. 18:30', 'R-O1 the second Friday of the month');
create temporary table before as select id, recurrence_time from events where series_id = (select series_id from events where id = :m);
select try.change(:'root', :m, '{"start_date": "2026-11-28", "repeats": "monthly_last", "until": "2027-02-28", "scope": "all"}');
select is(try.series(:m), '28.11. 18:30, 26.12. 18:30, 30.01. 18:30, 27.02. 18:30', '... becomes the last Saturday');
select is((select count(*) from before b join events e using (id) where to_char(b.recurrence_time, 'MM') = to_char(e.recurrence_time, 'MM')), 4::bigint, 'R-B1 each month''s event stays that month''s');

-- One that begins to repeat.
select try.make(:'root', '{"title": "Walk", "start_date": "2026-11-01", "start_time": "10:00", "end_time": "11:00"}') as walk \gset
select try.registered('Bob', 'Walk');
select try.change(:'root', :walk, '{"title": "Walk", "start_date": "2026-11-01", "start_time": "10:00", "end_time": "11:00", "repeats": "daily", "times": "3"}');
select is(try.series(:walk), '01.11. 10:00, 02.11. 10:00, 03.11. 10:00', 'R-O1 an event begins to repeat');
select is((select event_id from event_participants p join events e on e.id = p.event_id where e.title = 'Walk'), :walk::bigint, '... and is its first');

-- Cancelled, and taken up again.
select is(try.step(:'root', try.nth(:walk, 2), 'cancel'), 'event_cancel', 'R-B2 one is cancelled');
select is(try.step(:'root', try.nth(:walk, 3), 'cancel', 'following'), 'event_cancel', 'R-B2 the last and the following');
select is(try.series(:walk), '01.11. 10:00, 02.11. 10:00 cancelled', '... which is a series of its own then');
select is(try.step(:'root', :walk, 'cancel', 'all'), 'event_cancel', 'R-B2 all');
select is(try.series(:walk), '01.11. 10:00 cancelled, 02.11. 10:00 cancelled', '... are cancelled');
select is(try.step(:'root', :walk, 'resume', 'all'), 'event_resume', 'R-B2 all take place again');
select is(try.series(:walk), '01.11. 10:00, 02.11. 10:00 cancelled', '... but for the one that was cancelled by itself');
select is(try.refusal(format('select try.step(%L, %s, ''resume'')', :'root', :walk)), 'changed_meanwhile', 'R-B2 what takes place is not taken up again');
select is(try.refusal(format('select try.step(%L, %s, ''cancel'')', :'root', :s)), 'event_over', 'R-B2 what is over is not cancelled');
select is(try.refusal(format('select try.step(%L, %s, ''delete'')', :'root', :walk)), 'changed_meanwhile', 'R-B2 only drafts are deleted');

-- What was planned for it is taken back.
select try.clock('2026-11-20 18:00+00');
delete from event_participants;
select try.event('Play', '2026-11-20 15:00+00', '2026-11-20 17:00+00') as play \gset
select try.viewed('Ada', 'Play');
select is(schedule_post_event_prompts(10), 1, 'a prompt is planned');
select is(try.change(:'root', :play, '{"title": "Play", "start_date": "2026-11-21", "start_time": "16:00", "end_time": "18:00"}'), 'event_saved', 'R-A4 moved to where it is to come');
select is(cancel_moved_prompts(), 1, 'R-A4 ... its prompt is taken back');
select is(try.step(:'root', :play, 'cancel'), 'event_cancel', 'R-A3 cancelled');
select try.clock('2026-11-21 21:00+00');
select is(schedule_post_event_prompts(10), 0, 'R-A3 ... nobody is asked');
select try.clock('2026-11-20 18:00+00');

-- Drafts.
select try.make(:'root', '{"title": "Plan", "repeats": "weekly", "start_date": "2026-12-01", "times": "3", "status": "draft"}') as plan \gset
select is((select count(*) from team_events(:'sam', 'org', 'drafts', '', null, null) where title = 'Plan'), 3::bigint, 'R-O5 staff see drafts');
select is(try.step(:'root', :plan, 'publish', 'all'), 'event_publish', 'R-B2 a series is published');
select is(try.series(:plan), '01.12. 18:30, 08.12. 18:30, 15.12. 18:30', '... all of it');
select is(try.step(:'root', :days, 'delete'), 'event_delete', 'R-B2 a draft is deleted');
select is(try.refusal(format('select try.step(%L, %s, ''publish'')', :'root', :days)), 'absent', '... and gone');
select is((select count(*) from team_events(:'eve', 'org', 'coming', '', null, null)), 0::bigint, 'R-O2 the list is for the own team');
select is((select string_agg(title, ', ' order by title) from team_events(:'sam', 'org', 'coming', 'pla it''s \ :*', null, null)), null, 'R-O1 whatever is searched for is text');
select is((select count(*) from team_events(:'sam', 'org', 'coming', 'PLA', null, null)), 4::bigint, 'R-O1 a title is found by how its words begin');

-- From a calendar.
select try.make(:'root', '{"title": "Cal", "repeats": "weekly", "start_date": "2026-12-03", "times": "3"}') as cal \gset
update event_series set uid = 'cal' where title = 'Cal';
update events set uid = 'cal' where title = 'Cal';
select is(try.change(:'root', :cal, '{"title": "Cal", "start_date": "2026-12-03", "repeats": "calendar", "scope": "all", "takes_attendance": "yes"}'), 'event_saved', 'R-B5 attendance is taken at all of a calendar''s series');
select is((select count(*) from events where title = 'Cal' and takes_attendance and not detached), 3::bigint, '... and it stays the calendar''s');
select is(try.refusal(format('select try.change(%L, %s, ''{"start_date": "2026-12-02", "repeats": "calendar", "scope": "all"}'')', :'root', :cal)), 'calendar_says_when start_date', 'R-O1 but for its days');

-- A series that had an end and has none any more.
select try.make(:'root', '{"title": "Open end", "repeats": "weekly", "start_date": "2027-01-07", "times": "3"}') as open \gset
select try.change(:'root', :open, '{"title": "Open end", "repeats": "weekly", "start_date": "2027-01-07", "scope": "all"}') as note \gset
select is((select extended_to from event_series where title = 'Open end'), (select ends::timestamp from import_window()), 'R-O1 goes on as time does');

-- Seconds, which a calendar may tell and a form cannot.
update events set starts_at = starts_at + interval '5 seconds', ends_at = ends_at + interval '5 seconds', version = version - 1 where id = :cal;
select is(try.change(:'root', :cal, '{"title": "Cal", "start_date": "2026-12-03", "repeats": "calendar", "scope": "all"}'), 'event_saved', 'R-O1 a calendar''s series is changed whatever its seconds');
select is((select to_char(starts_at at time zone 'UTC', 'HH24:MI:SS') from events where id = :cal), '17:30:05', '... which stay');
