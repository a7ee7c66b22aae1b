-- R-A12, R-F7: several questions in one mail, for who wants it so, and nothing
-- both ways.
\ir fixture.sql
select plan(180);

-- One run of the planner, as the sweep makes it.
create function try.plan() returns void language sql
  as $$
    select cancel_moved_prompts();
    select expire_notifications(100);
    select schedule_post_event_prompts(100);
    select schedule_second_prompts(100);
    select schedule_digests(100);
    select settle_unanswered(100);
  $$;
-- One run of the sweep: each message that leaves, with its lines.
create function try.sweep() returns text language plpgsql as $$
declare
  c record;
  p record;
  said text[] := '{}';
begin
  perform try.plan();
  for c in select * from claim_notifications(1000) order by notification_id loop
    select * into p from prepare_notification(c.id, c.lease_id);
    if p.outcome = 'send' then
      said := said || concat_ws(' ', p.name, c.kind,
        coalesce(
          (select string_agg(l ->> 'event_title' || case when (l ->> 'is_last')::boolean then '!' else '' end, '+' order by n) from jsonb_array_elements(p.data -> 'lines') with ordinality l(l, n)),
          p.data ->> 'event_title' || case when (p.data ->> 'is_last')::boolean then '!' else '' end
        ));
      perform record_sent(c.id, c.lease_id, 250, 1);
    end if;
  end loop;
  return array_to_string(said, ', ');
end
$$;
create function try.wants(name text, frequency text, org text default 'org') returns void language sql
  as $$
    insert into event_notification_preferences (user_id, org_id, frequency)
    select try.user_id(wants.name), o.id, wants.frequency from organizations o where o.slug = wants.org
    on conflict (user_id, org_id) do update set frequency = excluded.frequency
  $$;
-- What waits: who, for what, as what and from when, where they are.
create function try.waiting() returns text language sql stable
  as $$
    select coalesce(string_agg(concat_ws(' ', u.name, coalesce(e.title || ' ' || q.prompt_number, q.kind), case q.urgency when 4 then 'line' when 5 then 'in' else 'self' end,
      q.cause, to_char(q.not_before at time zone safe_zone(coalesce(u.timezone, o.timezone)), 'Dy DD HH24:MI')), ', ' order by u.name, q.kind desc, e.title, q.prompt_number), '')
    from scheduled_notifications q join users u on u.id = q.user_id join organizations o on o.id = q.org_id left join events e on e.id = q.event_id
  $$;
-- The world as it was, whatever the statements did to it.
create function try.would(variadic statements text[]) returns text language plpgsql as $$
declare
  statement text;
  answer text;
begin
  foreach statement in array statements loop
    if statement like 'select%' then execute statement into answer; else execute statement; end if;
  end loop;
  raise exception using errcode = 'TR001', message = coalesce(answer, '(null)');
exception when others then
  return sqlerrm;
end
$$;

-- They were registered for what ended at 16:00 on 4 December, a Saturday.
create function try.late(name text, frequency text) returns void language plpgsql as $$
begin
  if not exists (select from events where title = 'First') then
    delete from scheduled_notifications; delete from notification_log; delete from notification_pushes; delete from notifications; delete from attendance; delete from events; delete from event_notification_preferences;
    perform try.clock('2027-12-01 00:00+00'), try.event('First', '2027-12-04 15:00+00', '2027-12-04 16:00+00');
  end if;
  perform try.registered(late.name, 'First');
  if late.frequency <> 'all' then perform try.wants(late.name, late.frequency); end if;
end
$$;

-- The hour, over every change of the clocks.
select is(
  digest_time(f.frequency, w.at at time zone z.zone, z.zone) at time zone z.zone,
  case f.frequency when 'daily' then w.daily else w.weekly end,
  format('R-A12 %s after %s in %s', f.frequency, w.at, z.zone)
)
from (values
  ('2026-11-20 18:00'::timestamp, '2026-11-21 09:00'::timestamp, '2026-11-23 09:00'::timestamp),
  ('2026-11-23 09:00', '2026-11-23 09:00', '2026-11-23 09:00'),
  ('2026-11-23 09:00:01', '2026-11-24 09:00', '2026-11-30 09:00'),
  ('2026-11-22 23:59', '2026-11-23 09:00', '2026-11-23 09:00'),
  ('2026-11-23 00:00', '2026-11-23 09:00', '2026-11-23 09:00')
) w(at, daily, weekly)
cross join unnest(array['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland']) as z(zone)
cross join (values ('daily'), ('weekly')) f(frequency);
select unnest(array[
  is(array_agg(distinct to_char(d.at at time zone z.zone, 'Dy HH24:MI')), array['Mon 09:00'], format('R-A12 weekly is Monday nine all year in %s', z.zone)),
  ok(count(distinct d.at) in (52, 53), format('... once a week in %s', z.zone))
])
from unnest(array['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Tehran', 'Pacific/Apia', 'Africa/Casablanca', 'UTC']) as z(zone)
cross join generate_series('2026-01-05 00:00+00'::timestamptz, '2027-01-03 00:00+00', '5 hours') h
cross join lateral digest_time('weekly', h, z.zone) as d(at)
where d.at >= '2026-01-05 00:00+00' and d.at < '2027-01-05 00:00+00'
group by z.zone;
select unnest(array[
  is(array_agg(distinct to_char(d.at at time zone z.zone, 'HH24:MI')), array['09:00'], format('R-A12 daily is nine all year in %s', z.zone)),
  ok(bool_and(d.at >= h and d.at - h <= interval '25 hours'), format('... never more than a day away in %s', z.zone))
])
from unnest(array['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tehran', 'Africa/Casablanca']) as z(zone)
cross join generate_series('2026-01-05 00:00+00'::timestamptz, '2027-01-03 00:00+00', '5 hours') h
cross join lateral digest_time('daily', h, z.zone) as d(at)
group by z.zone;

