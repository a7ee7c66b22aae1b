-- R-A6: asked in vain, a person's attendance becomes unknown, until they
-- answer after all.
\ir fixture.sql
select plan(31);

select try.person('Ada'), try.person('Bob'), try.person('Cem'), try.person('Dee');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.registered('Ada', 'Talk'), try.viewed('Bob', 'Talk'), try.registered('Cem', 'Talk'), try.registered('Dee', 'Talk');
update users set suppressed_at = app_now(), suppressed_cause = 'x' where name = 'Dee';

create function try.said() returns text language sql stable
  as $$ select coalesce(string_agg(concat_ws(' ', u.name, a.status), ', ' order by u.name), '') from attendance a join users u on u.id = a.user_id $$;
create function try.first(name text) returns bigint language sql stable
  as $$ select id from notifications where user_id = try.user_id($1) and prompt_number = 1 order by id desc limit 1 $$;
create function try.follow() returns int language sql as $$ select planned from schedule_second_prompts(10) $$;

select schedule_post_event_prompts(10), try.deliver(), try.follow();
select answer_prompt(try.first('Cem'), 1, '2027-01-01', 'partial', 'r');
select try.clock('2026-11-21 08:00+00');
select is(try.deliver(), 1, 'Ada is asked a second time; Bob, a viewer, is not');
select is(settle_unanswered(100), 0, 'nothing is settled at once');

-- A day after prompt 2.
select try.clock('2026-11-22 07:59:59+00');
select is(settle_unanswered(100), 0, 'R-A6 nor a second before a day is over');
select try.clock('2026-11-22 08:00+00');
select is(settle_unanswered(100), 1, 'R-A6 24 hours after prompt 2 it is');
select is(try.said(), 'Ada unknown, Cem partial', 'R-A6 unknown, and no answer is touched');
select is((select row(responded_at, created_at, show_on_profile)::text from attendance where user_id = try.user_id('Ada')), row(null, '2026-11-22 08:00+00'::timestamptz, true)::text, 'R-A6 responded_at is null');
select results_eq(
  'select action, actor_id, user_id, participant_id is not null, previous_status, new_status, performed_at from event_attendance_audit order by seq desc limit 1',
  $$values ('self_report', null::bigint, try.user_id('Ada'), true, null::text, 'unknown', '2026-11-22 08:00+00'::timestamptz)$$, 'R-B6 audited, by nobody');
select is(settle_unanswered(100), 0, 'R-A6 again changes nothing');
select is((select count(*)::int from event_attendance_audit), 2, '... and writes no audit row');
select results_eq(format('select state, status, can_feedback, can_snooze from prompt_link(%s, 1, %L)', try.first('Ada'), '2027-01-01'), $$values ('open', null::text, false, false)$$, 'R-A6 the page shows no answer');
select is(schedule_post_event_prompts(10) + try.follow(), 0, 'R-A5 nobody is asked because of it');
select results_eq(format('select * from answer_prompt(%s, 1, %L, ''attended'', ''r'')', try.first('Ada'), '2027-01-01'), $$values ('unknown', 'attended')$$, 'R-A6 a later answer replaces it');
select is(try.said(), 'Ada attended, Cem partial', '... in the same row');
select is((select count(*)::int from event_attendance_audit where previous_status = 'unknown'), 1, 'R-A7 audited');

-- No second prompt.
select try.clock('2026-12-04 16:59:59+00');
select is(settle_unanswered(100), 0, 'R-A6 when none was sent, not before end + 14 days');
select try.clock('2026-12-04 17:00+00');
select settle_unanswered(100);
select is(try.said(), 'Ada attended, Bob unknown, Cem partial', 'R-A6 at end + 14 days; who was never asked is not unknown');
select is((select count(*)::int from notifications where unknown_at is not null), 0, 'R-A6 nothing is left to settle');
select is_empty('select * from verify_audit(null)', 'R-B6 the chain is sound');

-- The second leaves at the last moment, dies, is moved, cancelled.
delete from event_participants;
update organizations set second_prompt = 'all', prompt_audience = 'viewers';
create function try.asked(title text, ends timestamptz) returns void language plpgsql as $$
begin
  perform try.clock(ends + interval '1 hour'), try.event(title, ends - interval '1 hour', ends), try.viewed('Ada', title);
  perform schedule_post_event_prompts(10), try.deliver();
end
$$;
select try.asked('Last', '2026-12-06 08:30+00');
select try.clock('2026-12-20 04:30+00'), snooze_attendance_prompt(try.user_id('Ada'), try.first('Ada')), try.clock('2026-12-20 08:00+00');
select is(try.deliver(), 1, 'a snooze half an hour before end + 14 days');
select try.clock('2026-12-20 08:30+00');
select is(settle_unanswered(100), 1, 'R-A6 the end of the time is looked at');
select is((select count(*)::int from attendance where status = 'unknown' and event_id = try.event_id('Last')), 0, 'R-A6 ... but a day is given after prompt 2');
select try.clock('2026-12-21 08:00+00');
select is(settle_unanswered(100), 1, 'R-A6 then it is unknown');
select is((select status from attendance where event_id = try.event_id('Last')), 'unknown', '... in the one row');

select try.asked('Dies', '2027-01-06 08:30+00'), try.follow(), try.clock('2027-01-07 08:00+00');
select is((select record_failed(c.id, c.lease_id, 'recipient', 550, null, 'refused') from claim_notifications(1) c), 'dead', 'prompt 2 dies');
select try.clock('2027-01-08 12:00+00');
select is(settle_unanswered(100), 0, 'R-A6 it was not sent: nothing a day later');
select try.clock('2027-01-20 08:30+00'), settle_unanswered(100);
select is((select status from attendance where event_id = try.event_id('Dies')), 'unknown', 'R-A6 at end + 14 days');

select try.asked('Moved', '2027-02-06 08:30+00'), try.clock('2027-02-07 08:00+00');
update events set starts_at = '2027-02-25 08:00+00', ends_at = '2027-02-25 09:00+00' where title = 'Moved';
select try.clock('2027-02-20 08:30+00');
select is(settle_unanswered(100), 1, 'R-A4 a question about where it was before');
select is((select count(*)::int from attendance where event_id = try.event_id('Moved')), 0, 'R-A4 ... is settled without a word');
select try.asked('Off', '2027-03-06 08:30+00');
update events set status = 'cancelled' where title = 'Off';
select try.clock('2027-03-20 08:30+00'), settle_unanswered(100);
select is((select count(*)::int from attendance where event_id = try.event_id('Off')), 0, 'nobody is unknown at an event that was cancelled');

-- In chunks.
delete from event_views;
select try.clock('2027-04-01 10:00+00'), try.event('Walk', '2027-04-01 08:00+00', '2027-04-01 09:00+00'), try.viewed('Ada', 'Walk'), try.viewed('Bob', 'Walk'), try.viewed('Cem', 'Walk');
select schedule_post_event_prompts(10), try.deliver(), try.clock('2027-05-01 10:00+00');
select is(array[settle_unanswered(2), settle_unanswered(2), settle_unanswered(2)], array[2, 1, 0], 'R-A6 weeks late and in chunks of two: all of them');
select is((select count(*)::int from attendance where event_id = try.event_id('Walk')), 3, '... each once');
select * from finish();
