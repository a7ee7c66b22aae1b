-- R-A7, R-A9, R-A11: the questions that wait for somebody signed in, and what
-- they say of one event and see of all.
\ir fixture.sql
select no_plan();

select try.person('Ada', 'America/New_York'), try.person('Bob'), try.person('Cem');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 16:30+00');
select try.event('Walk', '2026-11-19 15:00+00', '2026-11-19 16:30+00');
select try.viewed(n, t) from unnest(array['Ada', 'Bob']) n, unnest(array['Talk', 'Walk']) t;
select schedule_post_event_prompts(10), try.deliver();
select try.sign_in('Ada') as ada \gset
select try.sign_in('Bob') as bob \gset
select try.sign_in('Cem') as cem \gset
\set nobody '\\x00'
create function try.prompt(name text, title text, number int default 1) returns bigint language sql stable
  as $$ select n.id from notifications n where n.user_id = try.user_id(name) and n.event_id = try.event_id(prompt.title) and n.prompt_number = number order by revision desc limit 1 $$;
create function try.waits(session bytea) returns text language sql stable
  as $$ select coalesce(string_agg(title || ' ' || prompt_number, ', ') || '; ' || (select count_waiting(user_id) from sessions where hash = session), '') from pending_prompts(session) $$;
create function try.says(name text, title text) returns text language sql stable
  as $$ select concat_ws(' ', a.status, a.feedback_rating, a.feedback_text) from attendance a where a.user_id = try.user_id(name) and a.event_id = try.event_id(title) $$;

-- What waits.
select is(try.waits(:'ada'), 'Talk 1, Walk 1; 2', 'R-A11 the questions that wait, the event that ended last first');
select results_eq(format('select org_name, starts_at, starts_text, ends_text, zone, closes_text, can_snooze, snooze_text from pending_prompts(%L) where title = ''Talk''', :'ada'),
  $$values ('Org org', '2026-11-20T10:00:00-05:00', 'Friday 20 November 2026, 10:00', '11:30', 'America/New_York', 'Friday 4 December 2026', true, 'Saturday 21 November, 09:00')$$, 'R-A11 with event and organisation, in the person''s zone');
select is(try.waits(:'cem') || try.waits(:'nobody'), '', 'R-A11 nothing waits for who was not asked, or is not signed in');
select is((select provolatile::text from pg_proc where proname = 'pending_prompts'), 's', 'R-A8 looking cannot write');

-- Answering on the spot.
select throws_ok(format('select answer_own_prompt(%L, try.prompt(''Ada'', ''Talk''), ''attended'', ''r'')', s), 'RC404', 'absent', 'R-A11 another person''s question is not there')
from unnest(array[:'bob', :'cem']) s;
select throws_ok(format('select answer_own_prompt(%L, try.prompt(''Ada'', ''Talk''), ''attended'', ''r'')', :'nobody'), 'RC401', 'no_session', 'signed out: to the sign-in');
select throws_ok(format('select answer_own_prompt(%L, 0, ''attended'', ''r'')', :'ada'), 'RC404', 'absent', 'one that does not exist neither');
select throws_ok(format('select answer_own_prompt(%L, try.prompt(''Ada'', ''Talk''), ''unknown'', ''r'')', :'ada'), 'RC422', 'bad_status', 'R-A7 the three answers and no other');
select is((select count(*)::int from attendance) + (select count(*)::int from event_attendance_audit), 0, 'what is refused leaves nothing');
select results_eq(format('select * from answer_own_prompt(%L, try.prompt(''Ada'', ''Talk''), ''partial'', ''req-1'')', :'ada'), $$values (try.event_id('Talk'), null::text, 'partial')$$, 'R-A7 answered');
select results_eq('select user_id, actor_id, action, new_status, request_id from event_attendance_audit', $$values (try.user_id('Ada'), try.user_id('Ada'), 'self_report', 'partial', 'req-1')$$, 'R-A7 ... with its audit row');
select is(try.waits(:'ada') || ' | ' || try.waits(:'bob'), 'Walk 1; 1 | Talk 1, Walk 1; 2', 'R-A7 ... and it waits no more, for her');
select is((select responded_at from notifications where id = try.prompt('Ada', 'Talk')), app_now(), 'R-A7 the notification is read and answered');

