-- R-F1, R-F2, R-F7, R-T4: claims, leases, copies, and what became of them.
\ir fixture.sql
select plan(46);

select try.person('Ada'), try.person('Bob'), try.person('Cem');
update organizations set postal_address = E'Main Street 1\n10115 Berlin';
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.viewed(n, 'Talk') from unnest(array['Ada', 'Bob', 'Cem']) n;
select schedule_post_event_prompts(10);

-- Claim.
create temporary table first as select * from claim_notifications(2);
select is((select count(*)::int from first), 2, 'R-F1 as many as asked for');
select is((select count(distinct lease_id)::int from first), 2, 'each under a lease of its own');
select is((select count(*)::int from claim_notifications(10)), 1, 'R-F1 nobody claims them again');
select is((select array_agg(distinct state) from scheduled_notifications), array['pending'], 'the state stays as it is');
select try.clock('2026-11-20 18:04:59+00');
select is((select count(*)::int from claim_notifications(10)), 0, 'R-F1 until the lease is over');
select try.clock('2026-11-20 18:05+00');
create temporary table second as select * from claim_notifications(10);
select is((select count(*)::int from second), 3, 'R-F1 then they are claimed again');
select is((select array_agg(distinct p.outcome) from first f, prepare_notification(f.id, f.lease_id) p), array['lost'], 'R-F1 the first worker finds its leases lost');
select is((select bool_or(keep_message(id, lease_id, 'x') or record_sent(id, lease_id, 250, 1)) from first), false, 'R-F1 ... and can record nothing');
select is((select record_failed(id, lease_id, 'retry', 451, null, 'x') from first limit 1), 'lost', 'R-F1 ... not even a failure');

-- Prepare.
select id as q, lease_id as l, notification_id as n from second order by id limit 1 \gset
create temporary table prepared as select * from prepare_notification(:q, :l);
select results_eq('select outcome, cause, template, message, sent_date, email, name, org_name, generation, preference_generation, expires_at from prepared',
  $$values ('send', null::text, 'mail_prompt', null::bytea, 'Fri, 20 Nov 2026 18:05:00 +0000', 'ada@example.org', 'Ada', 'Org org', 1, 1, '2026-12-04 17:00+00'::timestamptz)$$,
  'all that a mail is made of');
select is((select data - 'event_id' from prepared), jsonb_build_object(
  'user_name', 'Ada', 'org_name', 'Org org', 'org_slug', 'org', 'postal_address', E'Main Street 1\n10115 Berlin',
  'event_title', 'Talk', 'starts_at', '2026-11-20T16:00:00+01:00', 'starts_text', 'Friday 20 November 2026, 16:00', 'ends_text', '18:00',
  'all_day', false, 'zone', 'Europe/Berlin', 'location', '', 'is_virtual', false, 'closes_text', 'Friday 4 December 2026',
  'prompt_number', 1, 'is_last', false, 'is_registered', false, 'door_absent', false), 'and what its template shows');
select is((select row(n.user_id, n.type, n.prompt_number, n.title)::text from notifications n, prepared p where n.id = p.row_id), row(try.user_id('Ada'), 'attendance_prompt', 1, 'Talk')::text, 'R-T2 the notification is made when it is due');
select is((select user_id from event_notification_preferences f, prepared p where f.id = p.preference_id), try.user_id('Ada'), 'R-F4 and a row for the stop link');
select is((select row(retry_count, first_attempt_at)::text from scheduled_notifications where id = :q), row(1, '2026-11-20 18:05+00'::timestamptz)::text, 'R-F1 the attempt is counted before sending');
select ok(keep_message(:q, :l, 'The mail'), 'R-F1 the message is kept');
select ok(not keep_message(:q, :l, 'Another'), 'R-F1 ... once');

-- A crash, and another worker.
select try.clock('2026-11-20 18:11+00');
select id as q, lease_id as l from claim_notifications(10) where notification_id = :'n' \gset
drop table prepared;
create temporary table prepared as select * from prepare_notification(:q, :l);
select results_eq('select message, first_attempt_at, sent_date from prepared', $$values ('The mail'::bytea, '2026-11-20 18:05+00'::timestamptz, 'Fri, 20 Nov 2026 18:05:00 +0000')$$, 'R-F1 a copy is the same to the byte, its date too');
select is((select count(*)::int from notifications where user_id = try.user_id('Ada')), 1, 'R-T2 and no second notification');
select ok(record_sent(:q, :l, 250, 12), 'R-F1 recorded under the lease');
select ok(not record_sent(:q, :l, 250, 12), 'R-F1 ... once');
select results_eq(format('select state, reply_code, took_ms, retry_count from notification_log where id = %s', :q), $$values ('sent', 250, 12, 2)$$, 'R-T8 the ledger has it');
select is((select payload::text from notification_pushes where notification_id = :'n'), format('{"kind": "attendance_prompt", "org_id": %s, "user_id": %s, "event_id": %s}', :org, try.user_id('Ada'), try.event_id('Talk')), 'R-T4 marked as sent, ids only');
select is_empty(format('select from scheduled_notifications where id = %s', :q), 'R-F1 the row and the kept message are gone');
select ok(not try_mark_notification_pushed(:'n', '{}'), 'R-T4 a second mark is refused');

