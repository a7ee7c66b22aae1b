-- R-A7, R-A8, R-G2: what a mailed link shows, and what pressing it does.
\ir fixture.sql
select plan(50);

select try.person('Ada', 'America/New_York'), try.person('Bob'), try.person('Cem', 'Mars/Olympus');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.viewed('Ada', 'Talk'), try.registered('Bob', 'Talk'), try.viewed('Cem', 'Talk');
select schedule_post_event_prompts(10), try.deliver();
select id as ada from notifications where user_id = try.user_id('Ada') \gset
select id as bob from notifications where user_id = try.user_id('Bob') \gset
select id as cem from notifications where user_id = try.user_id('Cem') \gset
\set late '\'2026-12-04 17:00+00\''

-- Looking.
create temporary table before as
  select 'attendance' as t, count(*) from attendance union all
  select 'audit', count(*) from event_attendance_audit union all
  select 'notifications', count(*) from notifications where read_at is null and responded_at is null;
select is((select provolatile::text from pg_proc where proname = 'prompt_link'), 's', 'R-A8 looking cannot write');
select results_eq(
  format($$select state, event_title, org_name, starts_at, starts_text, ends_text, closes_text, zone, status, status_text, user_name, timezone_known from prompt_link(%s, 1, %L)$$, :ada, :late),
  $$values ('open', 'Talk', 'Org org', '2026-11-20T10:00:00-05:00', 'Friday 20 November 2026, 10:00', '12:00', 'Friday 4 December 2026', 'America/New_York', null::text, null::text, 'Ada', true)$$,
  'R-A8 the page shows the event in the person''s zone');
select results_eq(format('select zone, timezone_known from prompt_link(%s, 1, %L)', :bob, :late), $$values ('Europe/Berlin', false)$$, 'R-O1 without a zone: the organisation''s');
select results_eq(format('select zone, timezone_known from prompt_link(%s, 1, %L)', :cem, :late), $$values ('UTC', false)$$, 'R-O1 with a zone that is none: UTC');
select is_empty(format('select * from prompt_link(%s, 2, %L)', :ada, :late), 'R-A8 revoked: nothing');
select is_empty(format('select * from prompt_link(0, 1, %L)', :late), 'R-A8 forged: nothing');
select results_eq(format('select state from prompt_link(%s, 1, %L)', :ada, '2026-11-20 17:59:59+00'), $$values ('closed')$$, 'R-A8 a token past its date is closed');
select is_empty($$select 'attendance', count(*) from attendance union all select 'audit', count(*) from event_attendance_audit union all
  select 'notifications', count(*) from notifications where read_at is null and responded_at is null except select * from before$$, 'R-A8 looking changed nothing');

-- Answering.
select throws_ok(format('select answer_prompt(%s, 2, %L, ''attended'', ''r'')', :ada, :late), 'RC404', 'absent', 'R-A8 revoked: refused');
select throws_ok(format('select answer_prompt(0, 1, %L, ''attended'', ''r'')', :late), 'RC404', 'absent', 'R-A8 forged: refused');
select throws_ok(format('select answer_prompt(%s, 1, %L, ''unknown'', ''r'')', :ada, :late), 'RC422', 'bad_status', 'R-A7 unknown is not an answer');
select throws_ok(format('select answer_prompt(%s, 1, %L, null, ''r'')', :ada, :late), 'RC422', 'bad_status', 'R-A7 nor is nothing');
select throws_ok(format('select answer_prompt(%s, 1, %L, ''attended'', ''r'')', :ada, '2026-11-20 17:59:59+00'), 'RC410', 'closed', 'R-A8 past the token''s date: refused');
select is((select count(*)::int from attendance) + (select count(*)::int from event_attendance_audit), 0, 'what is refused leaves nothing');
select results_eq(format('select * from answer_prompt(%s, 1, %L, ''attended'', ''req-1'')', :ada, :late), $$values (null::text, 'attended')$$, 'R-A7 a first answer has no previous one');
select results_eq(
  'select status, responded_at, org_id, show_on_profile, show_to_other_orgs, created_at from attendance',
  format($$values ('attended', '2026-11-20 18:00+00'::timestamptz, %s::bigint, true, false, '2026-11-20 18:00+00'::timestamptz)$$, :org),
  'R-A7, R-A10 one row, with the defaults');
select results_eq(
  'select seq, event_id, participant_id, user_id, actor_id, action, previous_status, new_status, reason_code, request_id, performed_at from event_attendance_audit',
  $$values (1::bigint, try.event_id('Talk'), null::bigint, try.user_id('Ada'), try.user_id('Ada'), 'self_report', null::text, 'attended', null::text, 'req-1', '2026-11-20 18:00+00'::timestamptz)$$,
  'R-B6 with its audit row, no participant for a mere viewer');
select is((select row(read_at, responded_at)::text from notifications where id = :ada), row('2026-11-20 18:00+00'::timestamptz, '2026-11-20 18:00+00'::timestamptz)::text, 'R-A7 the notification is read and answered');
select is((select responded_at from notifications where id = :bob), null, 'R-A7 nobody else''s is');
select results_eq(format('select state, status, status_text from prompt_link(%s, 1, %L)', :ada, :late), $$values ('open', 'attended', 'You were there')$$, 'R-A8 the link shows the saved answer');