-- A day.
select try.person('Ada'), try.person('Bob', 'America/New_York'), try.person('Cem'), try.person('Dee');
select try.wants('Ada', 'daily'), try.wants('Bob', 'weekly');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 16:00+00'), try.event('Walk', '2026-11-20 15:00+00', '2026-11-20 16:30+00'), try.event('Late', '2026-11-20 15:00+00', '2026-11-21 06:00+00');
select try.registered(n, e) from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n, unnest(array['Talk', 'Walk', 'Late']) e;
select is((select string_agg(concat_ws(' ', user_id, to_char(not_before, 'DD HH24:MI'), cause), ', ' order by user_id, event_id) from planned_prompts(100) where user_id in (try.user_id('Ada'), try.user_id('Bob')) and event_id = try.event_id('Talk')),
  format('%s 21 08:00 digest, %s 23 14:00 digest', try.user_id('Ada'), try.user_id('Bob')), 'a dry run shows what waits for which digest');
select is(try.sweep(), 'Cem attendance_prompt Talk, Dee attendance_prompt Talk, Cem attendance_prompt Walk, Dee attendance_prompt Walk', 'R-A12 all is at once');
select is(try.waiting(), 'Ada Talk 1 line digest Sat 21 09:00, Ada Walk 1 line digest Sat 21 09:00, Bob Talk 1 line digest Mon 23 09:00, Bob Walk 1 line digest Mon 23 09:00', 'R-A12 daily waits for nine, weekly for Monday, where they are');
select is((select array_agg(state) from notification_log where user_id = try.user_id('Ada')), null, 'R-A12 nothing has left meanwhile');
-- The others are asked once.
update notifications set follow_up_from = null;
select try.clock('2026-11-21 07:59+00');
select is(try.sweep(), 'Cem attendance_prompt Late, Dee attendance_prompt Late', 'R-A12 not before nine');
update notifications set follow_up_from = null;
select try.clock('2026-11-21 08:00+00');
select is((select string_agg(concat_ws(' ', notification_id, to_char(not_before, 'DD HH24:MI')), ', ') from planned_prompts(100) where event_id is null),
  format('digest-%s-%s-20261121 21 08:00', :org, try.user_id('Ada')), 'a dry run shows the digest');
select is((select count(*)::int from due_notifications(100)), 0, '... and no line as a message');
select is(try.sweep(), 'Ada digest Talk+Walk+Late', 'R-A12 at nine: one mail, a line an event');
select is(try.logged(), 'Ada sent in_digest, Ada sent in_digest, Ada sent in_digest, Ada sent, Cem sent, Cem sent, Cem sent, Dee sent, Dee sent, Dee sent', 'R-F5 the log has each line and the mail');
select is((select count(*)::int from notification_pushes p where p.payload ->> 'user_id' = try.user_id('Ada')::text), 4, 'R-T4 and so has the ledger');
select is((select string_agg(concat_ws(' ', e.title, n.prompt_number, n.type), ', ' order by n.id) from notifications n join events e on e.id = n.event_id where n.user_id = try.user_id('Ada')),
  'Talk 1 attendance_prompt, Walk 1 attendance_prompt, Late 1 attendance_prompt', 'R-A12 each line is a prompt of its own');
select is(try.sweep(), '', 'R-A12 once');
select is((select looked_at || ' ' || planned from schedule_digests(100)), '0 0', 'R-A12 nothing is gathered again');

-- A second time: a line of the next one.
select is((select string_agg(concat_ws(' ', e.title, q.prompt_number, q.notify_type, to_char(q.not_before, 'DD HH24:MI'), q.cause), ', ' order by q.id) from scheduled_notifications q join events e on e.id = q.event_id where q.user_id = try.user_id('Ada')),
  'Talk 2 automatic 22 08:00 digest, Walk 2 automatic 22 08:00 digest, Late 2 automatic 22 08:00 digest', 'R-A12 prompt 2 waits for the next digest');
