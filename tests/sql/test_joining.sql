-- R-O4: joining an open organisation by a mailed link, from nobody to member.
\ir fixture.sql
select * from no_plan();
select try.org('open') as open, try.org('club') as club \gset
update organizations set "join" = 'open' where slug in ('open');
select try.person('Ada'), try.person('Bob', null, 'open', 'staff');
\set new 'decode(repeat(\'01\', 32), \'hex\')'
\set session 'decode(repeat(\'aa\', 32), \'hex\')'
create function try.digest() returns text language sql as
  $$ select (select count(*) from users) || ' ' || (select count(*) from memberships) || ' ' || (select count(*) from sessions) $$;
-- The newest request's link: number and expiry.
create function try.link(out request bigint, out expires timestamptz) language sql as
  $$ select id, expires_at from sign_in_requests order by id desc limit 1 $$;
create function try.press(session bytea) returns text language plpgsql as $$
  declare
    v_used record;
  begin
    select r.* into v_used from try.link() l, sign_in_use(l.request, 1, l.expires, session, 'Firefox') r;
    return concat_ws(' ', (select name from users where id = v_used.user_id), v_used.joining, v_used.org_slug);
  end
$$;
create function try.look() returns text language sql as
  $$ select concat_ws(' ', r.state, r.user_name, r.org_name, r.is_new) from try.link() l, sign_in_link(l.request, 1, l.expires) r $$;

-- Asking makes nobody.
select try.digest() as before \gset
select throws_ok(format('select join_ask(''club'', ''zoe@new.example'', %s, ''Zoe'')', :'new'), 'RC404', 'absent', 'R-O4 not where people are invited');
select throws_ok(format('select join_ask(''nowhere'', ''zoe@new.example'', %s, ''Zoe'')', :'new'), 'RC404', 'absent', 'R-O4 nor where nothing is');
select throws_ok(format('select join_ask(''open'', ''zoe@new.example'', %s, E''Zo\re'')', :'new'), 'RC422', 'bad_name', 'R-F4 no control characters in a name');
select is((select count(*)::int from sign_in_requests), 0, '... none of these is kept');
select join_ask('open', E'zoe\n@new.example', decode(repeat('02', 32), 'hex'), 'Zoe');
select is((select concat_ws(' ', count(*), count(email)) from sign_in_requests), '1 0', 'R-F4 what is no address is counted, and gets no mail');
select join_ask('open', 'Zoe@new.example', :new, 'Zoe');
select is(try.digest(), :'before', 'R-O4 asking makes neither account nor membership');
select results_eq('select notification_id collate "default", kind, urgency, org_id, user_id from scheduled_notifications', format($$values ('join-2', 'join', 0::smallint, %s::bigint, null::bigint)$$, :open), 'R-O4 a link is mailed, before all else');
select is(try.look(), 'open Zoe Org open t', 'R-O4 looking at it');
select is(try.look(), 'open Zoe Org open t', '... uses nothing up');
select is(try.digest(), :'before', 'R-A8 ... and makes nobody: mail scanners look');

-- Its mail: to whom nobody knows.
select is((select concat_ws(' ', outcome, cause, user_id) from due_notifications(10)), 'send', 'a dry run tells of it');
create temporary table sent as select c.id, c.lease_id, c.user_id as claimed_for, p.* from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p;
select results_eq('select outcome, template, email, name, org_name, claimed_for, preference_id, data - ''postal_address'' from sent',
  $$values ('send', 'mail_join', 'Zoe@new.example', null::text, 'Org open', null::bigint, null::bigint, '{"org_name": "Org open", "org_slug": "open", "minutes": 15}'::jsonb)$$, 'R-O4 the mail says which organisation, and not what was typed as a name');
select ok(keep_message(id, lease_id, 'bytes') and (select message is null from scheduled_notifications), 'DESIGN 7 a link that signs in is stored nowhere') from sent;
select is((select record_failed(id, lease_id, 'ours', 451, '4.7.1', 'later') from sent), 'pending', 'a failure of ours is tried again');
update scheduled_notifications set not_before = app_now();
select is((select record_failed(c.id, c.lease_id, 'address', 550, '5.1.1', 'no such user') from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p), 'dead', 'R-F2 an address that does not exist');
select results_eq('select state, cause, user_id from notification_log', $$values ('dead', 'address_refused', null::bigint)$$, '... is in the log, of nobody');
select is((select count(*)::int from users where suppressed_at is not null), 0, '... and suppresses nobody');
select join_ask('open', 'zoe@new.example', :new, 'Zoe Zebra');
select is((select record_failed(c.id, c.lease_id, 'recipient', 550, null, 'refused') from claim_notifications(10) c, prepare_notification(c.id, c.lease_id) p), 'dead', 'R-F2 one that refuses');
select is((select count(*)::int from address_refusals), 0, '... counts against nobody');
select join_ask('open', 'zoe@new.example', :new, 'Zoe Zebra');
select is(try.deliver(), 1, 'R-O4 the third leaves');
select is((select payload::text from notification_pushes), format('{"kind": "join", "org_id": %s}', :open), 'T4 the ledger has ids only');
select join_ask('open', 'zoe@new.example', :new, 'Zoe'), sign_in_ask('zoe@new.example', :new);
select is((select count(*)::int from sign_in_requests where email_hash = :new), 3, 'R-O3 three an hour, joining and signing in together');
select is(try.deliver(), 0, '... no more mail');

