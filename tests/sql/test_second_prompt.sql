-- R-A5, R-A12: asked a second time, by itself or at nine in the morning, and
-- never a third.
\ir fixture.sql
select plan(78);

select try.person('Ada', 'America/New_York'), try.person('Bob'), try.person('Cem');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.registered('Ada', 'Talk'), try.viewed('Bob', 'Talk'), try.registered('Cem', 'Talk');

create function try.planned() returns text language sql as $$ select concat_ws(' ', looked_at, planned) from schedule_second_prompts(100) $$;
create function try.first(name text) returns bigint language sql stable
  as $$ select id from notifications where user_id = try.user_id($1) and prompt_number = 1 order by id desc limit 1 $$;
create function try.queue() returns text language sql stable
  as $$
    select coalesce(string_agg(concat_ws(' ', u.name, q.prompt_number, q.notify_type, to_char(q.not_before, 'DD HH24:MI')), ', ' order by u.name, q.prompt_number), '')
    from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'attendance_prompt'
  $$;
create function try.snooze(name text) returns timestamptz language sql
  as $$ select snooze_attendance_prompt(try.user_id(name), try.first(name)) $$;
-- The world as it was, whatever the statement did to it.
create function try.would(statement text) returns text language plpgsql as $$
declare answer text;
begin
  execute statement into answer;
  raise exception using errcode = 'TR001', message = coalesce(answer, '(null)');
exception when others then
  return sqlerrm;
end
$$;
create function try.offered(name text) returns text language sql stable
  as $$ select concat_ws(' ', l.can_snooze, l.snooze_text, l.zone) from prompt_link(try.first(name), 1, '2027-01-01') l $$;

-- Nine in the morning, at least three hours later.
select is(second_prompt_due(n.at, n.zone), n.due, format('R-A5 %s in %s', n.at, n.zone)) from (values
  ('2026-11-20 18:00+00'::timestamptz, 'Europe/Berlin', '2026-11-21 08:00+00'::timestamptz),
  ('2026-11-21 05:00+00', 'Europe/Berlin', '2026-11-21 08:00+00'),
  ('2026-11-21 05:00:01+00', 'Europe/Berlin', '2026-11-22 08:00+00'),
  ('2026-11-20 18:00+00', 'America/New_York', '2026-11-21 14:00+00'),
  ('2027-03-28 00:30+00', 'Europe/Berlin', '2027-03-28 07:00+00'),
  ('2026-10-25 05:00+00', 'Europe/Berlin', '2026-10-25 08:00+00')
) n(at, zone, due);

-- By itself.
select schedule_post_event_prompts(10);
select is(try.planned(), '0 0', 'R-A5 nothing follows before the first has left');
select is(try.deliver(), 3, 'prompt 1 leaves');
select is((select string_agg(concat_ws(' ', user_id, notification_id, prompt_number, scheduled_for, cause), ', ' order by user_id) from planned_prompts(100)),
  format('%s prompt-%s-%s-2-r1 2 2026-11-21 14:00:00+00, %s prompt-%s-%s-2-r1 2 2026-11-21 08:00:00+00',
    try.user_id('Ada'), try.event_id('Talk'), try.user_id('Ada'), try.user_id('Cem'), try.event_id('Talk'), try.user_id('Cem')), 'a dry run shows what would be planned');
select is(try.queue(), '', '... and plans nothing');
select is((select count(*)::int from planned_prompts(1)), 1, '... and no more of it than asked for');
select is(try.planned(), '3 2', 'R-A5 registered is the default: the viewer is not asked again');
select is(try.queue(), 'Ada 2 automatic 21 14:00, Cem 2 automatic 21 08:00', 'R-A5 each at nine where they are');
select is((select array_agg(notification_id order by user_id) from scheduled_notifications),
  array[format('prompt-%s-%s-2-r1', try.event_id('Talk'), try.user_id('Ada')), format('prompt-%s-%s-2-r1', try.event_id('Talk'), try.user_id('Cem'))], 'R-T3 the notification id says which');
select is((select array_agg(distinct expires_at) from scheduled_notifications), array['2026-12-04 17:00+00'::timestamptz], 'R-A5 of no use 14 days after the end');
select is(try.planned(), '0 0', 'R-A5 decided once');
select is((select count(*)::int from planned_prompts(100)), 0, 'and a dry run shows no more');

-- The setting, and who is not asked.
create function try.undecided(change text) returns text language plpgsql as $$
begin
  delete from scheduled_notifications;
  update notifications set follow_up_from = '2026-11-20 18:00+00';
  execute change;
  perform schedule_second_prompts(100);
  return try.queued();