select try.event('Swim', '2026-11-21 15:00+00', '2026-11-21 16:00+00');
select try.registered('Ada', 'Swim');
select record_attendance(try.user_id('Ada'), try.event_id('Walk'), 'attended', null);
select is((select snooze_attendance_prompt(user_id, id) from notifications where user_id = try.user_id('Ada') and event_id = try.event_id('Late')), '2026-11-22 08:00+00', 'R-A5 a line can be snoozed');
select is((select concat_ws(' ', notify_type, urgency, cause) from scheduled_notifications where user_id = try.user_id('Ada') and event_id = try.event_id('Late')), 'snooze 3', '... and is a line no more');
select try.clock('2026-11-22 08:00+00');
select is(try.sweep(), 'Ada digest Talk!+Swim, Ada attendance_prompt Late!', 'R-A12 prompt 2 is a line; R-A5 what was snoozed is a mail of its own; R-A7 answered is asked no more');
select is((select string_agg(concat_ws(' ', e.title, n.prompt_number, to_char(n.unknown_at, 'DD HH24:MI')), ', ' order by e.title, n.prompt_number) from notifications n join events e on e.id = n.event_id where n.user_id = try.user_id('Ada') and e.title in ('Talk', 'Late', 'Swim')),
  'Late 1 05 06:00, Late 2 23 08:00, Swim 1 05 16:00, Talk 1 04 16:00, Talk 2 23 08:00', 'R-A6 a day after the second, or at the end of the time');
select try.clock('2026-11-23 08:00+00');
select is(try.sweep(), 'Ada digest Swim!', 'R-A12 never a third');
select is((select string_agg(e.title || ' ' || a.status, ', ' order by e.title) from attendance a join events e on e.id = a.event_id where a.user_id = try.user_id('Ada')), 'Late unknown, Talk unknown, Walk attended', 'R-A6 unanswered becomes unknown, after a line too');
select try.clock('2026-11-23 13:59+00');
select is(try.sweep(), '', 'R-A12 weekly: not before Monday nine in New York');
select try.clock('2026-11-23 14:00+00');
select is(try.sweep(), 'Bob digest Talk+Walk+Late', 'R-A12 then one');
select try.clock('2026-11-30 14:00+00');
select is(try.sweep(), 'Bob digest Talk!+Walk!+Late!', 'R-A12 and prompt 2 on the next Monday');
select try.clock('2026-12-01 14:00+00');
select is(try.sweep(), '', 'R-A12 no digest without a line');
select is((select string_agg(e.title || ' ' || a.status, ', ' order by e.title) from attendance a join events e on e.id = a.event_id where a.user_id = try.user_id('Bob')), 'Late unknown, Talk unknown, Walk unknown', 'R-A6 weekly as well');

-- What becomes of lines meanwhile.
select try.clock('2027-01-15 18:00+00');
delete from scheduled_notifications; delete from notification_log; delete from notification_pushes; delete from notifications; delete from attendance; delete from events; delete from event_notification_preferences;
select try.event('Run', '2027-01-15 15:00+00', '2027-01-15 16:00+00'), try.event('Sail', '2027-01-15 15:00+00', '2027-01-15 16:00+00');
select try.registered('Ada', 'Run'), try.registered('Ada', 'Sail'), try.wants('Ada', 'daily');
select try.plan();
create function try.next_day(change text) returns text language plpgsql as $$
declare
  said text;
begin
  execute change;
  update test_clock set at = '2027-01-16 08:00+00';
  said := try.sweep();
  return concat_ws(' | ', nullif(said, ''), nullif(try.logged(), ''), nullif(try.waiting(), ''));
end
$$;
select is(try.would(format('select try.next_day(%L)', w.change)), w.said, w.rule) from (values
  ('select 1', 'Ada digest Run+Sail | Ada sent in_digest, Ada sent in_digest, Ada sent', 'R-A12 both'),
  ('update events set status = ''cancelled'' where title = ''Run''', 'Ada digest Sail | Ada cancelled event_cancelled, Ada sent in_digest, Ada sent', 'R-A12 an event cancelled meanwhile is left out'),
  ('update events set status = ''cancelled''', 'Ada cancelled event_cancelled, Ada cancelled event_cancelled', 'R-A12 all cancelled: no digest'),
  ('select record_attendance(try.user_id(''Ada''), id, ''partial'', null) from events', 'Ada cancelled answered, Ada cancelled answered', 'R-A7 all answered: no digest'),
  ('update events set ends_at = ''2027-01-18 12:00+00''', 'Ada cancelled moved, Ada cancelled moved', 'R-A4 all moved: no digest'),
  ('update events set deleted_at = app_now()', 'Ada cancelled event_cancelled, Ada cancelled event_cancelled, Ada skipped nothing_to_ask', 'all deleted: a digest that finds nothing to ask'),
  ('update users set suppressed_at = app_now(), suppressed_cause = ''x''', 'Ada skipped suppressed, Ada skipped suppressed, Ada skipped suppressed', 'R-A3 an address that does not exist'),
  ('update organizations set prompts_since = null', 'Ada skipped prompts_off, Ada skipped prompts_off, Ada skipped nothing_to_ask', 'R-A2 prompts that are off'),
  ('update event_participants set status = ''cancelled'' where event_id = try.event_id(''Run'')', 'Ada digest Sail | Ada skipped not_in_audience, Ada sent in_digest, Ada sent', 'R-A2 who withdrew is not asked'),
  ('select try.wants(''Ada'', ''none'')', 'Ada skipped unsubscribed, Ada skipped unsubscribed, Ada skipped unsubscribed', 'R-A12 none, however it was set'),
  ('insert into event_notification_preferences (user_id, org_id) values (try.user_id(''Ada''), 0) on conflict do nothing', 'insert or update on table "event_notification_preferences" violates foreign key constraint "event_notification_preferences_org_id_fkey"', 'the frame tells of errors')
) w(change, said, rule);
select is((select concat_ws(' ', c.outcome, c.cause) from (select 1) x left join lateral (
  select d.outcome, d.cause from due_notifications(10) d) c on true), '', 'nothing is due at night');