-- The organisation closes, and opens again.
update organizations set "join" = 'invite' where slug = 'open';
select is(try.look(), 'closed Zoe Zebra t', 'R-O4 it takes nobody any more: the link says so');
select throws_ok(format('select try.press(%s)', :'session'), 'RC410', 'join_closed', '... and makes nobody');
select is(try.digest(), :'before', '... not even an account');
update organizations set "join" = 'open' where slug = 'open';

-- The button.
select is(try.press(:session), 'Zoe Zebra joined open', 'R-O4 the button makes account and membership, and signs in');
select results_eq($$select u.email, u.timezone, m.role, m.responder from users u join memberships m on m.user_id = u.id where u.name = 'Zoe Zebra'$$, $$values ('zoe@new.example', null::text, 'member', false)$$, 'R-O4 a member, by the organisation''s clock');
select results_eq($$select what, after, actor_id from org_changes where org_id = $$ || :open || $$ and user_id = try.user_id('Zoe Zebra')$$, $$values ('added', 'member', null::bigint)$$, 'R-O4 and it is recorded');
select throws_ok(format('select try.press(decode(repeat(''bb'', 32), ''hex''))'), 'RC410', 'link_used', 'R-O3 once');
select is((select concat_ws(' ', email, name, user_id = try.user_id('Zoe Zebra')) from sign_in_requests order by id desc limit 1), 't', 'what was typed has gone from the request');
-- The first two links lead to whom the third one made.
select is((select concat_ws(' ', r.joining, r.user_id = try.user_id('Zoe Zebra')) from sign_in_requests q, sign_in_use(q.id, 1, q.expires_at, decode(repeat('cc', 32), 'hex'), '') r where q.id = 3), 'member t', 'R-O4 an older link finds the account that is there by then');
select is((select count(*)::int from users where lower(email) = 'zoe@new.example'), 1, '... one address, one person');

-- Who is known.
select join_ask('open', 'ADA@example.org', decode(repeat('03', 32), 'hex'), 'Somebody Else');
select results_eq('select kind, q.user_id, r.email, r.name from scheduled_notifications q join sign_in_requests r on r.id = q.sign_in_request_id', $$values ('join', try.user_id('Ada'), null::text, null::text)$$, 'R-O4 who is known is asked as who they are');
select is(try.look(), 'open Ada Org open f', '... by their own name');
select is((select name from scheduled_notifications q, claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p where q.id = c.id), 'Ada', '... in the mail too');
update organizations set "join" = 'invite' where slug = 'open';
select is(try.look(), 'open Ada f', 'R-O4 closed meanwhile: the link only signs in');
select is(try.press(decode(repeat('dd', 32), 'hex')), 'Ada closed', '... and the button says that it did not join');
select is((select count(*)::int from memberships where user_id = try.user_id('Ada')), 1, '... and does not');
update organizations set "join" = 'open' where slug = 'open';
delete from scheduled_notifications;
select join_ask('open', 'ada@example.org', decode(repeat('03', 32), 'hex'), 'Ada');
select is(try.press(decode(repeat('de', 32), 'hex')), 'Ada joined open', 'R-O4 open: it joins');
select join_ask('open', 'bob@example.org', decode(repeat('04', 32), 'hex'), 'Bob');
select is((select kind from scheduled_notifications where user_id = try.user_id('Bob')), 'sign_in', 'R-O4 who is a member gets a link to sign in');
select is(try.press(decode(repeat('ee', 32), 'hex')), 'Bob', '... and signs in');
select is((select role from memberships m join organizations o on o.id = m.org_id where slug = 'open' and user_id = try.user_id('Bob')), 'staff', 'R-O4 roles stay as they are');

-- Suppressed: one link a day, of either kind.
select try.person('Sue');
update users set suppressed_at = app_now() - interval '1 hour', suppressed_cause = '5.1.1' where name = 'Sue';
delete from scheduled_notifications;
select join_ask('open', 'sue@example.org', decode(repeat('05', 32), 'hex'), 'Sue');
select is(try.deliver(), 1, 'R-F2 an address that refused is tried');
select sign_in_ask('sue@example.org', decode(repeat('05', 32), 'hex'));
select is(try.deliver(), 0, 'R-F2 ... once a day, whatever for');

-- Signed in already.
select try.sign_in('Sue') as sue, try.sign_in('Bob') as bob \gset
select throws_ok(format('select join_org(%L, ''club'')', :'sue'), 'RC404', 'absent', 'R-O4 signed in or not: people are invited there');
select throws_ok('select join_org(''\x00'', ''open'')', 'RC401', 'no_session', 'signed in only');
select is(join_org(:'sue', 'open'), true, 'R-O4 a press joins');
select is(join_org(:'sue', 'open'), false, '... once');
select is(join_org(:'bob', 'open'), false, 'R-O4 who is staff stays that');
select is(join_org(:'sue', 'org'), false, 'who is a member of a closed one stays one');

-- What is left of those who never pressed.
delete from scheduled_notifications;
select join_ask('open', 'ghost@new.example', decode(repeat('06', 32), 'hex'), 'Ghost');
select try.clock('2026-11-21 18:00:01+00');
select expire_notifications(100), prune(100);
select is((select count(*)::int from sign_in_requests where email is not null), 0, 'R-O4 a day later nothing is left of who asked and did not come');
select is((select concat_ws(' ', state, cause, user_id) from notification_log order by id desc limit 1), 'expired too_late', '... but that a mail was planned');

select * from finish();
