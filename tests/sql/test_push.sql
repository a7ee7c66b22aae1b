-- R-F3, R-F1, R-F2: what is pushed to a person's devices, and mailed when that
-- does not come off; and who has which device.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Cem') as cem, try.person('Root', null, 'org', 'admin') as root \gset
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00') as talk \gset
create function try.session(name text) returns bytea language sql as $$ select hash from sessions s join users u on u.id = s.user_id where u.name = $1 order by s.id desc limit 1 $$;
select try.viewed(n, 'Talk') from unnest(array['Ada', 'Bob']) n;
select try.sign_in('Ada'), try.sign_in('Bob');

-- Devices.
select add_device(try.session('Ada'), 'ada-telephone-0001', 'Ada''s phone') as phone \gset
select is((select string_agg(concat_ws(' ', name, added_text, used_text), ', ') from own_devices(try.session('Ada'))), 'Ada''s phone Friday 20 November 2026, 19:00', 'a person''s devices');
select is((select count(*)::int from own_devices(try.session('Bob'))), 0, '... are theirs');
select is((select count(*)::int from own_devices('\x00')), 0, '... and nobody''s who is not signed in');
select throws_ok($$select add_device('\x00', 'nobody-telephone-1', 'x')$$, 'RC401', 'no_session', 'nobody adds one without signing in');
select throws_ok(format('select add_device(try.session(''Ada''), %L, ''x'')', t), 'RC422', 'bad_device', 'no token: ' || left(coalesce(t, 'null'), 20))
from unnest(array[null, '', 'fifteen-letters', repeat('x', 4097), 'with a blank in it', E'with-a-line\nin-it-x', E'with-control\u0007-in-it', 'ümlaut-telephone-1']) t;
select throws_ok(format('select add_device(try.session(''Ada''), ''ada-telephone-0002'', %L)', n), 'RC422', 'bad_name', 'no name: ' || left(coalesce(n, 'null'), 20))
from unnest(array[null, '', ' ', E'two\nlines', repeat('x', 201)]) n;
select lives_ok($$select add_device(try.session('Ada'), repeat('x', 4096), 'Long'), add_device(try.session('Ada'), 'sixteen-letters-', 'Short')$$, 'tokens of 16 to 4096 letters');
select is(add_device(try.session('Ada'), 'ada-telephone-0001', 'New name'), :phone::bigint, 'the same token is the same device');
select add_device(try.session('Ada'), 'ada-telephone-1' || n, 'Phone') from generate_series(1, 7) n;
select throws_ok($$select add_device(try.session('Ada'), 'ada-telephone-eleven', 'Phone')$$, 'RC422', 'many_devices', 'ten a person');
select lives_ok($$select add_device(try.session('Ada'), 'ada-telephone-0001', 'Ada''s phone')$$, '... the tenth can still be named anew');
select throws_ok(format('select remove_device(try.session(''Bob''), %s)', :phone), 'RC404', 'absent', 'nobody removes another''s');
select is(add_device(try.session('Bob'), 'ada-telephone-0001', 'Bob''s phone'), :phone::bigint, 'a phone that changes hands');
select is((select count(*)::int from own_devices(try.session('Ada'))), 9, '... is no longer the one''s');
select is((select string_agg(name, ', ') from own_devices(try.session('Bob'))), 'Bob''s phone', '... but the other''s');
select lives_ok(format('select remove_device(try.session(''Bob''), %s)', :phone), 'one''s own is removed');
select is((select count(*)::int from device_tokens where token = 'ada-telephone-0001'), 0, '... altogether');
delete from device_tokens;
select add_device(try.session('Ada'), 'ada-telephone-0001', 'Ada''s phone');

-- One message for that person, due now.
create sequence try.n;
create function try.message(name text, kind text default 'attendance_prompt', expires interval default '14 days') returns bigint language sql
  as $$
    insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at)
    select 'm-' || nextval('try.n'), e.org_id, k.kind, c.urgency, e.id, try.user_id(name), case k.kind when 'attendance_prompt' then 1 end, app_now(), app_now(), app_now() + $3
    from events e, notification_kinds k join notification_categories c using (category)
    where k.kind = $2
    returning id
  $$;
