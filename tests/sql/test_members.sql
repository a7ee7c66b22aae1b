-- R-O3, R-O5, R-A2, R-A11: signing in, sessions, and events as members see them.
\ir fixture.sql
select plan(64);
select try.person('Ada', 'America/New_York'), try.person('Bob'), try.person('Staff', null, 'org', 'staff');
select try.org('other') as other \gset
select try.person('Eve', null, 'other');

-- Asking for a link.
\set hash 'decode(repeat(\'01\', 32), \'hex\')'
\set session 'decode(repeat(\'aa\', 32), \'hex\')'
select sign_in_ask('ADA@example.org', :hash);
select results_eq('select notification_id collate "default", kind, urgency, org_id, user_id, not_before, expires_at from scheduled_notifications',
  $$values ('sign_in-1', 'sign_in', 0::smallint, null::bigint, try.user_id('Ada'), '2026-11-20 18:00+00'::timestamptz, '2026-11-20 18:15:00+00'::timestamptz)$$, 'R-O3 a link is mailed, before all else');
select sign_in_ask('nobody@example.org', decode(repeat('02', 32), 'hex')), sign_in_ask('nobody@example.org', decode(repeat('02', 32), 'hex'));
select is((select count(*)::int from scheduled_notifications), 1, 'R-O3 an unknown address gets none');
select is((select count(*)::int from sign_in_requests where email_hash = decode(repeat('02', 32), 'hex') and user_id is null), 2, 'R-O3 ... and is counted alike');
select sign_in_ask('ada@example.org', :hash), sign_in_ask('ada@example.org', :hash), sign_in_ask('ada@example.org', :hash);
select is((select count(*)::int from scheduled_notifications), 3, 'R-O3 three an hour, no more');
select is((select count(*)::int from sign_in_requests where user_id is not null), 3, 'R-O3 the fourth is not counted');
select try.clock('2026-11-20 19:00:00+00'), sign_in_ask('ada@example.org', :hash);
select is((select count(*)::int from sign_in_requests where user_id is not null), 4, 'R-O3 an hour later again');
select is((select state || ' ' || cause from claim_notifications(9) c, prepare_notification(c.id, c.lease_id) p, lateral (select 'x' as state) s where c.notification_id = 'sign_in-1'), 'x too_late', 'R-F7 a link that is too old is not sent');
select is((select row(template, email, generation, data ->> 'minutes', p.org_id)::text from scheduled_notifications q, prepare_notification(q.id, q.lease_id) p where q.expires_at > app_now()), '(mail_sign_in,ada@example.org,1,15,)', 'R-O3 what its mail is made of');

select try.person('Kim');
select sign_in_ask(E'\u212Aim@example.org', decode(repeat('05', 32), 'hex'));
select is((select count(*)::int from sign_in_requests where user_id = try.user_id('Kim')), 0, 'R-O3 a letter that only folds to the right one is another address');