-- One click.
select is(try.would(format('select unsubscribe(%s, 1)', (select id from event_notification_preferences)), 'select try.waiting() || ''| '' || try.logged()'), '| Ada cancelled unsubscribed, Ada cancelled unsubscribed', 'R-G2 the stop link takes the lines back');
select is(try.would('select try.clock(''2027-01-16 08:00+00'')', 'select try.plan()', format('select unsubscribe(%s, 1)', (select id from event_notification_preferences)), 'select try.waiting() || ''| '' || try.logged()'),
  '| Ada cancelled unsubscribed, Ada cancelled unsubscribed, Ada cancelled unsubscribed', 'R-G2 ... and the digest');
select is(try.would('select try.clock(''2027-01-16 08:00+00'')', 'select try.plan()', 'select concat_ws('' '', p.preference_id = f.id, p.preference_generation = f.generation, p.template, p.expires_at) from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p, event_notification_preferences f'),
  't t mail_digest 2027-01-29 16:00:00+00', 'R-F7 the same stop link as a prompt has; it expires with its last line');

select is(try.would('select try.clock(''2027-01-16 08:00+00'')', 'select try.plan()', format('select unsubscribe(%s, 1)', (select id from event_notification_preferences)), 'select try.wants(''Ada'', ''daily'')', 'select try.sweep()'),
  'Ada digest Run+Sail', 'R-A12 one that was taken back is not the day''s');

-- A second time, in a digest that has not left.
select is(try.would('select try.sweep()', 'select try.clock(''2027-01-16 08:00+00'')', 'select try.sweep()', 'select try.plan()', 'select try.clock(''2027-01-17 08:00+00'')', 'select try.plan()',
  'select snooze_attendance_prompt(user_id, id) from notifications where event_id = try.event_id(''Run'') and prompt_number = 1', 'select try.sweep()'),
  'Ada digest Sail!', 'R-A5 who snoozes then has it out of the digest');
select is(try.would('select try.wants(''Ada'', ''weekly'')', 'select try.clock(''2027-01-28 12:00+00'')',
  'insert into notifications (user_id, org_id, event_id, type, prompt_number, title, follow_up_from) select try.user_id(''Ada''), org_id, id, ''attendance_prompt'', 1, ''Run'', app_now() from events where title = ''Run''',
  'select planned from schedule_second_prompts(10)'), '0', 'R-A4 no second one that the digest would bring after 14 days');

-- Switching with prompts that wait.
create function try.switch(frequency text, at timestamptz) returns text language plpgsql as $$
begin
  perform try.wants('Ada', frequency);
  update test_clock t set at = $2;
  return try.sweep();
end
$$;
select is(try.would('select try.wants(''Ada'', ''weekly'')', 'select try.waiting()'), 'Ada Run 1 line digest Mon 18 09:00, Ada Sail 1 line digest Mon 18 09:00', 'R-A12 daily to weekly: they wait for Monday');
select is(try.would('select try.wants(''Ada'', ''all'')', 'select try.waiting()'), 'Ada Run 1 self Fri 15 18:00, Ada Sail 1 self Fri 15 18:00', 'R-A12 daily to all: they go by themselves');
select is(try.would('select try.switch(''all'', ''2027-01-15 18:00+00'')'), 'Ada attendance_prompt Run, Ada attendance_prompt Sail', '... at once');
select is(try.would('select try.switch(''all'', ''2027-01-15 18:00+00'')', 'select try.switch(''daily'', ''2027-01-16 08:00+00'')'), 'Ada digest Run!+Sail!', '... and not in a digest again');
update users set quiet = true, quiet_from = '18:00', quiet_to = '10:00';
select is(try.would('select try.wants(''Ada'', ''all'')', 'select try.waiting()'), 'Ada Run 1 self quiet_hours Sat 16 10:00, Ada Sail 1 self quiet_hours Sat 16 10:00', 'R-F7 ... when quiet hours are over');
select is(try.would('select try.next_day(''select 1'')'), 'Ada digest self quiet_hours Sat 16 10:00, Ada Run 1 in digest Sat 16 09:00, Ada Sail 1 in digest Sat 16 09:00', 'R-F7 quiet hours hold a digest');
select is(try.would('select try.next_day(''select 1'')', 'select try.wants(''Ada'', ''all'')', 'select try.clock(''2027-01-16 09:00+00'')', 'create table try.said as select try.sweep() as said', 'select said || '' | '' || try.logged() from try.said'),
  'Ada attendance_prompt Run, Ada attendance_prompt Sail | Ada sent, Ada sent, Ada skipped nothing_to_ask', 'R-A12 out of a digest that has not set out: by themselves, and the digest is not sent');