-- Claims what that channel has and prepares it: "Ada send, Bob email no_device".
create function try.turn(channel text, push boolean default true) returns text language sql
  as $$
    select coalesce(string_agg(concat_ws(' ', u.name, p.outcome, p.cause), ', ' order by u.name), '-')
    from claim_notifications(100, channel, push) c
    cross join lateral prepare_notification(c.id, c.lease_id, channel, push) p
    join users u on u.id = c.user_id
  $$;
create function try.state(id bigint) returns text language sql
  as $$
    select concat_ws(' ', 'waits', channel, cause, push_state, push_cause, push_reply_code, retry_count, lease_id is null) from scheduled_notifications q where q.id = $1
    union all
    select concat_ws(' ', state, channel, cause, push_state, push_cause, push_reply_code, retry_count) from notification_log l where l.id = $1
  $$;

-- Which way.
select try.message('Ada') as ada_row, try.message('Bob') as bob_row \gset
select is(try.turn('push', false), '-', 'R-F3 nothing is pushed without a push service');
begin;
  select is(try.turn('email', false), 'Ada send, Bob send', '... all is mailed');
  select is(try.state(:ada_row), 'waits email 1 f', '... and nothing said of push');
rollback;
select is(try.turn('email'), 'Bob send', 'R-F3 with one, mail is for those without a device');
select is(try.state(:bob_row), 'waits email skipped no_device 1 f', 'R-F3 no token: the push is skipped (no_device) and the mail is sent');
select is(try.turn('push'), 'Ada send', 'R-F3 where a token is, push is first');
select is(try.state(:ada_row), 'waits push 1 f', '... and undecided');
select is((select record_sent(:bob_row, lease_id, 250, 1) from scheduled_notifications where id = :bob_row), true, 'sent');
select is(try.state(:bob_row), 'sent email skipped no_device 1', 'R-F5 the ledger keeps both');

-- A copy, and what it is a copy for.
select lease_id as l from scheduled_notifications where id = :ada_row \gset
select keep_message(:ada_row, :l, 'The body');
select try.clock('2026-11-20 18:06+00');
select id as q, lease_id as l from claim_notifications(10, 'push', true) \gset
select is((select concat_ws(' ', outcome, convert_from(message, 'UTF8'), tokens, email) from prepare_notification(:q, :l, 'push', true)), 'send The body ["ada-telephone-0001"]', 'R-F1 a copy is the same to the byte');
select is(record_failed(:q, :l, 'retry', 503, null, 'busy'), 'pending', 'R-F2 503: again');
select ok((select not_before - app_now() between interval '60 s' and interval '120 s' from scheduled_notifications where id = :q), '... a while later');
select is((select cause from scheduled_notifications where id = :q), 'push_retry', '... and why it waits');
select is(try.turn('email') || try.turn('push'), '--', '... not before');
select try.clock('2026-11-20 18:08+00');
select add_device(try.session('Ada'), 'ada-telephone-0002', 'Tablet');
select id as q, lease_id as l from claim_notifications(10, 'push', true) \gset
select is((select concat_ws(' ', outcome, message is null, tokens) from prepare_notification(:q, :l, 'push', true)), 'send t ["ada-telephone-0001", "ada-telephone-0002"]', 'to other devices it is written anew');
update scheduled_notifications set retry_count = 1 where id = :q;
select is(record_failed(:q, :l, 'retry', 429, null, 'often', 45), 'pending', 'Retry-After');
select ok((select not_before - app_now() >= interval '45 s' from scheduled_notifications where id = :q), '... is waited for');
update scheduled_notifications set lease_id = 5, retry_count = 1 where id = :q;
select is(record_failed(:q, 5, 'retry', 429, null, 'often', 100), 'pending', 'Retry-After of more than the back-off');
select is((select not_before - app_now() from scheduled_notifications where id = :q), interval '100 s', '... to the second');
update scheduled_notifications set lease_id = 5 where id = :q;
select is(record_failed(:q, 5, 'retry', 429, null, 'often', 7200), 'email', 'R-F3 not out within 10 minutes: it is mailed');
select is(try.state(:q), 'waits email dead push_late 429 0 t', '... in the same run, and why is kept');
select is((select not_before <= app_now() and message is null from scheduled_notifications where id = :q), true, '... at once');
select is(try.turn('push'), '-', '... not pushed again');
select is(try.turn('email'), 'Ada send', '... but mailed');
select is(try.state(:q), 'waits email dead push_late 429 1 f', 'its first try as mail');
select is((select record_failed(id, lease_id, 'retry', 451, null, 'busy') from scheduled_notifications where id = :q), 'pending', 'as mail it is tried again');
select is((select concat_ws(' ', cause, push_cause) from scheduled_notifications where id = :q), 'retry push_late', '... and stays mail');
select is(try.turn('push'), '-', '... whatever devices there are');
delete from scheduled_notifications;
-- Mail: an hour at most, and no wait is none.
select try.message('Bob') as q \gset
select try.turn('email', false);
select is((select record_failed(q.id, q.lease_id, 'retry', 451, null, 'x', 999999) from scheduled_notifications q where id = :q), 'pending', 'a long wait');
select is((select not_before - app_now() from scheduled_notifications where id = :q), interval '1 hour', '... is an hour');
delete from scheduled_notifications;

