-- R-F2: what a failure means for the message, the address and the channel.
\ir fixture.sql
select plan(70);

select try.person('Ada'), try.person('Bob'), try.person('Root', 'America/New_York', 'org', 'admin');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.viewed('Ada', 'Talk'), try.viewed('Bob', 'Talk');
insert into organizations (slug, name, postal_address) values ('two', 'Org two', '');
insert into memberships (user_id, org_id, role) select try.user_id('Root'), id, 'admin' from organizations where slug = 'two';

-- One message for that person, claimed and prepared.
create sequence try.n;
create function try.message(name text, expires interval default '14 days') returns scheduled_notifications language sql
  as $$
    insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at, lease_id, lease_until, retry_count, first_attempt_at)
    select 'm-' || nextval('try.n'), e.org_id, 'attendance_prompt', 3, e.id, try.user_id(name), 1, app_now(), app_now(), app_now() + expires, 1, app_now() + interval '5 minutes', 1, app_now()
    from events e
    returning *
  $$;
create function try.failed(name text, class text, code int, enhanced text default null) returns text language plpgsql
  as $$
    declare
      m scheduled_notifications := try.message(name);
      became text := record_failed(m.id, 1, class, code, enhanced, 'refused');
    begin
      return became || coalesce((select concat_ws(' ', ':', l.cause, l.reply_code, l.last_error) from notification_log l where l.id = m.id),
        (select concat_ws(' ', ':', q.cause, q.last_error) from scheduled_notifications q where q.id = m.id));
    end
  $$;
create function try.suppressed(name text) returns text language sql stable
  as $$ select suppressed_cause from users u where u.name = $1 $$;

-- Back again.
select is(try.failed('Ada', 'retry', 451, '4.2.1'), 'pending: retry 4.2.1 refused', 'R-F2 refused for now: again');
select is(try.failed('Ada', 'retry', 552, '5.2.2'), 'pending: retry 5.2.2 refused', 'R-F2 a full mailbox: again');
select is(try.failed('Ada', 'retry', null), 'pending: retry refused', 'R-F2 no reply at all: again');
select is(try.failed('Ada', 'ours', 554, '5.7.1'), 'pending: our_fault 5.7.1 refused', 'R-F2 refused for what we are: again, and the ledger says whose fault it is');
select is(try.failed('Ada', 'ours', 535), 'pending: our_fault refused', 'R-F2 ... at AUTH too');
select is(try.suppressed('Ada'), null, 'R-F2 nobody is suppressed for any of it');
select is((select count(*)::int from notification_log), 0, 'R-F2 and nothing is dead');
select is(try.failed('Ada', 'ours', 554, '<ada@example.org>'), 'pending: our_fault refused', 'R-G3 what is no status is not kept');
select throws_ok(format('select try.failed(''Ada'', %L, 550)', c), 'RC422', 'bad_class', 'there is no class ' || coalesce(c, 'null')) from unnest(array['permanent', '', null]) c;

-- The back-off.
delete from scheduled_notifications;
create temporary table waits as
  select m.n, m.id, m.attempt, least(60 * 2 ^ (m.attempt - 1), 3600) as most
  from (
    select n, (n % 12) + 1 as attempt, (try.message('Ada')).id from generate_series(0, 2399) n
  ) m;
update scheduled_notifications q set retry_count = w.attempt from waits w where w.id = q.id;
select count(record_failed(id, 1, case n % 2 when 0 then 'retry' else 'ours' end, 451, null, 'refused')) from waits;
create temporary table waited as
  select w.attempt, w.most, extract(epoch from q.not_before - app_now()) as s from waits w join scheduled_notifications q using (id);
select is((select count(*)::int from waited), 2400, 'two hundred failures of each attempt from the first to the twelfth');
select is((select count(*)::int from waited where s < most / 2), 0, 'R-F2 none is tried again before half of min(60 s * 2^n, 1 h)');
select is((select count(*)::int from waited where s > most), 0, 'R-F2 ... nor later than all of it');
select is((select array_agg(attempt) from (select attempt from waited group by attempt, most having min(s) > most * 0.55 or max(s) < most * 0.95) x), null, 'R-F2 the whole of the span is used');
select is((select max(s) > 3400 and max(s) <= 3600 from waited), true, 'R-F2 an hour at most');
select is((select record_failed(m.id, 1, 'retry', 451, null, 'refused') from try.message('Ada', '29 seconds') m), 'expired', 'R-F2 again until it expires');
select is((select record_failed(m.id, 1, 'ours', 451, null, 'refused') from try.message('Ada', '29 seconds') m), 'expired', 'R-F2 ... by our fault too');
delete from scheduled_notifications;