update users set quiet = false;
update scheduled_notifications set urgency = 3, not_before = scheduled_for, cause = null;
update event_notification_preferences set frequency = 'all';
select is(try.would('select try.wants(''Ada'', ''daily'')', 'select try.waiting()'), 'Ada Run 1 line digest Sat 16 09:00, Ada Sail 1 line digest Sat 16 09:00', 'R-A12 all to daily: what waits goes into the digest');
select is(try.would('select try.switch(''daily'', ''2027-01-16 08:00+00'')'), 'Ada digest Run+Sail', '... and comes in it');
select is(try.would('delete from event_notification_preferences', 'select try.wants(''Ada'', ''weekly'')', 'select try.waiting()'), 'Ada Run 1 line digest Mon 18 09:00, Ada Sail 1 line digest Mon 18 09:00', 'R-A12 a first choice counts as well');
select is(try.would('update scheduled_notifications set first_attempt_at = app_now() where event_id = try.event_id(''Run'')', 'select try.wants(''Ada'', ''daily'')', 'select try.waiting()'),
  'Ada Run 1 self Fri 15 18:00, Ada Sail 1 line digest Sat 16 09:00', 'R-A12 what has set out by itself stays that');
select is(try.would('create table try.claimed as select * from claim_notifications(10)', 'select try.wants(''Ada'', ''daily'')', 'select string_agg(concat_ws('' '', p.outcome, p.cause), '', '') from try.claimed c, prepare_notification(c.id, c.lease_id) p', 'select try.waiting()'),
  'Ada Run 1 line digest Sat 16 09:00, Ada Sail 1 line digest Sat 16 09:00', 'R-A12 claimed and not begun: the recheck makes it a line');
select is(try.would('select try.wants(''Ada'', ''daily'')', 'update scheduled_notifications set urgency = 3, cause = null, not_before = app_now()', 'select string_agg(concat_ws('' '', outcome, cause, held_until), '', '') from due_notifications(10)'),
  'hold digest 2027-01-16 08:00:00+00, hold digest 2027-01-16 08:00:00+00', '... as a dry run says');
select is(try.would('delete from scheduled_notifications', 'delete from notification_log', 'select try.clock(''2027-01-17 13:00+00'')', 'delete from event_notification_preferences', 'select try.wants(''Ada'', ''daily'')', 'select try.plan()', 'select try.waiting()'),
  'Ada Run 1 line digest Mon 18 09:00, Ada Sail 1 line digest Mon 18 09:00', 'R-A12 who has just chosen it waits for nine, whatever is late');
-- Signed in, by the page.
insert into sessions (user_id, hash, device, expires_at) values (try.user_id('Ada'), sha256('ada'), 'Firefox', '2028-01-01');
select is(try.would('select set_own_mail(sha256(''ada''), ''org'', ''daily'', ''shift event care'', (select seen from own_mail(sha256(''ada''), ''org'')))', 'select try.waiting()'), 'Ada Run 1 line digest Sat 16 09:00, Ada Sail 1 line digest Sat 16 09:00', 'R-A12 the page does it');
select is(try.would('select set_own_mail(sha256(''ada''), ''org'', ''none'', ''shift event care'', (select seen from own_mail(sha256(''ada''), ''org'')))', 'select try.waiting() || try.logged()'), 'Ada cancelled unsubscribed, Ada cancelled unsubscribed', 'R-A12 none takes them back');
select try.wants('Ada', 'daily');
select is(try.would('select set_own_zone(sha256(''ada''), ''Asia/Tokyo'')', 'select try.waiting()'), 'Ada Run 1 line digest Sat 16 09:00, Ada Sail 1 line digest Sat 16 09:00', 'R-O1 who moves gets it at nine where they are');
select is(try.would('select set_own_mail(sha256(''ada''), ''org'', ''weekly'', ''shift event care'', (select seen from own_mail(sha256(''ada''), ''org'')))', 'select set_own_zone(sha256(''ada''), ''Asia/Tokyo'')', 'select string_agg(not_before::text, '', '') from scheduled_notifications'),
  '2027-01-18 00:00:00+00, 2027-01-18 00:00:00+00', '... on Monday there');

-- An attempt, and another.
select try.clock('2027-01-16 08:00+00');
select try.plan();
select is(try.waiting(), 'Ada digest self Sat 16 09:00, Ada Run 1 in digest Sat 16 09:00, Ada Sail 1 in digest Sat 16 09:00', 'the digest stands in the queue with its lines');
select is((select planned || ' ' || looked_at from schedule_digests(10)), '0 0', 'a second planner finds nothing');
create temporary table one as select c.id, c.lease_id, p.* from claim_notifications(1) c, lateral (select outcome, message, jsonb_array_length(data -> 'lines') as lines from prepare_notification(c.id, c.lease_id)) p;
select is((select concat_ws(' ', outcome, message, lines) from one), 'send 2', 'an attempt');
select ok(keep_message(id, lease_id, 'as it was'), 'its message is kept') from one;
select is(record_attendance(try.user_id('Ada'), try.event_id('Run'), 'attended', null)::text, '(,attended)', 'answered while it is on its way');
select is((select count(*)::int from scheduled_notifications where digest_id is not null), 2, '... the line stays with the message that has it');
-- What the door says of them, told as in the mail of one question.
create function try.absent() returns text language sql stable as $$
  select string_agg(l ->> 'event_title', '+' order by l ->> 'event_title') from scheduled_notifications q, jsonb_array_elements(digest_display(q) -> 'lines') l
  where q.kind = 'digest' and (l ->> 'door_absent')::boolean
