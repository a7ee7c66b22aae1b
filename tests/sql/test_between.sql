-- R-F1, R-A3, R-A4, R-A7, R-G2: what happens between planning and sending,
-- to either prompt. R-F7: and the nights on which clocks change.
\ir fixture.sql
select plan(50);

select try.person('Ada'), try.person('Bob');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk');

-- A dry run shows what is planned then.
create temporary table shown as select * from planned_prompts(100);
select is((select count(*)::int from scheduled_notifications), 0, 'a dry run plans nothing');
select is(schedule_post_event_prompts(100), 2, 'prompt 1 is planned for both');
select is_empty('select notification_id, user_id, event_id, prompt_number, scheduled_for, not_before, cause from shown
  except select notification_id, user_id, event_id, prompt_number, scheduled_for, not_before, cause from scheduled_notifications', 'R-F5 just what a dry run has shown');
select is((select count(*)::int from shown), 2, '... and all of it');
select is((select count(*)::int from planned_prompts(100)), 0, 'once planned, it is not shown again');

-- For Ada something happens, for Bob it does not. First while her prompt
-- waits, then while it is on its way; all of it is taken back afterwards.
create function try.happens(number int, change text, on_its_way boolean) returns text language plpgsql as $$
declare
  answer text;
  claimed scheduled_notifications;
begin
  if number = 2 then
    perform try.deliver();
    perform schedule_second_prompts(100);
    perform try.clock('2026-11-21 08:00+00');
  end if;
  update scheduled_notifications q set not_before = not_before + interval '1 second' where user_id <> try.user_id('Ada');
  if on_its_way then
    perform claim_notifications(1);
  end if;
  execute change;
  perform cancel_moved_prompts(), expire_notifications(100);
  if on_its_way then
    select * into claimed from scheduled_notifications q where user_id = try.user_id('Ada') and prompt_number = number;
    if (select p.outcome from prepare_notification(claimed.id, claimed.lease_id) p) = 'send' then
      perform record_sent(claimed.id, claimed.lease_id, 250, 1);
    end if;
  end if;
  perform try.clock(app_now() + interval '1 second');
  perform try.deliver();
  select string_agg(concat_ws(' ', u.name, l.state, l.cause), ', ' order by u.name) into answer
  from notification_log l join users u on u.id = l.user_id where l.prompt_number = number;
  raise exception using errcode = 'TR001', message = answer;
exception when sqlstate 'TR001' then
  return sqlerrm;
end
$$;
\set first '(select id from notifications where user_id = try.user_id(''Ada'') and prompt_number = 1)'
select is(
  try.happens(p.number, c.change, w.on_its_way),
  case when w.on_its_way then c.found else c.taken_back end,
  format('R-F1 prompt %s, %s %s', p.number, c.what, case when w.on_its_way then 'on its way' else 'while it waits' end)
) from (values
  ('nothing', 'select 1', 'Ada sent, Bob sent', 'Ada sent, Bob sent'),
  ('answered', 'select record_attendance(try.user_id(''Ada''), id, ''attended'', null) from events', 'Ada cancelled answered, Bob sent', 'Ada skipped answered, Bob sent'),
  ('unsubscribed', 'insert into event_notification_preferences (user_id, org_id) select try.user_id(''Ada''), id from organizations on conflict do nothing;
    select unsubscribe(id, 1) from event_notification_preferences where user_id = try.user_id(''Ada'')', 'Ada cancelled unsubscribed, Bob sent', 'Ada skipped unsubscribed, Bob sent'),
  ('moved', 'update events set starts_at = ''2026-11-22 15:00+00'', ends_at = ''2026-11-22 17:00+00''', 'Ada cancelled moved, Bob cancelled moved', 'Ada cancelled moved, Bob cancelled moved'),
  ('event cancelled', 'update events set status = ''cancelled''', 'Ada cancelled event_cancelled, Bob cancelled event_cancelled', 'Ada cancelled event_cancelled, Bob cancelled event_cancelled'),
  ('event deleted', 'update events set deleted_at = app_now()', 'Ada cancelled event_cancelled, Bob cancelled event_cancelled', 'Ada cancelled event_cancelled, Bob cancelled event_cancelled'),
  ('address suppressed', 'select suppress_address(try.user_id(''Ada''), ''5.1.1'')', 'Ada skipped suppressed, Bob sent', 'Ada skipped suppressed, Bob sent'),
  ('withdrawn', 'update event_participants set status = ''cancelled'' where user_id = try.user_id(''Ada'')', 'Ada skipped not_in_audience, Bob sent', 'Ada skipped not_in_audience, Bob sent'),
  ('too late', 'select try.clock(''2026-12-04 17:00+00''); update scheduled_notifications set lease_until = null where user_id <> try.user_id(''Ada''); update scheduled_notifications set lease_until = app_now() + interval ''1 minute'' where lease_id is not null; select expire_notifications(10)',
    'Ada expired too_late, Bob expired too_late', 'Ada expired too_late, Bob expired too_late')
) c(what, change, taken_back, found)
cross join (values (1), (2)) p(number)
cross join (values (false), (true)) w(on_its_way);
-- Of the second alone.
select is(try.happens(2, c.change, false), c.became, 'R-A5 prompt 2, ' || c.what) from (values
  ('switched off while it waits', 'update organizations set second_prompt = ''off''', 'Ada skipped second_prompt_off, Bob skipped second_prompt_off'),
  ('registered no more, but a viewer', 'update event_participants set status = ''cancelled'' where user_id = try.user_id(''Ada''); select try.viewed(''Ada'', ''Talk'')', 'Ada skipped not_registered, Bob sent'),
  ('snoozed, then answered', 'select snooze_attendance_prompt(user_id, id) from notifications where user_id = try.user_id(''Ada''); select record_attendance(try.user_id(''Ada''), id, ''attended'', null) from events', 'Ada cancelled answered, Bob sent')
) c(what, change, became);

-- The nights on which clocks change.
update users set quiet = true, timezone = 'Europe/Berlin' where name = 'Ada';
update users set timezone = 'America/New_York' where name = 'Bob';
delete from events;
create function try.night(title text, ends timestamptz) returns text language plpgsql as $$
begin
  perform try.clock(ends + interval '1 hour'), try.event(title, ends - interval '1 hour', ends), try.registered('Ada', title);
  perform schedule_post_event_prompts(10), try.deliver();
  return (select concat_ws(' ', q.not_before, q.cause) from scheduled_notifications q);
end
$$;
select is(try.night('to summer', '2027-03-27 22:30+00'), '2027-03-28 06:00:00+00 quiet_hours', 'R-F7 held in the night to summer');
select try.clock('2027-03-28 05:59:59+00');
select is(try.deliver(), 0, 'R-F7 a second before 08:00 summer time it is held');
select try.clock('2027-03-28 06:00+00');
select is(try.deliver(), 1, 'R-F7 released at 08:00');
select is(try.night('to winter', '2027-10-30 22:30+00'), '2027-10-31 07:00:00+00 quiet_hours', 'R-F7 held in the night to winter');
select try.clock('2027-10-31 06:59:59+00');
select is(try.deliver(), 0, 'R-F7 a second before 08:00 winter time it is held');
select try.clock('2027-10-31 07:00+00');
select is(try.deliver(), 1, 'R-F7 released at 08:00');
select * from finish();
