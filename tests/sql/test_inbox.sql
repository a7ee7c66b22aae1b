-- R-F3, R-G2: what a person can read later, and what they want to.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Amy', null, 'org', 'admin') as amy \gset
select try.event('Talk', '2026-11-25 15:00+00', '2026-11-25 17:00+00') as talk \gset
create function try.session(name text) returns bytea language sql as $$ select hash from sessions s join users u on u.id = s.user_id where u.name = $1 order by s.id desc limit 1 $$;
select try.sign_in('Ada'), try.sign_in('Bob'), try.sign_in('Amy');
insert into duty_schedules (org_id, title, start_at, end_at) values (:org, 'Bar', '2026-11-26 15:00+00', '2026-11-26 17:00+00') returning id as bar \gset

-- One message of each kind that is kept, to Ada.
create sequence try.n;
create function try.message(name text, kind text, event bigint default null, schedule bigint default null) returns bigint language sql
  as $$
    insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, event_id, schedule_id, notify_type, scheduled_for, not_before, expires_at)
    select 'm-' || nextval('try.n'), o.id, k.kind, c.urgency, try.user_id($1), $3, $4, 'email', app_now(), app_now(), app_now() + interval '1 day'
    from organizations o, notification_kinds k join notification_categories c using (category)
    where k.kind = $2
    returning id
  $$;
create function try.inbox(name text) returns text language sql
  as $$ select coalesce(string_agg(concat_ws(' ', kind, title, path, case when is_unread then 'new' end), ', '), '-') from own_inbox(try.session($1), null, 50) $$;
-- Without a recheck or a display: of these nothing is asked here.
update notification_kinds set recheck = null, display = null, take = null, recipient = null, link = null, follow = null;
select try.message('Ada', 'registration', :talk), try.message('Ada', 'promotion', :talk), try.message('Ada', 'shift_change', null, :bar),
  try.message('Amy', 'shift_news', null, :bar), try.message('Amy', 'absence_question', :talk), try.message('Amy', 'audit_notice'), try.message('Amy', 'responder_news'), try.message('Amy', 'staff_notice');
select is(try.inbox('Ada'), '-', 'nothing before it is taken');
create temporary table taken as select c.id, c.lease_id, p.outcome from claim_notifications(100) c, prepare_notification(c.id, c.lease_id) p;
select is((select string_agg(distinct outcome, ' ') from taken), 'send', 'all are taken');
select is(try.inbox('Ada'), format('promotion Talk /events/%s new, registration Talk /events/%1$s new, shift_change Bar /shifts/%s new', :talk, :bar), 'R-F3 each stands in the inbox, the last first (shifts are the most urgent), with its page');
select is(try.inbox('Amy'), format('staff_notice Org org  new, responder_news Org org /staff/org/people new, audit_notice Org org /staff/org/audit new, absence_question Talk /staff/org/events/%s/absences new, shift_news Bar /staff/org/shifts/%s new', :talk, :bar), '... the team''s too');
select is(try.inbox('Bob'), '-', '... theirs alone');
select is((select count(*)::int from own_inbox('\x00', null, 50)), 0, '... and nobody''s');

-- Once, whatever becomes of it.
update scheduled_notifications set lease_id = null, lease_until = null, not_before = app_now();
select count(p.outcome) from claim_notifications(100) c, prepare_notification(c.id, c.lease_id) p;
select is((select count(*)::int from own_inbox(try.session('Ada'), null, 50)), 3, 'R-F3 a second attempt keeps no second one');
delete from scheduled_notifications;
select is((select count(*)::int from own_inbox(try.session('Ada'), null, 50)), 3, 'it stays when the message is gone');

-- Reading.
select max(id) as last, min(id) as first from own_inbox(try.session('Ada'), null, 50) \gset
select read_news(try.session('Ada'), :first);
select is((select array_agg(is_unread) from own_inbox(try.session('Ada'), null, 50)), '{t,t,f}', 'one is read');
select throws_ok(format('select read_news(try.session(''Bob''), %s)', :first), 'RC404', 'absent', 'nobody reads another''s');
select throws_ok(format('select read_news(''\x00'', %s)', :first), 'RC401', 'no_session', '... without signing in');
select try.message('Ada', 'registration', :talk);
select count(p.outcome) from claim_notifications(100) c, prepare_notification(c.id, c.lease_id) p;
select read_all_news(try.session('Ada'), :last);
select is((select array_agg(is_unread) from own_inbox(try.session('Ada'), null, 50)), '{t,f,f,f}', 'all that were there are read, and what came since is not');
select is((select array_agg(id) from own_inbox(try.session('Ada'), :last, 1)), (select array_agg(id) from (select id from own_inbox(try.session('Ada'), null, 50) where id < :last order by id desc limit 1) x), 'page by page');

-- A question is no news: it has a place of its own.
select try.event('Over', '2026-11-20 10:00+00', '2026-11-20 12:00+00'), try.viewed('Bob', 'Over');
select schedule_post_event_prompts(10);
update notification_kinds set take = 'take_prompts' where kind = 'attendance_prompt';
select count(p.outcome) from claim_notifications(100) c, prepare_notification(c.id, c.lease_id) p;
select is((select string_agg(type, ' ') from notifications where user_id = :bob), 'attendance_prompt', 'a question was made');
select is(try.inbox('Bob'), '-', '... and is no news');
select throws_ok(format('select read_news(try.session(''Bob''), %s)', (select id from notifications where user_id = :bob)), 'RC404', 'absent', 'R-A11 ... nor read by this');
select read_all_news(try.session('Bob'), 1000000);
select is((select read_at from notifications where user_id = :bob), null, 'R-A11 ... nor by all of it');

-- What is kept is chosen.
select is((select concat_ws('|', categories, unwanted, seen) from own_choices(try.session('Ada'), 'org', 'inbox')), 'event|', 'R-G2 news of events can be kept');
select is((select categories from own_choices(try.session('Amy'), 'org', 'inbox')), 'event shift', '... and the team''s');
select is((select count(*)::int from own_choices(try.session('Ada'), 'org', 'email')), 0, 'mail is chosen elsewhere');
select set_own_choices(try.session('Ada'), 'org', 'inbox', '', '');
select is((select unwanted from own_choices(try.session('Ada'), 'org', 'inbox')), 'event', 'R-G2 not any more');
delete from scheduled_notifications;
select try.message('Ada', 'promotion', :talk);
select is((select string_agg(p.outcome, ' ') from claim_notifications(100) c, prepare_notification(c.id, c.lease_id) p), 'send', '... it is mailed');
select is((select count(*)::int from own_inbox(try.session('Ada'), null, 50)), 4, '... and not kept');
delete from users where id = :ada;
select is((select count(*)::int from notifications where user_id = :ada), 0, 'R-G1 who is gone has no inbox');
select * from finish();