$$;
select is(try.absent(), null, 'R-B5 a line about somebody who is not absent does not say so');
select is(try.would('update events set takes_attendance = true', 'update event_participants set attendance_status = ''absent'' where event_id = try.event_id(''Run'')', 'select try.absent()'), 'Run', 'R-B5 a line says that the door has them as absent');
select is(try.would('update event_participants set attendance_status = ''absent'' where event_id = try.event_id(''Run'')', 'select try.absent()'), '(null)', '... not where no attendance is taken');
-- Killed: the lease runs out.
select try.clock('2027-01-16 08:06+00');
select try.plan();
create temporary table two as select c.id, c.lease_id, p.* from claim_notifications(1) c, lateral (select outcome, message, first_attempt_at from prepare_notification(c.id, c.lease_id)) p;
select is((select concat_ws(' ', outcome, message, first_attempt_at) from two), 'send \x' || encode('as it was', 'hex') || ' 2027-01-16 08:00:00+00', 'R-F1 the second attempt sends the same bytes, of the same date');
select is(record_sent(one.id, one.lease_id, 250, 1), false, 'R-F1 the first worker records nothing') from one;
select is(record_failed(id, lease_id, 'retry', 451, null, 'x'), 'pending', 'refused for now') from two;
select is((select count(*)::int from scheduled_notifications where lease_until is not null), 0, '... which lets go of the lines');
select is(try.would('select try.switch(''all'', ''2027-01-16 09:00+00'')'), 'Ada digest Run+Sail', 'R-A12 switched to all: a digest that has set out goes on, and nothing goes both ways');
select is(try.would('select cancel_moved_prompts()', 'update events set status = ''cancelled''', 'select try.clock(''2027-01-16 09:00+00'')', 'create table try.said as select try.sweep() as said', 'select said || try.logged() from try.said'), 'Ada cancelled event_cancelled, Ada cancelled event_cancelled, Ada skipped nothing_to_ask', 'none left: it is not tried again');
select is(try.would('select try.clock(''2027-01-16 09:00+00'')', 'select record_failed(c.id, c.lease_id, ''recipient'', 550, null, ''x'') from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p', 'select try.logged() || ''|'' || try.waiting()'),
  'Ada skipped answered, Ada dead recipient_refused, Ada dead recipient_refused|', 'a digest that dies takes its lines with it');
select is(try.would('select try.clock(''2027-02-01 09:00+00'')', 'create table try.said as select try.sweep() as said', 'select said || try.logged() || try.waiting() from try.said'), 'Ada expired too_late, Ada expired too_late, Ada expired too_late', 'R-F7 after the last line''s 14 days nothing is sent');
select try.clock('2027-01-16 09:00+00');
select is(try.sweep(), 'Ada digest Run+Sail', 'sent in the end, as it was');

-- A line that comes after the day's digest has set out.
select try.event('Dive', '2027-01-14 15:00+00', '2027-01-14 16:00+00');
select try.registered('Ada', 'Dive');
select is(try.sweep(), '', 'R-A12 one a day: a line that comes later waits');
select is(try.waiting(), 'Ada Dive 1 line digest Sun 17 09:00, Ada Sail 2 line digest Sun 17 09:00', '... for the next');

-- Sweep off for three days.
select try.event('Row', '2027-01-17 15:00+00', '2027-01-17 16:00+00'), try.event('Ride', '2027-01-18 15:00+00', '2027-01-18 16:00+00');
select try.registered('Ada', 'Row'), try.registered('Ada', 'Ride'), try.registered('Bob', 'Row'), try.wants('Bob', 'weekly');
select try.clock('2027-01-19 16:00+00');
select is(try.sweep(), 'Ada digest Dive+Sail!+Row+Ride, Bob digest Row', 'R-A4 off for three days: all at once, in one mail; Monday''s comes on Tuesday');
select is(try.sweep(), '', '... once');
select try.plan();
select is(try.waiting(), 'Ada Dive 2 line digest Wed 20 09:00, Ada Ride 2 line digest Wed 20 09:00, Ada Row 2 line digest Wed 20 09:00, Bob Row 2 line digest Mon 25 09:00', 'R-A12 the next ones are at their own hour again');

