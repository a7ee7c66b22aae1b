-- R-F7, R-A4: quiet hours, whole days, and the nights on which clocks change.
\ir fixture.sql
select plan(33);

-- 21:00 to 08:00 by default.
select results_eq(
  $$select t::text, to_char(quiet_until(t::timestamp at time zone 'Europe/Berlin', 'Europe/Berlin', '21:00', '08:00') at time zone 'Europe/Berlin', 'DD HH24:MI')
    from unnest(array['2026-11-20 20:59:59', '2026-11-20 21:00:00', '2026-11-20 23:59:59', '2026-11-21 00:00:00', '2026-11-21 07:59:59', '2026-11-21 08:00:00']) t$$,
  $$values ('2026-11-20 20:59:59', '20 20:59'), ('2026-11-20 21:00:00', '21 08:00'), ('2026-11-20 23:59:59', '21 08:00'),
    ('2026-11-21 00:00:00', '21 08:00'), ('2026-11-21 07:59:59', '21 08:00'), ('2026-11-21 08:00:00', '21 08:00')$$,
  'R-F7 quiet from 21:00 until 08:00, to the second');
select is(quiet_until('2026-11-20 13:30+00', 'UTC', '13:00', '14:00'), '2026-11-20 14:00+00', 'R-F7 hours within a day');
select is(quiet_until('2026-11-20 14:30+00', 'UTC', '13:00', '14:00'), '2026-11-20 14:30+00', 'R-F7 ... and outside them');
select is(quiet_until('2026-11-20 03:00+00', 'UTC', '08:00', '08:00'), '2026-11-20 03:00+00', 'R-F7 equal hours are none');

-- Both nights, in zones on either side of the sea.
select is(
  quiet_until(n.at, n.zone, '21:00', '08:00'), n.morning,
  format('R-F7 %s: %s is held until 08:00 local', n.zone, n.at)
) from (values
  ('Europe/Berlin', '2026-10-24 21:30+02'::timestamptz, '2026-10-25 08:00+01'::timestamptz),
  ('Europe/Berlin', '2026-10-25 02:30+02', '2026-10-25 08:00+01'),
  ('Europe/Berlin', '2026-10-25 02:30+01', '2026-10-25 08:00+01'),
  ('Europe/Berlin', '2027-03-27 22:00+01', '2027-03-28 08:00+02'),
  ('Europe/Berlin', '2027-03-28 03:00+02', '2027-03-28 08:00+02'),
  ('America/New_York', '2026-10-31 23:00-04', '2026-11-01 08:00-05'),
  ('America/New_York', '2027-03-13 23:00-05', '2027-03-14 08:00-04'),
  ('Australia/Lord_Howe', '2026-10-03 22:00+10:30', '2026-10-04 08:00+11')
) as n(zone, at, morning);

-- Held when planned, released at 08:00.
update users set quiet = true;
select try.person('Ada', 'Europe/Berlin'), try.person('Bob', 'America/New_York'), try.person('Cem', 'Europe/Berlin');
update users set quiet = true where name in ('Ada', 'Bob');
select try.event('Ball', '2026-10-24 17:00+00', '2026-10-24 20:00+00');
select try.viewed('Ada', 'Ball'), try.viewed('Bob', 'Ball'), try.viewed('Cem', 'Ball'), try.clock('2026-10-24 21:00+00');
select is(schedule_post_event_prompts(10), 3, 'all three are planned');
select is((select not_before::text || ' ' || cause from scheduled_notifications where user_id = try.user_id('Ada')), '2026-10-25 07:00:00+00 quiet_hours', 'R-F7 held at planning, the cause kept: 08:00 local after the clocks went back');
select is((select count(*)::int from scheduled_notifications where cause is null and not_before = '2026-10-24 21:00+00'), 2, 'R-F7 not for whom it is afternoon, nor for whom it is switched off');
select is(try.deliver(), 2, 'R-F7 those two go out');
select try.clock('2026-10-25 06:59:59+00');
select is(try.deliver(), 0, 'R-F7 held a second before 08:00');
select try.clock('2026-10-25 07:00+00');
select is(try.deliver(), 1, 'R-F7 released at 08:00');