end
$$;
select is(try.would(format('select try.undecided(%L)', w.change)), w.queued, w.rule) from (values
  ('update organizations set second_prompt = ''all''', 'Ada 2, Bob 2, Cem 2', 'R-A5 all: the viewer too'),
  ('update organizations set second_prompt = ''off''', '', 'R-A5 off: nobody'),
  ('update event_participants set status = ''cancelled'' where user_id = try.user_id(''Ada'')', 'Cem 2', 'R-A5 who has withdrawn is not registered'),
  ('update event_participants set status = ''waitlisted''', '', 'R-A5 nor who waits'),
  ('update event_notification_preferences set frequency = ''none''', '', 'R-A12 none is none'),
  ('update event_notification_preferences set frequency = ''daily''', 'Ada 2, Cem 2', 'R-A12 daily acts as all'),
  ('update event_notification_preferences set frequency = ''weekly''', 'Ada 2, Cem 2', 'R-A12 weekly acts as all'),
  ('update event_notification_preferences set frequency = ''all''', 'Ada 2, Cem 2', 'R-A12 all'),
  ('delete from event_notification_preferences', 'Ada 2, Cem 2', 'R-A12 ... also when no row says so'),
  ('update users set suppressed_at = app_now(), suppressed_cause = ''x''', '', 'R-A3 no suppressed address'),
  ('update organizations set prompts_since = null', '', 'R-A2 nobody when prompts are off'),
  ('update events set status = ''cancelled''', '', 'R-A3 nobody about a cancelled event'),
  ('update events set deleted_at = app_now()', '', 'nobody about a deleted event'),
  ('update events set ends_at = ''2026-11-25 17:00+00''', '', 'R-A4 nobody about an event that was moved'),
  ('insert into attendance (user_id, event_id, org_id, status, responded_at) select try.user_id(''Ada''), id, org_id, ''not_attended'', app_now() from events', 'Cem 2', 'R-A3 nobody who has answered'),
  ('update notifications set follow_up_from = ''2026-12-04 12:00+00''', '', 'R-A5 not when its time falls after end + 14 days'),
  ('update notifications set follow_up_from = ''2026-12-04 01:00+00''', 'Ada 2, Cem 2', 'R-A5 just before that'),
  ('select * from notifications where false; insert into notifications (user_id, org_id, event_id, type, prompt_number, title) select user_id, org_id, event_id, type, 2, title from notifications', '', 'R-A5 nobody who was asked a second time')
) w(change, queued, rule);
update users set quiet = true, quiet_to = '10:00' where name = 'Cem';
select is(try.would('select try.undecided(''select 1''); select string_agg(concat_ws('' '', to_char(not_before, ''HH24:MI''), cause), '', '' order by user_id) from scheduled_notifications'),
  '14:00, 09:00 quiet_hours', 'R-F7 quiet hours until ten hold it until ten');
update users set quiet = false;

-- Snooze.
select is(try.offered('Ada'), 't Saturday 21 November, 09:00 America/New_York', 'R-A5 the page names day, time and zone');
select results_eq('select prompt_number, can_snooze, snooze_text, can_feedback from prompt_link(try.first(''Bob''), 1, ''2027-01-01'')', $$values (1, true, 'Saturday 21 November, 09:00', false)$$, 'R-A5 a viewer may ask to be asked again');
select try.clock('2026-11-21 05:30+00');
select throws_ok(format('select * from snooze_prompt(%s, 2, %L)', try.first('Bob'), '2027-01-01'), 'RC404', 'absent', 'R-A8 revoked: refused');
select throws_ok('select * from snooze_prompt(0, 1, ''2027-01-01'')', 'RC404', 'absent', 'R-A8 forged: refused');
select throws_ok(format('select * from snooze_prompt(%s, 1, %L)', try.first('Bob'), '2026-11-21 05:29+00'), 'RC410', 'closed', 'R-A8 past the token''s date: refused');
select throws_ok(format('select snooze_attendance_prompt(%s, %s)', try.user_id('Bob'), try.first('Ada')), 'RC404', 'absent', 'R-A5 another''s notification: refused');
select is(try.queue(), 'Ada 2 automatic 21 14:00, Cem 2 automatic 21 08:00', 'R-A5 what is refused changes nothing');
select is((select count(*)::int from notifications where read_at is not null), 0, '... and marks nothing read');
select results_eq(format('select * from snooze_prompt(%s, 1, %L)', try.first('Bob'), '2027-01-01'), $$values ('Sunday 22 November, 09:00', 'Europe/Berlin')$$, 'R-A5 pressed: the day named, three hours away at least');
select is((select row(read_at, responded_at)::text from notifications where id = try.first('Bob')), row('2026-11-21 05:30+00'::timestamptz, null)::text, 'R-A5 it marks the notification read, not answered');
select is(try.snooze('Cem'), '2026-11-22 08:00+00', 'R-A5 who has one planned');
select is(try.queue(), 'Ada 2 automatic 21 14:00, Bob 2 snooze 22 08:00, Cem 2 snooze 22 08:00', 'R-A5 moves the one row');
select try.clock('2026-11-21 12:00+00');
select is(try.snooze('Cem'), '2026-11-22 08:00+00', 'R-A5 pressed again: the same morning');
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Cem')), 1, '... and still one row');