-- More than there is room for.
delete from scheduled_notifications; delete from notification_log; delete from notification_pushes; delete from notifications; delete from attendance; delete from events;
select try.event('Event ' || n, '2027-01-19 15:00+00', '2027-01-19 15:30+00'), try.event('Long ' || n || repeat('ü', 300), '2027-01-19 15:00+00', '2027-01-19 15:40+00') from generate_series(1, 30) n;
insert into event_participants (event_id, org_id, user_id) select id, org_id, try.user_id('Ada') from events;
select try.clock('2027-01-20 08:00+00');
select try.plan();
create temporary table full_mail as select p.data from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p;
select is((select concat_ws(' ', jsonb_array_length(data -> 'lines'), data ->> 'asked') from full_mail), '50 60', 'at most 50 lines in a mail');
select is((select max(length(l ->> 'event_title')) from full_mail, jsonb_array_elements(data -> 'lines') l), 80, '... with short titles');
select is((select count(*)::int from notifications where user_id = try.user_id('Ada')), 60, '... and waits on the page of open questions');
select is((select data ->> 'many' from full_mail), '60', 'R-A12 the mail says how many there are');

-- In pieces.
select try.clock('2027-01-20 10:00+00');
update scheduled_notifications set urgency = 4, digest_id = null, first_attempt_at = null, lease_until = null where kind = 'attendance_prompt';
delete from scheduled_notifications where kind = 'digest';
create function try.pieces() returns text language plpgsql as $$
declare
  piece record;
  said text[];
begin
  loop
    select * into piece from schedule_digests(25);
    said := said || concat(piece.looked_at, ' ', piece.planned);
    exit when piece.looked_at < 25;
  end loop;
  return array_to_string(said, ', ');
end
$$;
select is(try.pieces(), '25 1, 25 0, 10 0', 'in pieces: one digest');
select is((select count(*)::int from scheduled_notifications l join scheduled_notifications d on d.id = l.digest_id where l.urgency = 5), 60, '... that has them all');

-- Two sweeps at once.
update scheduled_notifications set urgency = 4, digest_id = null where kind = 'attendance_prompt';
delete from scheduled_notifications where kind = 'digest';
select dblink_connect('one', format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()));
select dblink_exec('one', 'begin');
select is((select r from dblink('one', 'select concat(looked_at, '' '', planned) from schedule_digests(100)') as t(r text)), '60 1', 'one sweep gathers');
select is((select concat(looked_at, ' ', planned) from schedule_digests(100)), '0 0', 'R-F1 another skips them meanwhile, without waiting');
select dblink_exec('one', 'commit');
select is((select concat(looked_at, ' ', planned) from schedule_digests(100)), '0 0', '... and finds nothing after it');
select dblink_exec('one', 'begin');
select is((select r from dblink('one', 'select outcome from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p') as t(r text)), 'send', 'one sweep sends');
select is((select count(*)::int from claim_notifications(10)), 0, 'R-F1 another claims nothing meanwhile');
select dblink_exec('one', 'commit');
select dblink_disconnect('one');

-- A line that somebody is answering when the mail is written is not in it, nor
-- in its copies.
delete from scheduled_notifications; delete from notification_log; delete from notification_pushes; delete from notifications; delete from events;
select try.event(t, '2027-01-19 15:00+00', '2027-01-19 15:30+00') from unnest(array['In', 'Out']) t;
select try.registered('Ada', t) from unnest(array['In', 'Out']) t;
select try.plan();
select dblink_connect('answer', format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()));
select dblink_exec('answer', 'begin');
select dblink_exec('answer', format('update scheduled_notifications set cause = cause where event_id = %s', try.event_id('Out')));
create function try.attempt() returns text language plpgsql as $$
declare
  c record;
  p record;
begin
  select * into c from claim_notifications(1);
  select * into p from prepare_notification(c.id, c.lease_id);
  perform keep_message(c.id, c.lease_id, 'mail');
  return coalesce(p.message::text, p.data #>> '{lines,0,event_title}');
end
$$;
select is(try.attempt(), 'In', 'R-A12 what is being answered is left out');
select dblink_exec('answer', 'rollback'), dblink_disconnect('answer');
select record_failed(id, lease_id, 'retry', 451, null, 'busy') from scheduled_notifications where kind = 'digest';
update test_clock set at = at + interval '2 hours';
select is(try.attempt(), '\x6d61696c', 'R-F1 a copy is sent');
select record_failed(id, lease_id, 'retry', 451, null, 'busy') from scheduled_notifications where kind = 'digest';
update test_clock set at = at + interval '2 hours';
select is(try.deliver(), 1, '... in the end');
select try.plan();
select is((select string_agg(concat_ws(' ', e.title, l.state), ', ') from notification_log l join events e on e.id = l.event_id where e.title in ('In', 'Out')), 'In sent', '... and what was not in it is not said to have been sent');
select is((select to_char(not_before, 'DD HH24:MI') || ' ' || urgency from scheduled_notifications where event_id = try.event_id('Out')), '21 08:00 4', '... and waits for the next');
delete from scheduled_notifications; delete from notification_log; delete from notification_pushes; delete from notifications;

-- By index, however many wait.
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, cause, expires_at)
select 'prompt-' || n, :org, 'attendance_prompt', 4, null, try.user_id('Cem'), 1, app_now(), app_now() + interval '1 day', 'digest', app_now() + interval '9 days'
from generate_series(1, 20000) n;
analyze scheduled_notifications;
create function try.plan_of(query text) returns text language plpgsql as $$
declare
  line text;
  said text := '';