-- Held again when the moment of sending is a quiet one.
select try.event('Walk', '2026-10-25 12:00+00', '2026-10-25 16:00+00'), try.viewed('Ada', 'Walk');
select try.clock('2026-10-25 17:00+00'), schedule_post_event_prompts(10), try.clock('2026-10-25 20:00+00');
select is((select p.outcome || ' ' || p.cause from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p), 'hold quiet_hours', 'R-F7 looked at again just before sending');
select is((select row(not_before, cause, lease_id, lease_until, retry_count)::text from scheduled_notifications),
  row('2026-10-26 07:00+00'::timestamptz, 'quiet_hours', null, null, 0)::text, 'R-F7 held until the morning, no attempt counted');
select is((select count(*)::int from claim_notifications(1)), 0, 'and nobody claims it meanwhile');
select try.clock('2026-10-26 07:00+00');
select is(try.deliver(), 1, 'then it goes');

-- Account mail passes.
update users set quiet = true;
select try.clock('2026-11-20 23:00+00');
select sign_in_ask('ada@example.org', decode(repeat('01', 32), 'hex'));
select is(try.deliver(), 1, 'R-F7 a sign-in link passes the quiet hours');

-- Whole days: 20 and 21 November in Berlin end at midnight there, 23:00 UTC.
delete from events;
update users set quiet = false;
insert into events (org_id, title, starts_at, ends_at, all_day, timezone, status)
values (:org, 'Camp', '2026-11-19 23:00+00', '2026-11-21 23:00+00', true, 'Europe/Berlin', 'published');
select try.person('Tok', 'Asia/Tokyo'), try.person('Ny', 'America/New_York'), try.person('Kir', 'Pacific/Kiritimati'), try.person('Mars', 'Mars/Olympus'), try.person('None');
select try.viewed(n, 'Camp') from unnest(array['Ada', 'Tok', 'Ny', 'Kir', 'Mars', 'None']) n;
select is(prompt_due('2026-11-21 23:00+00', true, z.zone), z.due, format('R-A4 whole days: asked at 09:00 in %s', z.zone))
from (values
  ('Europe/Berlin', '2026-11-22 09:00+01'::timestamptz),
  ('Asia/Tokyo', '2026-11-22 09:00+09'),
  ('America/New_York', '2026-11-22 09:00-05'),
  ('Pacific/Kiritimati', '2026-11-23 09:00+14')
) z(zone, due);
select try.clock('2026-11-22 08:00+00'), schedule_post_event_prompts(10);
select is(try.queued(), 'Ada 1, None 1, Tok 1', 'R-A4 each at their own 09:00, the organisation''s zone for who has none');
select try.clock('2026-11-22 09:00+00'), schedule_post_event_prompts(10);
select is(try.queued(), 'Ada 1, Mars 1, None 1, Tok 1', 'R-O1 UTC for whom the zone is not known');
select try.clock('2026-11-23 09:00+00'), schedule_post_event_prompts(10);
select is(try.queued(), 'Ada 1, Kir 1, Mars 1, None 1, Ny 1, Tok 1', 'R-A4 in the end everybody');
select is(
  (select count(*)::int from timezones z where (prompt_due('2026-11-21 23:00+00', true, z.name) at time zone z.name)::time <> '09:00'),
  0, 'R-A4 09:00 in every zone there is');
insert into events (org_id, title, starts_at, all_day, status) values (:org, 'Day', '2026-11-19 23:00+00', true, 'published');
select is((select effective_end from events where title = 'Day'), '2026-11-20 23:00+00', 'R-A1 a whole day without an end ends with its day');

-- How it is said.
select is(say_event_start('2026-11-19 23:00+00', true, 'Europe/Berlin', 'America/New_York'), 'Friday 20 November 2026', 'whole days are named by the event''s zone');
select * from finish();