-- Moved between the claim and the recheck.
select try.clock('2026-11-21 14:00+00');
create temporary table claimed as select * from claim_notifications(10);
select is(try.snooze('Ada'), '2026-11-22 14:00+00', 'R-A5 claimed, not begun: it is moved');
select is((select p.outcome from claimed c, prepare_notification(c.id, c.lease_id) p), 'lost', '... and the worker finds its lease lost');
select is(try.deliver(), 0, '... and nothing goes out');

-- Never a third.
select try.clock('2026-11-22 08:00+00');
create temporary table second as select c.*, p.data, p.outcome, p.template from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p;
select results_eq('select outcome, template, data ->> ''prompt_number'' from second', $$values ('send', 'mail_prompt', '2'), ('send', 'mail_prompt', '2')$$, 'R-A5 both leave, from the same template, as number 2');
select throws_ok('select try.snooze(''Bob'')', 'RC409', 'snooze_not_offered', 'R-A5 on its way it is not moved');
select is((select bool_and(record_sent(id, lease_id, 250, 1)) from second), true, 'they are sent');
select id as second from notifications where user_id = try.user_id('Bob') and prompt_number = 2 \gset
select results_eq(format('select prompt_number, can_snooze, snooze_text from prompt_link(%s, 1, %L)', :second, '2027-01-01'), $$values (2, false, null::text)$$, 'R-A5 prompt 2 offers no snooze');
select throws_ok(format('select * from snooze_prompt(%s, 1, %L)', :second, '2027-01-01'), 'RC409', 'snooze_not_offered', 'R-A5 a forged one is refused');
select is(try.offered('Bob'), 'f Europe/Berlin', 'R-A5 nor does prompt 1 any more');
select throws_ok('select try.snooze(''Bob'')', 'RC409', 'snooze_not_offered', 'R-A5 ... and refuses it');
select is((select read_at from notifications where id = :second), null, 'R-A5 what is refused marks nothing read');
select is(try.planned() || try.queue(), '0 0Ada 2 snooze 22 14:00', 'R-A5 nobody is planned a third');
select is((select follow_up_from from notifications where id = :second), null, 'R-A5 nothing follows a second');

-- Refused for other reasons.
select is(try.would(format('%s; select try.snooze(''Ada'')', r.change)), r.answer, r.rule) from (values
  ('select 1', '2026-11-22 14:00:00+00', 'R-A5 Ada may'),
  ('select answer_prompt(try.first(''Ada''), 1, ''2027-01-01'', ''partial'', null)', 'answered', 'R-A5 not who has answered'),
  ('update events set ends_at = ''2026-11-21 17:00+00'', status = ''cancelled''', 'event_cancelled', 'not about a cancelled event'),
  ('update events set deleted_at = app_now()', 'absent', 'not about a deleted event'),
  ('update events set ends_at = ''2026-11-22 17:00+00''', 'too_early', 'R-A7 not before the end'),
  ('select try.clock(''2026-12-04 17:00:01+00'')', 'closed', 'R-A7 not after end + 14 days'),
  ('select try.clock(''2026-12-04 10:00+00'')', '2026-12-04 14:00:00+00', 'R-A5 offered while the morning is before that'),
  ('select try.clock(''2026-12-04 12:00+00'')', 'snooze_not_offered', 'R-A5 not when its time falls after end + 14 days'),
  ('update users set suppressed_at = app_now(), suppressed_cause = ''x''', 'snooze_not_offered', 'R-A3 not to a suppressed address'),
  ('update event_notification_preferences set frequency = ''none''', 'snooze_not_offered', 'R-A12 not to who wants nothing')
) r(change, answer, rule);
select is(try.would('select try.clock(''2026-12-04 12:00+00''); select try.offered(''Ada'')'), 'f America/New_York', 'R-A5 nor does the page offer it then');

-- A snooze holds whatever the audience is by then.
update organizations set second_prompt = 'off', prompt_audience = 'viewers';
select try.clock('2026-11-22 14:00+00');
select is(try.deliver(), 1, 'R-A5 asked for, it comes although second prompts are off');
select is((select count(*)::int from notifications where prompt_number = 2), 3, 'R-A5 in the end, one second prompt each');

-- In chunks.
update organizations set second_prompt = 'all', prompt_audience = 'both';
select try.event('Walk', '2026-11-22 10:00+00', '2026-11-22 12:00+00');
select try.viewed(n, 'Walk') from unnest(array['Ada', 'Bob', 'Cem']) n;
select schedule_post_event_prompts(10), try.deliver();
select is(array[(select looked_at from schedule_second_prompts(2)), (select looked_at from schedule_second_prompts(2)), (select looked_at from schedule_second_prompts(2))], array[2, 1, 0], 'R-A5 in chunks of two: all of them');
select is(try.queued(), 'Ada 2, Bob 2, Cem 2', '... each once');
select * from finish();