begin
  for line in execute 'explain (costs off) ' || query loop said := said || line || ' '; end loop;
  return said;
end
$$;
select matches(try.plan_of('select q.id from scheduled_notifications q where q.urgency = 4 and q.not_before <= app_now() order by q.not_before, q.id limit 5000 for update skip locked'),
  'Index (Only )?Scan using scheduled_notifications_due.*urgency = 4.*not_before <=', 'lines that are due are found by index');

-- Across the changes of the clocks, each in its night from Saturday to Sunday.
delete from scheduled_notifications; delete from notification_log; delete from notification_pushes; delete from notifications; delete from events; delete from event_notification_preferences;
update users set timezone = w.zone from (values ('Ada', 'Europe/Berlin'), ('Bob', 'America/New_York'), ('Cem', 'Europe/Berlin')) w(name, zone) where w.name = users.name;
select try.wants('Ada', 'weekly'), try.wants('Bob', 'weekly'), try.wants('Cem', 'daily');
create function try.over(day date) returns text language plpgsql as $$
declare
  said text := '';
  one text;
begin
  delete from events;
  update test_clock set at = day;
  perform try.event('Night', day + time '15:00' at time zone 'UTC', day + time '16:00' at time zone 'UTC');
  perform try.registered(n, 'Night') from unnest(array['Ada', 'Bob', 'Cem']) n;
  for n in 1..140 loop
    update test_clock set at = at + interval '30 minutes';
    one := try.sweep();
    if one <> '' then
      said := concat_ws(', ', nullif(said, ''), (select to_char(at, 'Dy HH24:MI') from test_clock) || ' ' || one);
    end if;
  end loop;
  return said;
end
$$;
select is(try.over(w.day), w.said, format('R-A12 over the night after %s', w.day)) from (values
  ('2027-03-27'::date, 'Sun 07:00 Cem digest Night, Mon 07:00 Ada digest Night, Cem digest Night!, Mon 13:00 Bob digest Night'),
  ('2027-03-13', 'Sun 08:00 Cem digest Night, Mon 08:00 Ada digest Night, Cem digest Night!, Mon 13:00 Bob digest Night'),
  ('2027-10-30', 'Sun 08:00 Cem digest Night, Mon 08:00 Ada digest Night, Cem digest Night!, Mon 13:00 Bob digest Night'),
  ('2027-11-06', 'Sun 08:00 Cem digest Night, Mon 08:00 Ada digest Night, Cem digest Night!, Mon 14:00 Bob digest Night')
) w(day, said);

-- One a week and one a day, whenever they leave.
select try.late('Ada', 'weekly'), try.late('Cem', 'daily');
select try.clock('2027-12-07 11:00+00');
select is(try.sweep(), 'Ada digest First, Cem digest First', 'R-A4 Monday''s comes on Tuesday, and Tuesday''s two hours late');
select try.event('Second', '2027-12-04 15:00+00', '2027-12-04 16:00+00');
select try.registered('Ada', 'Second'), try.registered('Cem', 'Second');
select try.clock('2027-12-08 07:59+00');
select is(try.sweep(), '', 'R-A12 never two a week, nor two a day: what comes late waits');
select is(try.waiting(), 'Ada First 2 line digest Mon 13 09:00, Ada Second 1 line digest Mon 13 09:00, Cem First 2 line digest Wed 08 09:00, Cem Second 1 line digest Wed 08 09:00', '... for the next');
select try.clock('2027-12-08 08:00+00');
select is(try.sweep(), 'Cem digest Second+First!', 'R-A12 which is at nine, as ever');
select try.clock('2027-12-08 10:00+00');
select try.wants('Ada', 'daily');
select try.clock('2027-12-09 03:00+00');
select is(try.sweep(), '', 'R-A12 switched to daily on Wednesday: not in the night');
select try.clock('2027-12-09 08:00+00');
select is(try.sweep(), 'Ada digest Second+First!, Cem digest Second!', '... and on Thursday');

-- What a dry run says is what the run does.
delete from events;
select try.late('Ada', 'weekly'), try.late('Cem', 'all');
select try.clock('2027-12-13 08:00+00');
create temporary table told as select p.*, null::int as done from planned_prompts(100) p;
select is((select string_agg(concat_ws(' ', split_part(notification_id, '-', 1), (select name from users u where u.id = user_id), coalesce(event_id = try.event_id('First'), false), to_char(not_before, 'DD HH24:MI'), cause), ', ' order by event_id, user_id) from told),
  'prompt Ada t 06 08:00 digest, prompt Cem t 04 17:00, digest Ada f 06 08:00', 'a dry run shows the digest of a line that it would plan');
select try.plan();
select is((select string_agg(notification_id, ' ' order by notification_id) from told), (select string_agg(notification_id, ' ' order by notification_id) from scheduled_notifications), '... as the run then makes it');
select is((select count(*)::int from planned_prompts(2)), 0, '... and nothing after it');

select * from finish();
