-- Events that repeat, and what later versions of a calendar do to them. The
-- rules' dates are told here as the reader of calendar files tells them.
\ir fixture.sql
select plan(94);
select org_by_slug('org') as org \gset

create function try.moment(local text, zone text default 'Europe/Berlin', rule text default null) returns jsonb language sql immutable as $$
  select jsonb_strip_nulls(jsonb_build_object('local', case length(local) when 10 then local || 'T00:00:00' else local end, 'date', case length(local) when 10 then true end, 'zone', zone, 'rule', rule))
$$;
create function try.entry(uid text, starts text default '2026-11-27T18:00:00', more jsonb default '{}') returns jsonb language sql immutable as $$
  select jsonb_build_object('line', 1, 'uid', uid, 'title', 'Choir', 'location', 'Hall', 'starts', try.moment(starts), 'duration', '{"seconds": 5400}'::jsonb) || more
$$;
-- Every so many days from the first on, within the window, as C has them.
create function try.repeats(first timestamp, step interval default '7 days', more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('repeats', jsonb_build_object('rule', 'FREQ=TEST', 'to', w.ends, 'dates', (
    select coalesce(jsonb_agg(to_char(d, 'YYYY-MM-DD"T"HH24:MI:SS') order by d), '[]') from generate_series(first, w.ends::timestamp - interval '1 second', step) d where d >= w.starts::timestamp
  )) || more) from import_window() w
$$;
create function try.series(uid text, starts text default '2026-11-27T18:00:00', repeats jsonb default '{}', more jsonb default '{}', step interval default '7 days') returns jsonb language sql as $$
  select try.entry(uid, starts, try.repeats(starts::timestamp, step, repeats) || more)
$$;
create function try.import(variadic entries jsonb[]) returns text language sql as $$
  select string_agg(concat_ws(': ', result, why), '; ') from import_calendar(org_by_slug('org'), (select jsonb_agg(e || jsonb_build_object('line', n) order by n) from unnest(entries) with ordinality x(e, n)), false)
$$;
-- The instances as clocks in Berlin show them: "27.11. 18:00, ...".
create function try.instances(uid text, max int default 4, zone text default 'Europe/Berlin', status text default 'published') returns text language sql stable as $$
  select string_agg(to_char(starts_at at time zone zone, 'DD.MM. HH24:MI'), ', ' order by starts_at)
  from (select * from events e where e.uid = instances.uid and e.status = instances.status order by starts_at limit max) e
$$;

-- A weekly series.
select is(try.import(try.series('a')), 'new: 53 dates, to 26 November 2027', 'a year of Fridays');
select is((select count(*)::int from events), 53, '... are events');
select is(try.instances('a', 2), '27.11. 18:00, 04.12. 18:00', '... from the first on');
select is((select string_agg(distinct to_char(starts_at at time zone 'Europe/Berlin', 'HH24:MI'), ' ') from events), '18:00', '18:00 stays 18:00 across both clock changes');
select is((select string_agg(distinct to_char(starts_at at time zone 'UTC', 'HH24:MI'), ' ') from events), '16:00 17:00', '... which are two times of day in UTC');
select results_eq('select distinct ends_at - starts_at, timezone, status, title, sequence, detached, version, recurrence_time = starts_at from events', $$values ('1:30'::interval, 'Europe/Berlin', 'published', 'Choir', 0, false, 1, true)$$, '... all alike');
select is(try.import(try.series('a')), 'unchanged', 'again: unchanged');
select is((select count(*)::int from events where version = 1 and revision = 1), 53, '... and no row was touched');

-- Topping up, month after month.
select is((select count(*)::int from series_due(10)), 0, 'nothing is due now');
create function try.top_up() returns int language plpgsql as $$
declare s record; made int := 0;
begin
  for s in select d.*, e.starts_local from series_due(10) d join event_series e using (id) loop
    made := made + extend_series(s.id, (select coalesce(jsonb_agg(to_char(d, 'YYYY-MM-DD"T"HH24:MI:SS')), '[]') from generate_series(s.starts_local, s.window_ends::timestamp - interval '1 second', '7 days') d where d >= s.window_starts::timestamp), s.window_ends);
  end loop;
  return made;
end
$$;
select try.clock('2026-11-28 18:00+00');
select results_eq('select rule, starts, window_starts, window_ends from series_due(10)', $$values ('FREQ=TEST', '2026-11-27T18:00:00', '2027-11-27T00:00:00', '2027-12-05T00:00:00')$$, 'after a week it is due, from where it was');
select is(try.top_up(), 1, '... one more');
select is(try.top_up(), 0, '... once');
select is((select sum(n)::int from (select try.clock('2026-12-20 18:00+00'), try.top_up() n union all select try.clock('2027-01-20 18:00+00'), try.top_up() union all select try.clock('2027-02-20 18:00+00'), try.top_up()) x), 12, 'month after month');
select is((select count(*) || ' ' || count(distinct starts_at) from events), '66 66', '... each instance once');
select is((select max(starts_at) > app_now() + interval '12 months' from events), true, '... 12 months ahead');
select is(extend_series((select id from event_series), '["2026-01-02T18:00:00"]', '2027-01-01T00:00:00'), 0, 'a sweep that comes late changes nothing');
select is(try.import(try.series('a')), 'unchanged', 'and the same file is still the same');
select is((select count(*)::int from events), 66, '... without a new date');

-- Changes of the series.
select try.clock('2026-11-20 18:00+00');
delete from events;
delete from event_series;
select try.import(try.series('a'));
select try.person('Ada');
insert into event_participants (event_id, org_id, user_id) select id, org_id, try.user_id('Ada') from events where starts_at = '2026-12-04 17:00+00';
create function try.ada() returns text language sql stable as $$
  select to_char(e.starts_at at time zone 'Europe/Berlin', 'DD.MM. HH24:MI ') || e.title || ' ' || e.status || ' r' || e.revision from event_participants p join events e on e.id = p.event_id where p.user_id = try.user_id('Ada') and p.status = 'registered'
$$;
select is(try.import(try.series('a', more => '{"title": "Big choir", "sequence": 1}')), 'changed', 'another title');
select is((select count(*) || min(title) from events where version = 2 and revision = 1), '53Big choir', '... of all, whose version rose, and nobody is asked anew');
select is(try.import(try.series('a', more => '{"title": "Old choir", "sequence": 0}')), 'unchanged: an older version (SEQUENCE 0) than the one that is here (1)', 'a lower SEQUENCE does not overwrite a higher');
select is(try.import(try.series('a', '2026-11-27T19:30:00', more => '{"sequence": 2}')), 'changed: 53 moved', 'an hour and a half later');
select is(try.ada(), '04.12. 19:30 Choir published r2', 'R-A4 ... who had registered has, and its revision rose');
select is((select count(*)::int from events), 53, '... and nothing is there twice');
select is(try.import(try.series('a', '2026-11-27T19:30:00', repeats => jsonb_build_object('except', jsonb_build_array(try.moment('2026-12-04T19:30:00'))), more => '{"sequence": 2}')), 'changed: 1 cancelled', 'an EXDATE');
select is(try.ada(), '04.12. 19:30 Choir cancelled r2', '... cancels that one');
select is(try.import(try.series('a', '2026-11-27T19:30:00', more => '{"sequence": 2}')), 'changed: 1 again', 'without the EXDATE');
select is(try.ada(), '04.12. 19:30 Choir published r2', '... it takes place again');
select is(try.import(try.series('a', '2026-11-28T19:30:00', more => '{"sequence": 3}')), 'changed: 52 new, 53 cancelled', 'on Saturdays instead: other days are other events');
select is(try.ada(), '04.12. 19:30 Choir cancelled r2', '... which nobody is registered for');
select is(try.import(try.series('a', '2026-11-27T19:30:00', repeats => jsonb_build_object('until', try.moment('2026-12-11T18:30:00', 'UTC')), more => '{"sequence": 4}')), 'changed: 52 cancelled, 3 again', 'UNTIL in UTC, against local: its moment counts still');
select is(try.instances('a'), '27.11. 19:30, 04.12. 19:30, 11.12. 19:30', '... and the Fridays are back up to it');
select is((select extended_to from event_series), 'infinity', '... after which nothing is to come');
select is(try.import(try.series('a', '2026-11-27T19:30:00', more => '{"sequence": 5, "cancelled": true}')), 'changed: cancelled: 3 cancelled', 'the series is cancelled');
select is((select count(*)::int from events where status <> 'cancelled'), 0, '... and all that was to come');
select is(try.import(try.series('a', '2026-11-27T19:30:00', more => '{"sequence": 6}')), 'changed: takes place again: 53 again', 'and takes place again');

-- What is over stays.
select try.clock('2026-12-04 20:00+00');
update events set status = 'completed' where starts_at < app_now() and status = 'published';
select is(try.import(try.series('a', '2026-11-27T21:30:00', more => '{"title": "Late choir", "sequence": 7}')), 'changed: 2 new, 51 moved', 'moved to later on a day on which it was');
select is(try.instances('a', 9, status => 'completed') || ' ' || try.instances('a', 1), '27.11. 19:30, 04.12. 19:30 11.12. 21:30', '... it does not take place there a second time');
select is((select count(*)::int from events where starts_at < app_now() and title = 'Choir' and uid = 'a'), (select count(*)::int from events where starts_at < app_now()), '... and what is over is not touched');
select try.clock('2026-11-20 18:00+00');

-- One instance by itself.
select is(try.import(try.series('b'), try.entry('b', '2026-12-05T10:00:00', jsonb_build_object('recurrence', try.moment('2026-12-04T18:00:00'), 'title', 'Matinee'))), 'new: 53 dates, to 26 November 2027; changed: moved', 'an instance by itself');
select is(try.instances('b', 3), '27.11. 18:00, 05.12. 10:00, 11.12. 18:00', '... instead of the series'' own');
select is((select title || detached || version from events where uid = 'b' and detached), 'Matineetrue2', '... with its own words');
select is(try.import(try.series('b', '2026-11-27T20:00:00', more => '{"sequence": 1}')), 'changed: 52 moved', 'the series moves');
select is(try.instances('b', 3), '27.11. 20:00, 05.12. 10:00, 11.12. 20:00', '... and leaves it alone');
select is(try.import(try.entry('b', '2026-12-05T11:00:00', jsonb_build_object('recurrence', try.moment('2026-12-04T20:00:00'), 'sequence', 1))), 'changed: moved', 'it is known by its new start');
select is(try.import(try.entry('b', '2026-12-05T12:00:00', jsonb_build_object('recurrence', try.moment('2026-12-04T20:00:00'), 'sequence', 0))), 'unchanged: an older version (SEQUENCE 0) than the one that is here (1)', '... and has a SEQUENCE of its own');
select is(try.import(try.entry('b', '2026-12-11T20:00:00', jsonb_build_object('recurrence', try.moment('2026-12-11T19:00:00', 'UTC'), 'sequence', 1, 'cancelled', true))), 'changed: cancelled', 'one is cancelled, told in UTC');
select is(try.import(try.entry('b', '2026-12-18T20:00:00', jsonb_build_object('recurrence', try.moment('2026-12-18'), 'sequence', 1, 'cancelled', true))), 'changed: cancelled', 'one is cancelled, told by its day');
select is(try.import(try.entry('b', '2026-12-25T20:00:00', jsonb_build_object('recurrence', try.moment('2026-12-25T20:00:00', null), 'sequence', 1, 'cancelled', true))), 'changed: cancelled', 'one is cancelled, told without a zone');
select is(try.import(try.series('b', '2026-11-27T20:00:00', more => '{"sequence": 1}')), 'unchanged', 'the series again');
select is(try.instances('b', 3), '27.11. 20:00, 05.12. 11:00, 01.01. 20:00', '... brings none of them back');
select is(try.import(try.entry('b', '2026-12-03T20:00:00', jsonb_build_object('recurrence', try.moment('2026-12-04T20:00:00'), 'sequence', 2)), try.series('b', '2026-11-27T20:00:00', jsonb_build_object('except', jsonb_build_array(try.moment('2026-12-04T20:00:00'))), '{"sequence": 2}')), 'changed: moved; changed', 'left out of the series and told of by itself: it takes place');
select is(try.import(try.series('b', '2026-11-27T20:00:00', jsonb_build_object('except', jsonb_build_array(try.moment('2026-12-04T20:00:00'), try.moment('2027-01-01'))), '{"sequence": 3}')), 'changed: 2 cancelled', 'left out and told of no more: it does not; an EXDATE may name the day alone');

-- A single event that begins to repeat, and a series that ceases to.
select is(try.import(try.entry('c', '2026-12-04T18:00:00')), 'new', 'a single event');
insert into event_participants (event_id, org_id, user_id) select id, org_id, try.user_id('Ada') from events where uid = 'c';
update event_participants set status = 'cancelled' where event_id not in (select id from events where uid = 'c');
select is(try.import(try.series('c', '2026-11-27T18:30:00', more => '{"sequence": 1}')), 'changed: repeats now: 52 new, 1 moved', 'begins to repeat');
select is(try.ada() || ', ' || try.instances('c', 2), '04.12. 18:30 Choir published r2, 27.11. 18:30, 04.12. 18:30', '... and is the instance of its day, with whoever had registered');
select is(try.import(try.entry('c', '2026-12-04T18:00:00')), 'unchanged: an older version (SEQUENCE 0) than the one that is here (1)', 'an older file');
select is(try.import(try.entry('c', '2026-12-04T18:00:00', '{"sequence": 2}')), 'changed: does not repeat any more: 52 cancelled', 'it ceases to repeat');
select is(try.ada() || ', ' || try.instances('c'), '04.12. 18:00 Choir published r3, 04.12. 18:00', '... and the one on its day is left');
select is(try.import(try.entry('c', '2026-12-04T18:00:00', '{"sequence": 2}')), 'unchanged', '... for good');
select is(try.import(try.series('c', '2026-11-27T18:30:00', more => '{"sequence": 3}')), 'changed: repeats now: 1 moved, 52 again', 'and repeats again');
select is(try.import(try.entry('c', more => '{"sequence": 4, "cancelled": true}')), 'changed: cancelled: 53 cancelled', 'cancelled as a whole, without the rule');
select is(try.import(try.entry('d', '2026-12-05T10:00:00', jsonb_build_object('recurrence', try.moment('2026-12-04T18:00:00')))), 'new', 'an instance of a series that nobody knows is an event');
select is(try.import(try.series('d')), 'new: 53 dates, to 26 November 2027', '... and the series, when it comes,');
select is(try.instances('d', 3), '27.11. 18:00, 05.12. 10:00, 11.12. 18:00', '... has it as its own');

-- Clocks that change.
select is(try.import(try.series('gap', '2027-03-20T02:30:00', more => '{"duration": {"seconds": 3600}}'), try.series('fold', '2027-10-24T02:30:00')), 'new: 36 dates, to 20 November 2027; new: 5 dates, to 21 November 2027', 'in the night of the change');
select is(try.instances('gap', 3), '20.03. 02:30, 27.03. 02:30, 03.04. 02:30', 'Saturdays know nothing of it');
select is(try.import(try.series('gap2', '2027-03-21T02:30:00')), 'new: 36 dates, to 21 November 2027', 'Sundays do');
select is(try.instances('gap2', 3), '21.03. 02:30, 28.03. 03:30, 04.04. 02:30', '... an hour that is left out is counted on from before it');
select is(try.instances('fold', 3, 'UTC'), '24.10. 00:30, 31.10. 00:30, 07.11. 01:30', '... one that comes twice is the first');
select is(try.import(try.series('day2', '2027-03-27', more => jsonb_build_object('starts', try.moment('2027-03-27', null), 'ends', try.moment('2027-03-29', null)) || '{"duration": null}', step => '7 days')), 'new: 35 dates, to 20 November 2027', 'whole weekends');
select results_eq($$select starts_at, ends_at, effective_end, timezone from events where uid = 'day2' order by starts_at limit 2$$, $$values
  ('2027-03-26 23:00+00'::timestamptz, '2027-03-28 22:00+00'::timestamptz, '2027-03-28 22:00+00'::timestamptz, 'Europe/Berlin'), ('2027-04-02 22:00+00', '2027-04-04 22:00+00', '2027-04-04 22:00+00', 'Europe/Berlin')$$, '... begin and end at midnight');

-- What a rule is not.
select is(try.import(try.entry('r', '2026-11-27T18:00:00', jsonb_build_object('repeats', jsonb_build_object('extra', jsonb_build_array(
  try.moment('2026-12-01T10:00:00'), try.moment('2026-12-02T09:00:00', 'UTC'), try.moment('2026-12-01T10:00:00'),
  try.moment('2028-12-03T10:00:00') || jsonb_build_object('ends', try.moment('2028-12-03T22:00:00')), try.moment('2026-12-05'))))), try.entry('s')), 'new: 5 dates, to 3 December 2028; new', 'RDATE alone: the start, and each once, however far ahead');
select is(try.instances('r', 9), '27.11. 18:00, 01.12. 10:00, 02.12. 10:00, 05.12. 18:00, 03.12. 10:00', '... local, in UTC, or a day');
select is((select ends_at - starts_at from events where uid = 'r' order by starts_at desc limit 1), '12:00', '... which may last otherwise');
select is(try.import(try.series('e', repeats => jsonb_build_object('except', jsonb_build_array(try.moment('2026-11-27T17:00:00', 'UTC'), try.moment('2026-12-04'), try.moment('2026-12-11T18:00:00', null), try.moment('2026-12-18T12:00:00', 'America/New_York'), try.moment('2026-12-25T18:00:00', 'Nowhere'))))), 'new: 48 dates, to 26 November 2027', 'EXDATE');
select is(try.instances('e', 1), '01.01. 18:00', '... in UTC, a day, without a zone, in another, in none that is known');
select is(try.import(try.series('u', repeats => jsonb_build_object('until', try.moment('2026-12-11', null)))), 'new: 3 dates, to 11 December 2026', 'UNTIL a day takes it in');
select is(try.import(try.series('v', '2026-11-27', jsonb_build_object('until', try.moment('2026-12-11T00:00:00', 'UTC')), '{"duration": null}')), 'new: 3 dates, to 11 December 2026', '... also for whole days, as midnight UTC');

-- One line too many.
select is(try.import(try.series('p'), try.series('p', '2026-11-28T18:00:00')), 'unchanged: the entry on line 2 is for the same event and is taken; new: 52 dates, to 20 November 2027', 'the same UID twice: the later');
select is(try.import(try.entry('q', more => '{"sequence": 2, "title": "First"}'), try.entry('q'), try.entry('q', more => '{"sequence": 2, "title": "Third"}')), 'unchanged: the entry on line 3 is for the same event and is taken; unchanged: the entry on line 3 is for the same event and is taken; new', '... or the higher SEQUENCE');

-- A series whose zone is gone stops nobody.
select try.clock('2026-12-20 18:00+00');
update event_series set zone = 'Mars/Olympus' where uid = 'b';
select is((select bool_or(id = (select id from event_series where uid = 'b')) from series_due(1000)), false, 'a series whose zone is gone is not due');
select is((select array_agg(timezone) from series_problems()), array['Mars/Olympus'], '... it is told of');
select is(extend_series((select id from event_series where uid = 'b'), '["2027-12-03T20:00:00"]', '2028-01-01T00:00:00'), 0, '... and not gone on with');
select is(extend_series((select id from event_series where uid = 'c'), '["2027-12-03T20:00:00"]', '2028-01-01T00:00:00'), 0, 'a cancelled one gets no more');

-- Asked about like any event.
select try.clock('2026-12-11 17:00+00');
select try.person('Bob');
insert into event_views (event_id, org_id, user_id) select id, org_id, try.user_id('Bob') from events where uid = 'd' and starts_at = '2026-12-11 17:00+00';
insert into event_views (event_id, org_id, user_id) select id, org_id, try.user_id('Bob') from events where uid = 'day2' and starts_at = '2027-04-02 22:00+00';
select try.clock('2026-12-11 19:30+00');
select advance_events();
select is(schedule_post_event_prompts(10), 1, 'R-A1, R-A4 an hour after an instance''s end');
select is(try.queued(), 'Bob 1', '... who viewed it is asked');
select try.clock('2027-04-05 06:59+00');
select advance_events();
delete from scheduled_notifications;
select is(schedule_post_event_prompts(10), 0, 'R-A4 about whole days not before 9 in the morning');
select try.clock('2027-04-05 07:00+00');
select is(schedule_post_event_prompts(10), 1, '... and then');

-- What one entry has wrong stops no other.
select is(try.import(e.entry, try.entry('beside' || n)), 'refused: ' || e.why || '; new', 'refused: ' || e.why) from (values
  (1, try.entry(repeat(chr(28450), 334)), 'its UID is too long'),
  (2, try.entry('long', '2027-05-01T10:00:00', jsonb_build_object('repeats', jsonb_build_object('rule', repeat('X', 1001), 'dates', '["2027-05-01T10:00:00"]'::jsonb))), 'its rule is too long'),
  (3, try.entry('period', '2027-05-01T10:00:00', jsonb_build_object('repeats', jsonb_build_object('extra', jsonb_build_array(try.moment('2027-05-08T10:00:00') || jsonb_build_object('ends', try.moment('2027-05-08T09:00:00')))))), 'one of its dates ends before it starts')
) e(n, entry, why);
select is(try.import(try.entry('link', '2027-05-01T10:00:00', '{"url": "HTTP://example.org/"}')), 'new', 'a link in capitals stops nothing');
select is((select url from events where uid = 'link'), null, '... and is not kept');
select * from finish();