-- A worker that died for longer than 10 minutes.
select try.message('Ada') as q \gset
select is(try.turn('push'), 'Ada send', 'pushed');
select try.clock('2026-11-20 18:18+00');
select is(try.turn('push'), '-', 'R-F3 what was not out in 10 minutes is not pushed');
select is(try.turn('email'), 'Ada send', '... but mailed');
select is(try.state(:q), 'waits email dead push_late 1 f', '... and why is kept');
delete from scheduled_notifications;

-- Tokens that are gone.
select try.message('Ada') as q \gset
select try.turn('push');
select lease_id as l from scheduled_notifications where id = :q \gset
select is(forget_devices(:q, 99, '["ada-telephone-0001"]'), 0, 'under another lease nothing is forgotten');
select add_device(try.session('Bob'), 'bob-telephone-0001', 'Bob''s phone');
select is(forget_devices(:q, :l, '["ada-telephone-0001", "bob-telephone-0001", "unknown"]'), 1, 'R-F3 a token that is gone is removed, and nobody else''s');
select is(record_failed(:q, :l, 'address', 410, null, 'gone'), 'pending', '... and the others are tried');
select is((select concat_ws(' ', outcome, tokens) from claim_notifications(10, 'push', true) c, prepare_notification(c.id, c.lease_id, 'push', true)), 'send ["ada-telephone-0002"]', '... at once');
select lease_id as l from scheduled_notifications where id = :q \gset
select is(forget_devices(:q, :l, '["ada-telephone-0002"]'), 1, 'the last one');
select is(record_failed(:q, :l, 'address', 410, null, 'gone'), 'email', '... then it is mailed');
select is(try.state(:q), 'waits email dead devices_gone 410 0 t', '... and why is kept');
select is((select suppressed_at from users where name = 'Ada'), null, 'R-F2 no address is suppressed for a device');
select is(try.turn('email'), 'Ada send', 'the mail');
delete from scheduled_notifications;
delete from device_tokens where user_id = :bob;

-- Our fault, and the channel.
select add_device(try.session('Ada'), 'ada-telephone-0003', 'Ada''s phone');
select try.message('Ada') as q \gset
select try.turn('push');
select is((select record_failed(id, lease_id, 'ours', 302, null, 'redirected') from scheduled_notifications), 'email', 'R-F2 our fault: it is mailed at once');
select is(try.state(:q), 'waits email dead push_refused 302 0 t', '... and why is kept');
select is((select string_agg(concat_ws(' ', channel_failed('push', n, 'redirected')), ', ') from generate_series(1, 3) n), '(f,f), (f,f), (t,t)', 'R-F2 three people in a row pause the channel, and the admins are told');
select is((select string_agg(channel, ' ') from delivery_channels where paused_until > app_now()), 'push', '... that one only');
select try.message('Ada') as second \gset
select is(try.turn('push'), '-', 'nothing is pushed meanwhile');
select is(try.turn('email'), 'Ada send, Ada send', 'R-F3 a dead push service stops no mail');
select is(try.state(:second), 'waits email skipped push_down 1 f', '... and the ledger says that it was down');
select try.clock('2026-11-20 18:20+00');
select is((select concat_ws(' ', outcome, p.data ->> 'is_push', p.data ->> 'why') from claim_notifications(100, 'email', true) c, prepare_notification(c.id, c.lease_id, 'email', true) p where c.kind = 'staff_notice'), 'send true redirected', 'the notice says what failed');
delete from scheduled_notifications;
select try.message('Ada') as q \gset
select try.turn('push');
select is((select record_sent(id, lease_id, 200, 7) from scheduled_notifications where id = :q), true, 'it works again');
select is(try.state(:q), 'sent push 1', 'R-F5 sent as a push');
select is((select outage_to is not null and failing = '{}' from delivery_channels where channel = 'push'), true, 'R-F2 a success ends the outage');
select is((select concat_ws(' ', used_text) from own_devices(try.session('Ada'))), 'Friday 20 November 2026, 19:20', 'the device was used');
select try.message('Ada');
select is(try.turn('push'), 'Ada send', 'another message is another');
delete from scheduled_notifications;
select lives_ok($$select pause_channel('email', 'x')$$, 'mail is down');
delete from scheduled_notifications;
select try.message('Ada'), try.message('Bob');
select is(try.turn('email'), '-', 'nothing is mailed');
select is(try.turn('push'), 'Ada send', 'R-F3 ... and pushed all the same');
select channel_succeeded('email');
update delivery_channels set paused_until = null;
delete from scheduled_notifications;