-- An address that does not exist.
select is(try.failed('Ada', 'address', 550, '5.1.1'), 'dead: address_refused 550 5.1.1 refused', 'R-F2 550 5.1.1: dead');
select is((select row(suppressed_at, suppressed_cause)::text from users where name = 'Ada'), row('2026-11-20 18:00+00'::timestamptz, '5.1.1')::text, 'R-F2 suppressed at once, with its cause');
select is(try.suppressed('Bob'), null, 'R-F2 nobody else is');
select is((select concat_ws(' ', p.outcome, p.cause) from try.message('Ada') m, prepare_notification(m.id, 1) p), 'skip suppressed', 'R-F2 nothing more is sent there');
select is(try.failed('Ada', 'address', 550, '5.1.10'), 'dead: address_refused 550 5.1.10 refused', 'refused again');
select is(try.suppressed('Ada'), '5.1.1', '... the first cause stays');

-- But a sign-in link a day.
create function try.asks(hash text) returns text language plpgsql as $$
declare answer text;
begin
  perform sign_in_ask('ada@example.org', sha256(hash::bytea));
  select string_agg(concat_ws(' ', p.outcome, p.cause), ', ') into answer from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p where c.kind = 'sign_in';
  return answer;
end
$$;
create function try.ends(class text) returns text language sql
  as $$
    select case when class = 'sent' then record_sent(q.id, q.lease_id, 250, 1)::text else record_failed(q.id, q.lease_id, class, 550, '5.1.1', 'refused') end
    from scheduled_notifications q where q.kind = 'sign_in'
  $$;
select try.clock('2026-11-20 18:00:01+00');
select is(try.asks('1'), 'send', 'R-F2 a sign-in link still goes there');
select is(try.ends('address'), 'dead', '... and is refused');
select try.clock('2026-11-21 18:00+00');
select is(try.asks('2'), 'skip suppressed', 'R-F2 not a second one within a day');
select try.clock('2026-11-21 18:00:01+00');
select is(try.asks('3'), 'send', 'R-F2 a day later the next');
select is(try.asks('4'), 'skip suppressed', 'R-F2 ... nor another while that is on its way');
select is(try.ends('retry'), 'pending', 'it has to be tried again');
select try.clock('2026-11-21 18:02+00');
select is((select string_agg(concat_ws(' ', p.outcome, p.cause), ', ') from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p), 'send', 'R-F2 ... which is still the same link');
select is(try.ends('sent'), 'true', 'and now it arrives');
select is(try.suppressed('Ada'), '5.1.1', 'R-F2 only staff lift a suppression');
select is(lift_suppression(try.user_id('Ada')), true, 'R-F2 they can');
select is((select row(suppressed_at, suppressed_cause)::text from users where name = 'Ada'), '(,)', '... and it is gone');
select is(lift_suppression(try.user_id('Ada')), false, '... once');
select is((select p.outcome from try.message('Ada') m, prepare_notification(m.id, 1) p), 'send', 'R-F2 mail goes there again');
delete from scheduled_notifications;

-- Refused, and no more said.
select is(try.failed('Bob', 'recipient', 550), 'dead: recipient_refused 550 refused', 'R-F2 a bare 550: dead');
select is(try.failed('Bob', 'recipient', 551) || try.failed('Bob', 'recipient', 553), 'dead: recipient_refused 551 refuseddead: recipient_refused 553 refused', 'R-F2 551 and 553 too');
select is(try.suppressed('Bob'), null, 'R-F2 three on one day do not suppress');
select try.clock('2026-11-22 18:00+00'), try.failed('Bob', 'recipient', 550);
select is(try.suppressed('Bob'), null, 'R-F2 nor does a second day');
select try.clock('2026-11-23 00:30+00'), try.failed('Bob', 'recipient', 550);
select is(try.suppressed('Bob'), '550', 'R-F2 the third day does');
select lift_suppression(try.user_id('Bob')), try.failed('Bob', 'recipient', 550);
select is(try.suppressed('Bob'), null, 'R-F2 lifted, it is counted from the beginning');
select try.clock('2026-11-24 12:00+00'), try.failed('Bob', 'recipient', 550);
select is((select record_sent(m.id, 1, 250, 1) from try.message('Bob') m), true, 'mail that arrives in between');
select try.clock('2026-11-25 12:00+00'), try.failed('Bob', 'recipient', 550);
select is(try.suppressed('Bob'), null, 'R-F2 ... shows that the address works');