-- Using it.
select max(id) as request from sign_in_requests where user_id = try.user_id('Ada') \gset
select results_eq(format('select state, user_name from sign_in_link(%s, 1, %L)', :request, '2026-11-20 19:15+00'), $$values ('open', 'Ada')$$, 'R-O3 looking at the link');
select results_eq(format('select state, user_name from sign_in_link(%s, 1, %L)', :request, '2026-11-20 19:15+00'), $$values ('open', 'Ada')$$, 'R-O3 ... does not use it up');
select is_empty(format('select * from sign_in_link(%s, 2, %L)', :request, '2026-11-20 19:15+00'), 'revoked: nothing');
select is_empty('select r.* from sign_in_requests q, sign_in_link(q.id, 1, ''2027-01-01'') r where q.user_id is null', 'R-O3 a request of nobody is no link');
select throws_ok(format('select sign_in_use(%s, 2, %L, %s, '''')', :request, '2026-11-20 19:15+00', :'session'), 'RC404', 'absent', 'revoked: refused');
select is((select row(s.*)::text from sign_in_use(:request, 1, '2026-11-20 19:15+00', :session, repeat('x', 300)) s), format('(%s,,)', try.user_id('Ada')), 'R-O3 the button signs in');
select results_eq('select user_id, length(device), expires_at from sessions', $$values (try.user_id('Ada'), 200, '2026-12-20 19:00+00'::timestamptz)$$, 'a session of 30 days, the device''s name cut');
select throws_ok(format('select sign_in_use(%s, 1, %L, decode(repeat(''bb'', 32), ''hex''), '''')', :request, '2026-11-20 19:15+00'), 'RC410', 'link_used', 'R-O3 single use');
select results_eq(format('select state from sign_in_link(%s, 1, %L)', :request, '2026-11-20 19:15+00'), $$values ('used')$$, 'R-O3 ... and it says so');
select sign_in_ask('ada@example.org', decode(repeat('03', 32), 'hex'));
select max(id) as request from sign_in_requests \gset
select try.clock('2026-11-20 19:15+00');
select results_eq(format('select state from sign_in_link(%s, 1, %L)', :request, '2027-01-01'), $$values ('expired')$$, 'R-O3 15 minutes, whatever the token says');
select throws_ok(format('select sign_in_use(%s, 1, %L, decode(repeat(''bb'', 32), ''hex''), '''')', :request, '2027-01-01'), 'RC410', 'link_expired', 'R-O3 ... and no longer');

-- Suppressed addresses.
update users set suppressed_at = app_now() - interval '1 hour', suppressed_cause = '5.1.1' where name = 'Bob';
select sign_in_ask('bob@example.org', decode(repeat('04', 32), 'hex'));
select is(try.deliver(), 1, 'R-F2 a suppressed address still gets a link');
select sign_in_ask('bob@example.org', decode(repeat('04', 32), 'hex'));
select is(try.deliver(), 0, 'R-F2 ... once a day');
select try.clock('2026-11-21 19:15:01+00');
select sign_in_ask('bob@example.org', decode(repeat('04', 32), 'hex'));
select is(try.deliver(), 1, 'R-F2 ... and the next day again');
update users set suppressed_at = null, suppressed_cause = null;

-- Sessions.
select try.clock('2026-11-20 19:30+00');
select try.sign_in('Ada') as phone \gset
select try.sign_in('Eve') as eve \gset
select id as phone_id from sessions where hash = :'phone' \gset
select id as eve_id from sessions where hash = :'eve' \gset
select throws_ok(format('select session_end(%L, %s)', :'phone', :eve_id), 'RC404', 'absent', 'R-O3 another person''s session is not there');
select lives_ok(format('select session_end(%s, %s)', :'session', :phone_id), 'R-O3 one of their own can be ended');
select is_empty(format('select * from live_sessions where hash = %L', :'phone'), '... and is');
select throws_ok(format('select session_end(%L, %s)', :'phone', :phone_id), 'RC401', 'no_session', 'an ended session opens nothing');
select sign_out(:'eve');
select is_empty(format('select * from live_sessions where hash = %L', :'eve'), 'signed out');
select try.sign_in('Eve') as eve \gset
select try.clock('2026-12-20 19:30+00');
select is_empty('select * from live_sessions', 'R-O3 sessions end by themselves');
select try.clock('2026-11-20 19:30+00');
select own_email(:session) as own \gset
select is(:'own'::text, 'ada@example.org', 'a person sees their own address');
select throws_ok('select view_event(null, 1), register_for_event(null, 1, '''')', 'RC401', 'no_session', 'no session registers nothing');

-- Events.
select try.event('Next', '2026-11-21 10:00+00', '2026-11-21 12:00+00'), try.event('Later', '2026-12-21 10:00+00'), try.event('Now', '2026-11-20 19:00+00'),
  try.event('Past', '2026-11-10 10:00+00', null, 'org', 'completed'), try.event('Old', '2026-11-06 17:30+00'), try.event('Draft', '2026-11-22 10:00+00', null, 'org', 'draft'),
  try.event('Off', '2026-11-23 10:00+00', null, 'org', 'cancelled'), try.event('Theirs', '2026-11-22 10:00+00', null, 'other'), try.event('Gone', '2026-11-22 10:00+00');
update events set deleted_at = app_now() where title = 'Gone';
select results_eq(format($$select title, status_text, is_over, can_register, can_withdraw from member_events(%s, null) order by title$$, :'session'), $$values
  ('Later', 'Coming up', false, true, false), ('Next', 'Coming up', false, true, false), ('Now', 'Happening now', false, true, false),
  ('Off', 'Cancelled', false, false, false), ('Past', 'Over', true, false, false)$$, 'R-O5 the organisation''s events from 14 days back, no drafts, no others''');
select results_eq(format($$select starts_at, starts_text, ends_text, zone, org_name from member_events(%s, try.event_id('Next'))$$, :'session'),
  $$values ('2026-11-21T05:00:00-05:00', 'Saturday 21 November 2026, 05:00', '07:00', 'America/New_York', 'Org org')$$, 'R-A11 in the viewer''s zone');
select isnt_empty(format($$select from member_events(%s, try.event_id('Old'))$$, :'session'), 'an older one can still be opened');
select is_empty(format($$select from member_events(%s, coalesce(try.event_id(%L), 0)) $$, :'session', t), 'R-O5 not theirs to see: ' || t) from unnest(array['Draft', 'Theirs', 'Gone', 'None']) t;
select is_empty(format($$select from member_events(%L, null) where org_name = 'Org org'$$, :'eve'), 'R-O2 another organisation''s member sees none of them');
select is_empty('select from member_events(null, null)', 'R-O5 nobody sees anything');

-- Views.
select view_event(:session, id) from events;
select results_eq('select e.title from event_views v join events e on e.id = v.event_id order by e.title', $$values ('Later'), ('Next'), ('Now')$$, 'R-A2 a view is noted before the end, of events that one may see');
select view_event(:session, try.event_id('Now')), view_event(null, try.event_id('Now')), view_event(:'eve', try.event_id('Now'));
select is((select count(*)::int from event_views), 3, 'R-A2 once, and only for members who are signed in');

-- Register, withdraw.
select lives_ok(format($$select register_for_event(%s, try.event_id('Next'), 'req')$$, :'session'), 'registers');
select results_eq(format($$select registered, can_register, can_withdraw from member_events(%s, try.event_id('Next'))$$, :'session'), $$values (true, false, true)$$, '... and the page shows it');
select lives_ok(format($$select register_for_event(%s, try.event_id('Next'), 'req')$$, :'session'), 'again is no error');
select is((select count(*)::int from event_participants), 1, '... and one row');
select is((select attendance_status from event_participants), 'unknown', 'R-B1 the door knows nothing yet');
select lives_ok(format($$select withdraw_from_event(%s, try.event_id('Next'), 'req')$$, :'session'), 'withdraws');
select is((select status from event_participants), 'cancelled', '... and the row stays');
select lives_ok(format($$select register_for_event(%s, try.event_id('Next'), 'req2')$$, :'session'), 'and registers again');
select throws_ok(format($$select register_for_event(%s, try.event_id(%L), '')$$, :'session', t.title), t.code, t.key, 'refused: ' || t.title)
from (values ('Past', 'RC410', 'event_over'), ('Off', 'RC410', 'event_cancelled'), ('Draft', 'RC404', 'absent'), ('Theirs', 'RC404', 'absent'), ('Gone', 'RC404', 'absent')) t(title, code, key);
select throws_ok(format($$select withdraw_from_event(%s, try.event_id('Past'), '')$$, :'session'), 'RC410', 'event_over', 'too late to withdraw');
update events set capacity = 1 where title = 'Next';
select try.sign_in('Bob') as bob \gset
select register_for_event(:'bob', try.event_id('Next'), '');
select is((select status from event_participants where user_id = try.user_id('Bob')), 'waitlisted', 'R-B1 full: on the waiting list');
select results_eq(format($$select registered, waitlisted, can_withdraw from member_events(%L, try.event_id('Next'))$$, :'bob'), $$values (false, true, true)$$, '... and the page shows it');

-- last_seen is noted, not too often.
select is((select last_seen_at from sessions where hash = :'bob'), '2026-11-20 19:30+00', 'seen');
select try.clock('2026-11-20 19:39+00'), view_event(:'bob', try.event_id('Next'));
select is((select last_seen_at from sessions where hash = :'bob'), '2026-11-20 19:30+00', 'not noted within ten minutes');
select try.clock('2026-11-20 19:41+00'), view_event(:'bob', try.event_id('Next'));
select is((select last_seen_at from sessions where hash = :'bob'), '2026-11-20 19:41+00', 'noted after');

-- A10.
select throws_ok(format('insert into attendance (user_id, event_id, org_id, status, show_on_profile, show_to_other_orgs) values (1, %s, 1, ''unknown'', false, true)', try.event_id('Next')), '23514', null, 'R-A10 hidden here is hidden elsewhere');
select throws_ok(format('insert into attendance (user_id, event_id, org_id, status, responded_at, feedback_rating, feedback_submitted_at) values (1, %s, 1, ''attended'', app_now(), %s, app_now())', try.event_id('Next'), r), '23514', null, 'R-A9 no rating of ' || r) from unnest(array[0, 6]) r;
select * from finish();