-- What a person chose.
insert into category_preferences (user_id, org_id, category, channel, wanted) values (:ada, :org, 'prompt', 'push', false);
select try.message('Ada') as q \gset
select is(try.turn('push'), 'Ada email not_wanted', 'R-G2 who wants no push of it');
select is(try.turn('email'), 'Ada send', '... is mailed');
select is(try.state(:q), 'waits email skipped not_wanted 1 f', '... and why is kept');
delete from scheduled_notifications; delete from category_preferences;
insert into category_preferences (user_id, org_id, category, channel, wanted) values (:ada, :org, 'event', 'email', false);
select is((select is_wanted(:ada, :org, 'event', 'push')), true, 'by channel');
delete from category_preferences;

select is((select concat_ws('|', categories, unwanted, seen) from own_choices(try.session('Ada'), 'org', 'push')), 'event prompt|', 'R-G2 what can go to devices: no team news for a member');
select is((select count(*)::int from own_choices(try.session('Bob'), 'org', 'push')), 0, '... of who has one');
select is((select count(*)::int from own_choices(try.session('Ada'), 'other', 'push')), 0, '... in their organisation');
select is((select count(*)::int from own_choices('\x00', 'org', 'push')), 0, '... signed in');
select lives_ok($$select set_own_choices(try.session('Ada'), 'org', 'push', 'event', '')$$, 'R-G2 questions are to be mailed');
select is((select concat_ws('|', unwanted, seen) from own_choices(try.session('Ada'), 'org', 'push')), 'prompt|prompt', '... kept');
select is(is_wanted(:ada, :org, 'prompt', 'push')::text || is_wanted(:ada, :org, 'event', 'push') || is_wanted(:ada, :org, 'prompt', 'email'), 'falsetruetrue', '... by channel');
select throws_ok($$select set_own_choices(try.session('Ada'), 'org', 'push', 'event prompt', '')$$, 'RC409', 'changed_meanwhile', '... an old form changes nothing');
select lives_ok($$select set_own_choices(try.session('Ada'), 'org', 'push', 'event prompt', 'prompt')$$, '... and back');
select throws_ok($$select set_own_choices('\x00', 'org', 'push', '', '')$$, 'RC401', 'no_session', 'nobody else''s');
select try.sign_in('Cem');
select lives_ok($$select set_own_choices(try.session('Cem'), 'org', 'push', '', '')$$, 'of who has no device nothing is kept');
select is((select count(*)::int from category_preferences where user_id = :cem), 0, '... nothing');
select is((select categories from own_mail(try.session('Cem'), 'org')), 'event', 'no shift: no mail of shifts to choose');
insert into duty_schedules (org_id, title, start_at, end_at) values (:org, 'Bar', app_now(), app_now() + interval '1 hour') returning id as bar \gset
insert into duty_assignments (org_id, schedule_id, user_id) values (:org, :bar, :cem);
select is((select categories from own_mail(try.session('Cem'), 'org')), 'event shift', 'R-G2 who has a shift can stop, and start, mail of it');
delete from category_preferences;