-- The channel.
delete from scheduled_notifications;
select try.clock('2026-11-26 12:00+00');
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at)
select 'waiting', org_id, 'attendance_prompt', 3, id, try.user_id('Bob'), 1, app_now(), app_now(), app_now() + interval '1 day' from events;
select is((select string_agg(concat_ws(' ', notification_id, outcome, cause), ', ') from due_notifications(10)), 'waiting send', 'a dry run says what the recheck would');
select is((select count(*)::int from scheduled_notifications where lease_id is not null), 0, '... and claims nothing');
select is(pause_channel('email', 'login refused'), true, 'R-F2 paused: the admins are told');
select is((select string_agg(concat_ws(' ', u.name, q.kind, q.notification_id, q.not_before, q.expires_at), ', ') from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'staff_notice'),
  'Root staff_notice notice-email-1-' || try.user_id('Root') || ' 2026-11-26 12:01:00+00 2026-11-29 12:00:00+00', 'R-F2 each of them once, of however many organisations');
select is((select count(*)::int from claim_notifications(10)), 0, 'R-F2 nothing is claimed');
select is((select count(*)::int from due_notifications(10)), 0, '... nor shown as due');
select try.clock('2026-11-26 12:00:59+00');
select is((select count(*)::int from claim_notifications(10)), 0, 'R-F2 for 60 seconds');
select is(pause_channel('email', 'login refused'), false, 'R-F2 it goes on: nobody is told again');
select try.clock('2026-11-26 12:01:58+00');
select is((select count(*)::int from claim_notifications(10)), 0, 'R-F2 60 seconds from then');
select try.clock('2026-11-26 12:01:59+00');
create temporary table claimed as select c.kind, c.id, c.lease_id, p.outcome, p.template, p.data, p.org_name, p.row_id, p.preference_id from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p;
select results_eq('select kind, outcome, template, org_name, row_id, preference_id from claimed', $$values ('staff_notice', 'send', 'mail_notice', 'Org org', null::bigint, (select id from category_preferences where category = 'shift'))$$, 'R-F7 the notice goes before prompts, and by night');
select is((select data from claimed), jsonb_build_object('user_name', 'Root', 'org_name', 'Org org', 'org_slug', 'org', 'postal_address', '', 'channel', 'email', 'is_push', false, 'why', 'login refused',
  'since_at', '2026-11-26T07:00:00-05:00', 'since_text', 'Thursday 26 November 2026, 07:00', 'zone', 'America/New_York'), '... and says what happened');
select is((select record_sent(id, lease_id, 250, 1) from claimed), true, 'it arrives');
select is(pause_channel('email', 'no answer'), false, 'R-F2 back within the hour: nobody is told again');
select channel_succeeded('email');
select try.clock('2026-11-26 13:01:59+00');
select is(pause_channel('email', 'no answer'), true, 'R-F2 an hour of success: they are told of the next');
select is((select count(*)::int from scheduled_notifications where kind = 'staff_notice'), 1, '... with one more notice');
select channel_succeeded('email');
select isnt((select count(*)::int from claim_notifications(10)), 0, 'R-F2 once it works nothing is held back');
update users set suppressed_at = app_now(), suppressed_cause = 'x' where name = 'Root';
update scheduled_notifications set lease_id = 5 where kind = 'staff_notice';
select is((select concat_ws(' ', outcome, p.cause) from scheduled_notifications q, prepare_notification(q.id, q.lease_id) p where q.kind = 'staff_notice'), 'skip suppressed', 'R-F2 no notice to a suppressed address');
select try.clock('2026-11-26 14:02:00+00');
select pause_channel('email', 'no answer'), lift_suppression(try.user_id('Root'));
update memberships set role = 'member';
update scheduled_notifications set lease_id = 5;
select is((select concat_ws(' ', outcome, p.cause) from scheduled_notifications q, prepare_notification(q.id, q.lease_id) p where q.kind = 'staff_notice'), 'skip not_admin', 'nor to who is no admin any more');
select throws_ok('select pause_channel(''pigeon'', ''rain'')', 'RC422', 'bad_channel', 'there is no such channel');
select channel_succeeded('email');
select results_eq('select paused, told from channel_failed(''email'', try.user_id(''Ann''), ''no answer''), generate_series(1, 3)', 'values (false, false), (false, false), (false, false)',
  'R-F2 one person''s messages pause nothing, however many');
select results_eq('select paused, told from channel_failed(''email'', try.user_id(''Bob''), ''no answer'')', 'values (false, false)', '... nor do two people''s');
select channel_succeeded('email');
select is((select failing from delivery_channels where channel = 'email'), '{}'::bigint[], 'R-F2 a success ends the row');
select ok(not (select bool_or(f.paused) from (values ('Ann'), ('Bob')) as u(name), channel_failed('email', try.user_id(u.name), 'no answer') f), '... which begins anew');
select try.clock('2026-11-26 16:00:00+00');
select results_eq('select paused, told from channel_failed(''email'', try.user_id(''Root''), ''no answer'')', 'values (true, true)', 'R-F2 the third person in a row, of whatever run, does');
select results_eq('select paused, told from channel_failed(''email'', try.user_id(''Bob''), ''no answer'')', 'values (true, false)', '... and each that follows, of which nobody is told');
select * from finish();