-- Found in notification_pushes.
select id as q, lease_id as l, notification_id as n from scheduled_notifications order by id limit 1 \gset
select try_mark_notification_pushed(:'n', '{}');
select is((select outcome || ' ' || cause from prepare_notification(:q, :l)), 'skip already_sent', 'R-T4 found at the recheck: skipped');

-- Failures.
select id as q, lease_id as l from scheduled_notifications order by id limit 1 \gset
select outcome = '' from prepare_notification(:q, :l);
select is(record_failed(:q, :l, 'retry', 451, '4.2.1', 'try again, <cem@example.org>'), 'pending', 'R-F2 451: again');
select results_eq(format('select last_error, cause, lease_id, not_before - app_now() between interval ''30 s'' and interval ''60 s'' from scheduled_notifications where id = %s', :q), $$values ('4.2.1 try again, <(address)>', 'retry', null::bigint, true)$$, 'R-F2 after 30 to 60 s; R-G3 no address in the error');
update scheduled_notifications set retry_count = 20, lease_id = 7 where id = :q;
select is(record_failed(:q, 7, 'retry', null, null, 'timeout'), 'pending', 'R-F2 a timeout: again');
select ok((select not_before - app_now() between interval '30 min' and interval '1 h' from scheduled_notifications where id = :q), 'R-F2 never more than an hour later');
select is((select count(*)::int from claim_notifications(10)), 0, 'not claimed before');
update scheduled_notifications set lease_id = 8, expires_at = app_now() + interval '29 min' where id = :q;
select is(record_failed(:q, 8, 'retry', null, null, 'timeout'), 'expired', 'R-F2 no try left before it expires');
select is((select row(state, cause)::text from notification_log where id = :q), '(expired,no_try_left)', '... and the cause is kept');
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at, lease_id)
values ('x', :org, 'attendance_prompt', 3, try.event_id('Talk'), try.user_id('Bob'), 2, app_now(), app_now(), app_now() + interval '1 d', 9);
select is((select record_failed(id, 9, 'recipient', 550, null, 'no such user') from scheduled_notifications), 'dead', 'R-F2 refused for good: dead');
select is((select row(state, reply_code, last_error)::text from notification_log where notification_id = 'x'), '(dead,550,"no such user")', '... with the server''s reply');

-- Expired on the way.
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at, lease_id)
values ('y', :org, 'attendance_prompt', 3, try.event_id('Talk'), try.user_id('Bob'), 2, app_now(), app_now(), app_now(), 9);
select is((select outcome || ' ' || p.cause from scheduled_notifications q, prepare_notification(q.id, 9) p), 'skip too_late', 'R-F1 too late at the recheck');
select is((select state from notification_log where notification_id = 'y'), 'expired', '... is expired');

-- Rechecks.
create function try.refused(change text) returns text language plpgsql as $$
declare answer text;
begin
  insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at, lease_id)
  select 'z', e.org_id, 'attendance_prompt', 3, e.id, try.user_id('Bob'), 1, app_now(), app_now(), app_now() + interval '1 d', 9 from events e;
  execute change;
  select concat_ws(' ', outcome, p.cause) into answer from scheduled_notifications q, prepare_notification(q.id, 9) p;
  raise exception using message = answer;
exception when raise_exception then
  return sqlerrm;
end
$$;
select is(try.refused(c.change), c.answer, 'R-F1 rechecked: ' || c.answer) from (values
  ('select 1', 'send'),
  ('insert into event_notification_preferences (user_id, org_id, frequency) select try.user_id(''Bob''), id, ''none'' from organizations', 'skip unsubscribed'),
  ('update users set suppressed_at = app_now(), suppressed_cause = ''x''', 'skip suppressed'),
  ('update organizations set prompts_since = null', 'skip prompts_off'),
  ('update events set status = ''draft''', 'skip event_draft'),
  ('update events set deleted_at = app_now()', 'skip event_cancelled')
) c(change, answer);

-- Urgency.
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
select 'u' || u, :org, 'attendance_prompt', u, try.user_id('Bob'), app_now(), app_now() - u * interval '1 hour', app_now() + interval '1 d' from generate_series(0, 3) u;
select is((select array_agg(notification_id) from claim_notifications(3)), array['u0', 'u1', 'u2'], 'R-C5 the urgent go first, however long the others have waited');
select is((select array_agg(format('%s %s %s %s', category, urgency, quiet_hours, one_click_stop) order by urgency, category) from notification_categories),
  array['account 0 pass f', 'watch 1 pass f', 'watch_person 1 held f', 'shift 2 pass t', 'care 3 held t', 'event 3 held_unless_soon t', 'prompt 3 held t'], 'R-F7 the categories');
select is((select array_agg(i.indexrelid::regclass::text) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = 'scheduled_notifications'::regclass and a.attname in ('lease_id', 'lease_until', 'retry_count', 'message', 'first_attempt_at')), null, 'no index holds what a claim writes');
select is((select count(*)::int from pg_indexes where tablename = 'scheduled_notifications' and indexdef like '%(state, scheduled_for)'), 1, 'R-T3 an index on (state, scheduled_for)');
select * from finish();