-- Later.
select throws_ok(format('select snooze_own_prompt(%L, try.prompt(''Ada'', ''Walk''))', :'bob'), 'RC404', 'absent', 'R-A5 nobody else puts it off');
select snooze_own_prompt(:'ada', try.prompt('Ada', 'Walk'));
select is(try.waits(:'ada'), '', 'R-A5 put off: it does not wait');
select is((select scheduled_for from scheduled_notifications where user_id = try.user_id('Ada') and notify_type = 'snooze'), '2026-11-21 14:00+00', 'R-A5 ... until nine in the morning, local');
select try.clock('2026-11-21 14:00+00'), try.deliver();
select is(try.waits(:'ada'), 'Walk 2; 1', 'R-A5 ... when it waits again, as the second');
select is((select can_snooze from pending_prompts(:'ada')), false, 'R-A5 a second question offers no third');
select throws_ok(format('select snooze_own_prompt(%L, try.prompt(''Ada'', ''Walk'', 2))', :'ada'), 'RC409', 'snooze_not_offered', 'R-A5 ... and a forged press is refused');
select throws_ok(format('select snooze_own_prompt(%L, try.prompt(''Ada'', ''Talk''))', :'ada'), 'RC409', 'answered', 'R-A5 nor what is answered');

-- One line an event; a moved event is asked about anew.
update notifications set read_at = null where id = try.prompt('Ada', 'Walk', 1);
select is(try.waits(:'ada'), 'Walk 2; 1', 'R-A11 an event waits once, however often it was asked about');
select snooze_own_prompt(:'bob', try.prompt('Bob', 'Walk'));
update events set starts_at = '2026-11-22 15:00+00', ends_at = '2026-11-22 16:30+00' where title = 'Walk';
select is(try.waits(:'ada') || try.waits(:'bob'), 'Talk 1; 1', 'R-A11 an event still to come does not wait');
select try.clock('2026-11-22 17:30+00'), schedule_post_event_prompts(10), try.deliver();
select is(try.waits(:'ada') || ' | ' || try.waits(:'bob'), 'Walk 1; 1 | Walk 1, Talk 1; 2', 'R-A4 ... and waits again when it has ended');
select snooze_own_prompt(:'bob', try.prompt('Bob', 'Walk'));
select is(try.waits(:'bob'), 'Talk 1; 1', 'R-A11 put off, its older question does not come back');
update events set status = 'cancelled' where title = 'Talk';
select is(try.waits(:'bob'), '', 'a cancelled event does not wait');
update events set status = 'draft' where title = 'Talk';
select is(try.waits(:'bob'), '', 'nor a draft');
update events set status = 'completed', deleted_at = app_now() where title = 'Talk';
select is(try.waits(:'bob'), '', 'R-A11 nor a deleted one');
update events set deleted_at = null where title = 'Talk';
select try.clock('2026-12-04 16:30+00');
select is(try.waits(:'bob'), 'Talk 1; 1', 'R-A7 it waits to the last moment');
select try.clock('2026-12-04 16:30:01+00');
select is(try.waits(:'bob'), '', 'R-A7 ... and no longer');
select throws_ok(format('select answer_own_prompt(%L, try.prompt(''Bob'', ''Talk''), ''attended'', ''r'')', :'bob'), 'RC410', 'closed', 'R-A7 closed is closed here too');
select throws_ok(format('select snooze_own_prompt(%L, try.prompt(''Bob'', ''Talk''))', :'bob'), 'RC410', 'closed', 'R-A5 ... and cannot be put off');
select try.clock('2026-11-22 17:30+00');

-- One event.
select results_eq(format('select state, title, status, can_feedback, can_share, show_on_profile, show_to_other_orgs, is_listed, other_orgs from own_answer(%L, try.event_id(''Talk''))', :'ada'),
  $$values ('open', 'Talk', 'partial', true, true, true, false, true, null::text)$$, 'R-A10 one''s own answer with its switches');
select is_empty(format('select * from own_answer(%L, try.event_id(''Talk''))', s), 'R-A10 nobody sees it as theirs who has nothing to do with it') from unnest(array[:'cem', :'nobody']) s;
select throws_ok(format('select %s', call), 'RC404', 'absent', 'R-O2 ' || split_part(call, '(', 1) || ' about what does not concern them')
from unnest(array[
  format('answer_event(%L, try.event_id(''Talk''), ''attended'', ''r'')', :'cem'), format('feedback_event(%L, try.event_id(''Talk''), 4, null)', :'cem'),
  format('share_attendance(%L, try.event_id(''Talk''), false, false)', :'cem'), format('answer_event(%L, 0, ''attended'', ''r'')', :'ada')]) call;
