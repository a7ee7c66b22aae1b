-- R-A1 to R-A4: who is asked about an event, and when.
\ir fixture.sql
select plan(33);

select try.event('Talk', '2026-11-20 15:00+00');
select try.person('Ada'), try.person('Bob'), try.person('Cem'), try.person('Dee');
select try.viewed('Ada', 'Talk'), try.viewed('Bob', 'Talk'), try.registered('Bob', 'Talk'), try.registered('Cem', 'Talk');
select try.registered('Dee', 'Talk', 'cancelled');

select is((select effective_end from events), '2026-11-20 17:00+00', 'R-A1 without an end it ends two hours after the start');
select try.clock('2026-11-20 17:59:59+00');
select is(schedule_post_event_prompts(100), 0, 'R-A4 nothing is due a second before an hour after the end');
select try.clock('2026-11-20 18:00+00');
select is(schedule_post_event_prompts(100), 3, 'R-A4 an hour after the end it is');
select is(try.queued(), 'Ada 1, Bob 1, Cem 1', 'R-A2 viewers and participants are asked, once each');
select is(
  (select array_agg(notification_id order by user_id) from scheduled_notifications),
  (select array_agg(format('prompt-%s-%s-1-r1', try.event_id('Talk'), u.id) order by u.id) from users u where u.name <> 'Dee'),
  'R-T3 the notification id says which'
);
select is(
  (select array_agg(distinct array[scheduled_for, not_before, expires_at]::text) from scheduled_notifications),
  array[array['2026-11-20 18:00+00', '2026-11-20 18:00+00', '2026-12-04 17:00+00']::timestamptz[]::text],
  'R-A4 due an hour after the end, of no use 14 days after it'
);
select is(schedule_post_event_prompts(100), 0, 'R-A4 planned again, nothing is doubled');
select is(try.deliver(), 3, 'they go out');
select is(schedule_post_event_prompts(100) + try.deliver(), 0, 'R-A4 planned again after they went out, nothing is doubled');
delete from notification_log;
select is(schedule_post_event_prompts(100), 0, 'R-A4 nor when the log has been pruned');

-- The sweep was off.
create function try.again() returns void language sql as $$
  delete from scheduled_notifications; delete from notification_log; delete from notifications;
  delete from notification_pushes; delete from attendance; delete from event_notification_preferences;
  update events set status = 'published';
$$;
select try.again(), try.clock('2026-11-21 00:00+00');
select is(schedule_post_event_prompts(100), 3, 'R-A4 six hours off: everything due is planned');
select is(schedule_post_event_prompts(100), 0, 'R-A4 ... once');
select try.again(), try.clock('2026-11-23 18:00+00');
select is(schedule_post_event_prompts(100), 3, 'R-A4 three days off: everything due is planned');
select is(schedule_post_event_prompts(100), 0, 'R-A4 ... once');
select try.again(), try.clock('2026-12-04 16:59:59+00');
select is(schedule_post_event_prompts(100), 3, 'R-A4 a second before end + 14 days it is still planned');
select try.again(), try.clock('2026-12-04 17:00+00');
select is(schedule_post_event_prompts(100), 0, 'R-A4 at end + 14 days no more');

-- In chunks.
select try.again(), try.clock('2026-11-20 18:30+00');
select is(array[schedule_post_event_prompts(2), schedule_post_event_prompts(2), schedule_post_event_prompts(2)], array[2, 1, 0],
  'R-A4 in chunks of two: all of them, each once');
select try.again(), schedule_post_event_prompts(2), try.person('Abe'), try.viewed('Abe', 'Talk');
delete from scheduled_notifications where user_id = try.user_id('Ada');
select is(schedule_post_event_prompts(100), 3, 'R-A4 a round that goes on in the middle plans what is missing at its beginning too');

-- Audience settings.
select try.again();
delete from event_views where user_id = try.user_id('Abe');
update organizations set prompt_audience = 'viewers';
select schedule_post_event_prompts(100);
select is(try.queued(), 'Ada 1, Bob 1', 'R-A2 viewers only');
select try.again();
update organizations set prompt_audience = 'participants';
select schedule_post_event_prompts(100);
select is(try.queued(), 'Bob 1, Cem 1', 'R-A2 registered participants only');
update organizations set prompt_audience = 'viewers';
select is(try.deliver(), 1, 'R-A2 the audience is looked at again before sending');
select is(try.logged(), 'Bob sent, Cem skipped not_in_audience', 'R-A2 ... and the cause is kept');
update organizations set prompt_audience = 'both';

-- Not asked.
select try.again();
insert into event_notification_preferences (user_id, org_id, frequency) values (try.user_id('Ada'), :org, 'none');
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where name = 'Bob';
insert into attendance (user_id, event_id, org_id, status, responded_at)
values (try.user_id('Cem'), try.event_id('Talk'), :org, 'attended', app_now());
select is(schedule_post_event_prompts(100), 0, 'R-A3 not asked: frequency none, a suppressed address, an answer already there');
update attendance set status = 'unknown', responded_at = null;
update users set suppressed_at = null, suppressed_cause = null;
update event_notification_preferences set frequency = 'weekly';
select is(schedule_post_event_prompts(100), 3, 'R-A3 unknown is no answer, weekly is not none');
select try.again();
update event_participants set attendance_status = 'present' where user_id = try.user_id('Cem');
select is(schedule_post_event_prompts(100), 3, 'R-A3 someone the door recorded is asked all the same');
select try.again();
update events set status = 'draft';
select is(schedule_post_event_prompts(100), 0, 'R-A3 a draft is not asked about');
update events set status = 'cancelled';
select is(schedule_post_event_prompts(100), 0, 'R-A3 a cancelled event is not asked about');
select try.again();
update organizations set prompts_since = '2026-11-20 17:00:01+00';
select is(schedule_post_event_prompts(100), 0, 'R-A2 an event that ended before prompts were switched on is not asked about');
update organizations set prompts_since = null;
select is(schedule_post_event_prompts(100), 0, 'R-A2 prompts can be off');
update organizations set prompts_since = '2026-11-20 17:00+00';
select is(schedule_post_event_prompts(100), 3, 'R-A2 an event that ended just then is');

-- Long ago.
select try.again();
delete from events;
select try.event('Old', '2005-05-05 10:00+00');
select try.viewed('Ada', 'Old'), try.registered('Bob', 'Old');
select is(schedule_post_event_prompts(100), 0, 'R-A4 an event of 2005 is not asked about');

-- Someone's zone is not one.
select try.event('Walk', '2026-11-20 15:00+00'), try.viewed('Ada', 'Walk'), try.viewed('Bob', 'Walk');
update users set timezone = 'Mars/Olympus' where name = 'Ada';
select is(schedule_post_event_prompts(100), 2, 'an unknown zone stops nobody''s prompt, not even that person''s');
select results_eq('select user_id, timezone from zone_problems()', $$values (try.user_id('Ada'), 'Mars/Olympus')$$, 'the unknown zone is reported');

select * from finish();