-- What is not pushed, and what is looked at again.
select sign_in_ask('ada@example.org', sha256('ada'));
select is(try.turn('push'), '-', 'R-F3 a link to sign in is never pushed');
select is(try.turn('email'), 'Ada send', '... but mailed');
select is((select push_state from scheduled_notifications), null, '... and nothing said of push');
delete from scheduled_notifications;
select try.message('Ada') as q \gset
select try_mark_notification_pushed(notification_id, '{}') from scheduled_notifications;
select is(try.turn('push'), 'Ada skip already_sent', 'R-T4 sent is sent, by whichever way');
select try.message('Ada', 'attendance_prompt', '0 s') as q \gset
select is(try.turn('push'), 'Ada skip too_late', 'too late is too late');
update users set quiet = true, quiet_from = '18:00', quiet_to = '08:00' where name = 'Ada';
select try.message('Ada') as q \gset
select is(try.turn('push'), 'Ada hold quiet_hours', 'R-F7 quiet hours hold a push as they hold a mail');
select is((select cause || ' ' || (not_before > app_now()) from scheduled_notifications where id = :q), 'quiet_hours true', '... and it waits');
update users set quiet = false;
delete from scheduled_notifications;

-- Any cause holds: whoever adds one replaces a function.
begin;
  create or replace function hold_notification(p_row scheduled_notifications, out held_until timestamptz, out held_cause text, out held_urgency smallint)
    language sql stable as $$ select app_now() + interval '2 hours', 'paused', null::smallint $$;
  select try.message('Bob') as q \gset
  select is((select concat_ws(' ', outcome, cause, held_until - app_now()) from due_notifications(10)), 'hold paused 02:00:00', 'R-F5 a dry run says what holds it');
  select is(try.turn('email'), 'Bob hold paused', 'R-F5 held, with its cause');
  select is((select concat_ws(' ', cause, urgency, not_before - app_now()) from scheduled_notifications where id = :q), 'paused 3 02:00:00', '... until then, as urgent as it was');
rollback;

-- Claims by urgency, whichever the channel; and no row for both.
select try.message('Ada', 'shift_news') as a, try.message('Ada') as b, try.message('Bob') as c, try.message('Bob', 'shift_news') as d \gset
select is((select array_agg(id) from claim_notifications(1, 'push', true)), array[:a::bigint], 'R-C5 the urgent first');
select is((select array_agg(id order by id) from claim_notifications(10, 'push', true)), array[:b::bigint], '... and no mail');
select is((select array_agg(id) from claim_notifications(1, 'email', true)), array[:d::bigint], 'R-C5 the same of mail');
select is((select count(*)::int from claim_notifications(10, 'email', true)), 1, '... and no push');
select throws_ok($$select claim_notifications(10, 'fax', true)$$, 'RC422', 'bad_channel', 'there is no other channel');
select is((select array_agg(i.indexrelid::regclass::text) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = 'scheduled_notifications'::regclass and a.attname in ('channel', 'push_state', 'push_cause', 'push_reply_code')), null, 'no index holds what an attempt writes');

-- A digest is pushed, and goes on as mail with the lines it has.
delete from scheduled_notifications;
delete from notification_pushes; delete from notifications; delete from notification_log;
delete from event_views where user_id = :bob;
insert into event_notification_preferences (user_id, org_id, frequency) values (:ada, :org, 'daily') on conflict (user_id, org_id) do update set frequency = 'daily';
select schedule_post_event_prompts(10);
select try.clock('2026-11-21 08:00+00');
select schedule_digests(10);
select is((select string_agg(kind, ' ' order by kind) from scheduled_notifications), 'attendance_prompt digest', 'a digest with a line');
select id as q from scheduled_notifications where kind = 'digest' \gset
select is(try.turn('push'), 'Ada send', 'R-A12 a digest is pushed');
select keep_message(:q, lease_id, 'One line') from scheduled_notifications where id = :q;
select is((select record_failed(id, lease_id, 'ours', 400, null, 'refused') from scheduled_notifications where id = :q), 'email', '... in vain');
select is((select count(*)::int from scheduled_notifications where lease_id is not null), 0, '... and its line waits with it');
select is(try.turn('email'), 'Ada send', 'R-F3 it is mailed');
select is((select record_sent(id, lease_id, 250, 1) from scheduled_notifications where id = :q), true, '... sent');
select is((select string_agg(concat_ws(' ', kind, state, channel, cause, push_state, push_cause), ', ' order by kind) from notification_log where processed_at = app_now()), 'attendance_prompt sent email in_digest, digest sent email dead push_refused', 'R-F5 the ledger says so of both');
select * from finish();