select is(can_answer(:'ada', try.event_id('Talk')), true, 'who is concerned may answer');
select is(can_answer(s, try.event_id('Talk')), false, '... and nobody else') from unnest(array[:'cem', :'nobody']::bytea[]) s;
select try.registered('Cem', 'Talk', 'waitlisted');
select lives_ok(format('select answer_event(%L, try.event_id(''Talk''), ''attended'', ''r'')', :'cem'), 'who was to come, or hoped to, is concerned without being asked');
select results_eq(format('select * from answer_event(%L, try.event_id(''Talk''), ''attended'', ''r'')', :'ada'), $$values ('partial', 'attended')$$, 'R-A7 changed while it is open');
select feedback_event(:'ada', try.event_id('Talk'), 4, 'Fine');
select is(try.says('Ada', 'Talk') || ', ' || try.says('Cem', 'Talk'), 'attended 4 Fine, attended', 'R-A9 how it was, of her alone');
select throws_ok(format('select feedback_event(%L, try.event_id(''Walk''), 4, null)', :'bob'), 'RC409', 'feedback_needs_attendance', 'R-A9 not without having been there');
select throws_ok(format('select feedback_event(%L, try.event_id(''Talk''), 6, null)', :'ada'), 'RC422', 'bad_rating', 'R-A9 1 to 5');
select answer_event(:'ada', try.event_id('Talk'), 'not_attended', 'r');
select is(try.says('Ada', 'Talk') || ' ' || (select can_feedback from own_answer(:'ada', try.event_id('Talk'))), 'not_attended 4 Fine false', 'R-A9 kept, and asked no more');
select try.clock('2026-12-04 16:30:01+00');
select results_eq(format('select state, status, can_share from own_answer(%L, try.event_id(''Talk''))', :'ada'), $$values ('closed', 'not_attended', true)$$, 'R-A7 closed, and shown');
select throws_ok(format('select answer_event(%L, try.event_id(''Talk''), ''attended'', ''r'')', :'ada'), 'RC410', 'closed', 'R-A7 ... and not changed');
select lives_ok(format('select share_attendance(%L, try.event_id(''Talk''), false, false)', :'ada'), 'R-A10 the switches stay hers');
insert into attendance (user_id, event_id, org_id, status) select try.user_id('Bob'), id, org_id, 'unknown' from events where title = 'Talk';
select results_eq(format('select status, can_share from own_answer(%L, try.event_id(''Talk''))', :'bob'), 'values (null::text, false)', 'R-A6 no answer is shown as none');

-- All of them.
insert into attendance (user_id, event_id, org_id, status, responded_at)
select try.user_id('Cem'), try.event('E' || n, timestamptz '2026-10-01 10:00+00' + (n / 2) * interval '1 day'), :org, 'attended', app_now() from generate_series(1, 7) n;
select is((select string_agg(e.title, ' ' order by place) from attendance_history(:'cem', null, null, 50) with ordinality h(event_id, starts, status, rating, place) join events e on e.id = h.event_id), 'Talk E7 E6 E5 E4 E3 E2 E1', 'R-A11 newest start first, later id first');
with recursive pages as (
  select 0 as n, null::text as title, null::timestamptz as starts, null::bigint as event_id
  union all
  select p.n + 1, e.title, h.starts, h.event_id from pages p, lateral attendance_history(:'cem', p.starts, p.event_id, 1) h join events e on e.id = h.event_id where p.n < 20
)
select is((select string_agg(title, ' ' order by n) from pages), 'Talk E7 E6 E5 E4 E3 E2 E1', 'R-A11 page after page gives each once');
update events set deleted_at = app_now() where title = 'E4';
select is((select count(*)::int from attendance_history(:'cem', null, null, 50)), 7, 'R-A11 deleted events are left out');
select is_empty(format('select * from attendance_history(%L, null, null, 50)', :'nobody'), 'R-A11 nothing without a session');
select results_eq(format('select status, rating::int from attendance_history(%L, null, null, 50)', :'ada'), $$values ('not_attended', 4)$$, 'R-A11 with status and rating');
select is_empty('select * from verify_audit(null)', 'R-B6 after all this the chain is sound');
select * from finish();