select results_eq(format('select * from answer_prompt(%s, 1, %L, ''attended'', ''req-2'')', :ada, :late), $$values ('attended', 'attended')$$, 'R-A7 the same answer again');
select is((select count(*)::int from event_attendance_audit), 1, 'R-A7 ... is no change and no audit row');
select try.clock('2026-11-21 18:00+00');
select results_eq(format('select * from answer_prompt(%s, 1, %L, ''not_attended'', ''req-3'')', :ada, :late), $$values ('attended', 'not_attended')$$, 'R-A7 the last answer wins');
select results_eq('select previous_status, new_status from event_attendance_audit order by seq', $$values (null, 'attended'), ('attended', 'not_attended')$$, 'R-A7 every change is audited');
select is((select row(status, responded_at, created_at)::text from attendance), row('not_attended', '2026-11-21 18:00+00'::timestamptz, '2026-11-20 18:00+00'::timestamptz)::text, 'R-A7 still one row');
select answer_prompt(:bob, 1, :late, 'partial', 'bad request id <script>');
select is((select row(participant_id is not null, request_id)::text from event_attendance_audit where seq = 3), '(t,)', 'R-B6 a participant is named; what is no request id is not kept');

-- unknown is replaced.
insert into attendance (user_id, event_id, org_id, status) values (try.user_id('Cem'), try.event_id('Talk'), :org, 'unknown');
select results_eq(format('select status from prompt_link(%s, 1, %L)', :cem, :late), $$values (null::text)$$, 'R-A6 unknown is shown as no answer');
select results_eq(format('select * from answer_prompt(%s, 1, %L, ''attended'', ''r'')', :cem, :late), $$values ('unknown', 'attended')$$, 'R-A6 a later answer replaces unknown');

-- Queued prompts.
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at)
select 'second-' || u.id, :org, 'attendance_prompt', 3, try.event_id('Talk'), u.id, 2, app_now(), app_now(), app_now() + interval '1 day' from users u where name in ('Ada', 'Bob');
select answer_prompt(:ada, 1, :late, 'attended', 'r');
select is(try.queued(), 'Bob 2', 'R-A7 answering takes back what waits, of this person only');
select is((select state || ' ' || cause from notification_log where notification_id = 'second-' || try.user_id('Ada')), 'cancelled answered', '... with its cause');
select lease_id as lease, id as q from claim_notifications(1) \gset
select answer_prompt(:bob, 1, :late, 'attended', 'r');
select is(try.queued(), 'Bob 2', 'R-F1 what is on its way is not taken away');
select is((select outcome || ' ' || cause from prepare_notification(:q, :lease)), 'skip answered', 'R-A3 answered, found at the recheck');

-- Early, closed, cancelled.
update events set ends_at = '2026-11-22 17:00+00';
select results_eq(format('select state from prompt_link(%s, 1, %L)', :ada, :late), $$values ('early')$$, 'R-A7 moved ahead: too early');
select throws_ok(format('select answer_prompt(%s, 1, %L, ''partial'', ''r'')', :ada, :late), 'RC425', 'too_early', 'R-A7 refused before the end');
select try.clock('2026-11-22 17:00+00');
select lives_ok(format('select answer_prompt(%s, 1, %L, ''partial'', ''r'')', :ada, :late), 'R-A7 taken at the end');
select try.clock('2026-12-06 17:00+00');
select results_eq(format('select state from prompt_link(%s, 1, %L)', :ada, '2027-01-01'), $$values ('open')$$, 'R-A7 open up to 14 days after the end');
select lives_ok(format('select answer_prompt(%s, 1, %L, ''attended'', ''r'')', :ada, '2027-01-01'), 'R-A7 ... and taken');
select try.clock('2026-12-06 17:00:01+00');
select results_eq(format('select state from prompt_link(%s, 1, %L)', :ada, '2027-01-01'), $$values ('closed')$$, 'R-A7 a second later it is closed');
select throws_ok(format('select answer_prompt(%s, 1, %L, ''partial'', ''r'')', :ada, '2027-01-01'), 'RC410', 'closed', 'R-A7 ... and refused');
select try.clock('2026-11-23 17:00+00');
update events set status = 'cancelled';
select results_eq(format('select state from prompt_link(%s, 1, %L)', :ada, :late), $$values ('cancelled')$$, 'a cancelled event says so');
select throws_ok(format('select answer_prompt(%s, 1, %L, ''partial'', ''r'')', :ada, :late), 'RC410', 'event_cancelled', '... and takes no answer');
update events set deleted_at = app_now();
select is_empty(format('select * from prompt_link(%s, 1, %L)', :ada, :late), 'a deleted event is gone');
select is_empty('select * from verify_audit(null)', 'R-B6 after all this the chain is sound');

-- Unsubscribe.
update events set deleted_at = null, status = 'completed';
select id as pref from event_notification_preferences where user_id = try.user_id('Ada') \gset
select results_eq(format('select * from unsubscribe_link(%s, 1)', :pref), $$values ('Org org', 'all')$$, 'R-G2 the link names the organisation');
select is_empty(format('select * from unsubscribe_link(%s, 2)', :pref), 'R-G2 revoked: nothing');
select throws_ok(format('select * from unsubscribe(%s, 2)', :pref), 'RC404', 'absent', 'R-G2 revoked: refused');
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at)
select 'third-' || u.id, :org, 'attendance_prompt', 3, try.event_id('Talk'), u.id, 2, app_now(), app_now(), app_now() + interval '1 day' from users u where name in ('Ada', 'Bob');
select results_eq(format('select * from unsubscribe(%s, 1)', :pref), $$values ('Org org')$$, 'R-G2 stopped');
select results_eq('select user_id, frequency from event_notification_preferences where frequency <> ''all''', $$values (try.user_id('Ada'), 'none')$$, 'R-A12 frequency none, for this person');
select is((select state || ' ' || cause from notification_log where notification_id = 'third-' || try.user_id('Ada')), 'cancelled unsubscribed', 'R-G2 what waits is taken back');
select lives_ok(format('select * from unsubscribe(%s, 1)', :pref), 'R-G2 again is no error');
select * from finish();
