-- Two sessions at the same moment: two answers, two planners, two
-- sweeps, two at the door; in one order, so that nobody waits in a circle.
\ir fixture.sql
select plan(70);
select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n;
select try.event('Talk', '2026-11-20 15:00+00');
select try.viewed(n, 'Talk') from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n;

create function try.open(name text, role text default 'postgres') returns text language sql
  as $$ select dblink_connect(name, format('host=%s dbname=%s user=%s options=''-c lock_timeout=20000''', split_part(current_setting('unix_socket_directories'), ',', 1), current_database(), role)) $$;
create function try.ask(name text, query text) returns text language sql
  as $$ select r from dblink(name, query) as t(r text) $$;
create function try.begin_ask(name text, query text) returns void language plpgsql
  as $$ begin perform dblink_exec(name, 'begin'); perform dblink_send_query(name, query); end $$;
-- What was asked has to wait for somebody's lock.
create function try.waits(name text) returns boolean language plpgsql as $$
begin
  for i in 1..100 loop
    if exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') then return dblink_is_busy(name) = 1; end if;
    perform pg_sleep(0.02);
    perform pg_stat_clear_snapshot();
  end loop;
  return false;
end
$$;
create function try.answer(name text) returns text language plpgsql as $$
declare answer text;
begin
  select r into answer from dblink_get_result(name) as t(r text);
  perform from dblink_get_result(name) as t(r text);
  return answer;
end
$$;
select try.open('one'), try.open('two');

-- Planners.
select dblink_exec('one', 'begin');
select is(try.ask('one', 'select schedule_post_event_prompts(10)'), '4', 'one planner plans');
select is(try.ask('two', 'select schedule_post_event_prompts(10)'), '0', 'R-A4 a second one meanwhile returns 0, without waiting');
select dblink_exec('one', 'commit');
select is(try.ask('two', 'select schedule_post_event_prompts(10)'), '0', 'R-A4 ... and finds nothing after it');
select is(try.queued(), 'Ada 1, Bob 1, Cem 1, Dee 1', 'R-A4 each once');
select dblink_exec('one', 'begin');
delete from scheduled_notifications;
select is(try.ask('one', 'select schedule_post_event_prompts(10)'), '4', 'a planner that dies');
select dblink_exec('one', 'rollback');
select is(schedule_post_event_prompts(10), 4, 'R-A4 ... leaves all to the next');

-- Claims.
select dblink_exec('one', 'begin');
select is(try.ask('one', 'select count(*) from claim_notifications(2)'), '2', 'one sweep claims two');
select is(try.ask('two', 'select count(*) from claim_notifications(10)'), '2', 'R-F1 another skips them, without waiting');
select dblink_exec('one', 'commit');
select is((select count(distinct lease_id)::int from scheduled_notifications), 4, 'each under one lease');
update scheduled_notifications set lease_until = null, lease_id = null;
select is(try.deliver(), 4, 'all go out');

-- Answers.
select id as n from notifications where user_id = try.user_id('Ada') \gset
select dblink_exec('one', 'begin');
select try.ask('one', format('select previous from answer_prompt(%s, 1, ''2027-01-01'', ''attended'', ''first'')', :n)) as previous \gset
select try.begin_ask('two', format('select previous from answer_prompt(%s, 1, ''2027-01-01'', ''not_attended'', ''second'')', :n));
select ok(try.waits('two'), 'the second answer waits for the first');
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'attended', 'R-A7 ... and sees it as the previous one');
select dblink_exec('two', 'commit');
select results_eq('select status from attendance', $$values ('not_attended')$$, 'R-A7 one row, the last answer');
select results_eq('select previous_status, new_status, request_id from event_attendance_audit order by seq', $$values (null, 'attended', 'first'), ('attended', 'not_attended', 'second')$$, 'R-A7 and a true audit');

-- Two people of one organisation, and the chain.
select id as bob from notifications where user_id = try.user_id('Bob') \gset
select id as cem from notifications where user_id = try.user_id('Cem') \gset
select dblink_exec('one', 'begin');
select try.ask('one', format('select status from answer_prompt(%s, 1, ''2027-01-01'', ''attended'', ''bob'')', :bob)) as status \gset
select try.begin_ask('two', format('select status from answer_prompt(%s, 1, ''2027-01-01'', ''partial'', ''cem'')', :cem));
select ok(try.waits('two'), 'R-B6 the chain has one writer at a time');
select dblink_exec('one', 'rollback');
select is(try.answer('two'), 'partial', '... and goes on when the first gives up');
select dblink_exec('two', 'commit');
select is((select coalesce(max(problem), 'sound') || ' ' || (select max(seq) from event_attendance_audit) from verify_audit(null)), 'sound 3', 'R-B6 without a gap');

-- A long import, and people who look and answer meanwhile.
select try.ask('one', $$select import_events('org', '[{"line": 1, "uid": "u", "title": "Fair", "starts": {"local": "2026-12-01T10:00:00"}}]', false)::text$$) as first \gset
select dblink_exec('one', 'begin');
select try.ask('one', $$select import_events('org', '[{"line": 1, "uid": "u", "title": "Big fair", "starts": {"local": "2026-12-01T10:00:00"}}]', false)::text$$) as again \gset
select dblink_exec('two', 'set lock_timeout = 2000');
select lives_ok($$select dblink_exec('two', 'insert into event_views (event_id, user_id, org_id) select id, try.user_id(''Dee''), org_id from events where uid = ''u''')$$, 'an import keeps nobody from viewing what it changes');
select dblink_exec('one', 'rollback');
-- The same series from two files, and from a file and the sweep.
create function try.file() returns text language sql as $$
  select format('select result || coalesce('': '' || why, '''') from import_calendar(org_by_slug(''org''), %L, false)', jsonb_build_array(jsonb_build_object('line', 1, 'uid', 's', 'title', 'Choir',
    'starts', '{"local": "2026-11-27T18:00:00"}'::jsonb, 'repeats', '{"rule": "FREQ=WEEKLY;COUNT=2", "dates": ["2026-11-27T18:00:00", "2026-12-04T18:00:00"], "to": "2027-11-20T00:00:00"}'::jsonb)))
$$;
select dblink_exec('one', 'begin');
select is(try.ask('one', try.file()), 'new: 2 dates, to 4 December 2026', 'one file brings a series');
select try.begin_ask('two', try.file());
select ok(try.waits('two'), '... the same in another session waits');
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'unchanged', '... and finds it there');
select dblink_exec('two', 'commit');
select dblink_exec('one', 'begin');
select try.ask('one', $$select extend_series(id, '["2027-11-26T18:00:00"]', '2027-11-27T00:00:00')::text from event_series$$) as made \gset
select is(try.ask('two', $$select extend_series(id, '["2027-11-26T18:00:00"]', '2027-11-27T00:00:00')::text from event_series$$), '0', 'a second sweep does not wait for the first');
select dblink_exec('one', 'commit');
select is(:'made' || ' ' || (select count(*) from events where uid = 's'), '1 3', '... and an instance is made once');
-- Events that begin while a file is coming in that has them.
select try.clock('2026-12-01 08:59+00');
select advance_events();
select try.clock('2026-12-01 09:00+00');
select dblink_exec('one', 'begin');
select try.ask('one', $$select import_events('org', '[{"line": 1, "uid": "u", "title": "Fair", "starts": {"local": "2026-12-01T10:00:00"}}]', false)::text$$) as again \gset
select is(try.ask('two', 'select started || '' '' || completed from advance_events()'), '0 0', 'R-B2 an event that a file has locked keeps no sweep waiting');
select dblink_exec('one', 'commit');
select is(try.ask('two', 'select started || '' '' || completed from advance_events()'), '1 0', '... and begins in the next one');
-- A calendar that is changing a series, and an admin who cancels it.
select try.person('Root', null, 'org', 'admin');
select try.sign_in('Root') as root \gset
select id as instance, version, recurrence_time as at from events where uid = 's' order by starts_at desc limit 1 \gset
select dblink_exec('one', 'begin');
select try.ask('one', $$select (series_by_uid((org_by_slug('org')).id, 's')).id$$) as series \gset
select try.begin_ask('two', format('select step_event(%L, ''org'', %s, %s, ''all'', ''cancel'')', :'root', :instance, :version));
select ok(try.waits('two'), 'an admin waits for a calendar');
select is(try.ask('one', format($$select (event_by_key((org_by_slug('org')).id, 's', %L)).id$$, :'at')), :'instance', '... which does not wait for the admin');
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'event_cancel', '... who then cancels');
select dblink_exec('two', 'commit');
-- Two admins who take each other's role away.
select try.person('Twin', null, 'org', 'admin');
select try.sign_in('Twin') as twin \gset
select dblink_exec('one', 'begin');
select try.ask('one', format('select change_role(%L, ''org'', %s, ''admin'', ''member'', ''r'')::text', :'root', try.user_id('Twin'))) as done \gset
select try.begin_ask('two', format('select change_role(%L, ''org'', %s, ''admin'', ''member'', ''r'')::text', :'twin', try.user_id('Root')));
select ok(try.waits('two'), 'the second of two admins waits for the first');
select try.person('Third', null, 'org', 'admin');
select dblink_exec('one', 'commit');
select throws_ok($$select try.answer('two')$$, 'RC404', null, 'R-O1 ... and is none any more');
select from dblink_get_result('two') as t(r text);
select dblink_exec('two', 'rollback');
select is((select string_agg(u.name, ' ' order by u.name) from memberships m join users u on u.id = m.user_id where m.role = 'admin'), 'Root Third', '... so that there is always one');
-- The sixth calendar that is handed in, while the first is about to be imported.
create function try.hand_in(who bytea) returns text language sql as $$
  select format('select hold_upload(%L, ''org'', ''a.ics'', 1, ''[]'', ''[]'')::text', who) $$;
select try.ask('one', try.hand_in(:'root')) as first \gset
select try.ask('one', try.hand_in(:'root')) from generate_series(2, 5);
select dblink_exec('one', 'begin');
select try.ask('one', format('select (own_upload(%L, ''org'', %s)).id', :'root', :first)) as own \gset
select is(try.ask('two', try.hand_in(:'root')) is not null, true, 'does not wait for it');
select dblink_exec('one', 'commit');
select try.ask('one', try.hand_in(:'root')) as seventh \gset
select is((select count(*) || ' ' || min(id) from calendar_uploads), '5 ' || (:first + 2), '... and the newest five stay');
-- The last place, and one that comes free.
select try.event('Full', app_now() + interval '1 day');
update events set capacity = 1 where title = 'Full';
create function try.place(what text, who bytea) returns text language sql as $$
  select format('select %s(%L, %s, ''req'')::text', what, who, try.event_id('Full')) $$;
select try.sign_in('Ada') as ada, try.sign_in('Bob') as bob, try.sign_in('Cem') as cem \gset
create function try.places() returns text language sql as $$
  select string_agg(u.name || ' ' || p.status, ', ' order by u.name) from event_participants p
  join users u on u.id = p.user_id where p.event_id = try.event_id('Full') $$;
select dblink_exec('one', 'begin');
select is(try.ask('one', try.place('register_for_event', :'ada')), 'registered', 'one takes the last place');
select try.begin_ask('two', try.place('register_for_event', :'bob'));
select ok(try.waits('two'), 'another at the same moment waits for it');
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'waitlisted', 'R-B1 ... and is on the waiting list');
select dblink_exec('two', 'commit');
select dblink_exec('one', 'begin');
select try.ask('one', try.place('withdraw_from_event', :'ada'));
select try.begin_ask('two', try.place('register_for_event', :'cem'));
select try.waits('two') as waited \gset
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'waitlisted', 'R-B1 a place that comes free goes to who waits, not to who comes just then');
select dblink_exec('two', 'commit');
select is(try.places(), 'Ada cancelled, Bob registered, Cem waitlisted', '... each once');
-- The door. What a session ends with, its error too.
create function try.ends(name text) returns text language plpgsql as $$
declare answer text;
begin
  begin
    select r into answer from dblink_get_result(name) as t(r text);
  exception when others then
    answer := sqlstate;
  end;
  perform from dblink_get_result(name) as t(r text);
  perform dblink_exec(name, 'commit');
  return answer;
end $$;
create function try.place_of(who text, title text) returns bigint language sql as $$ select id from event_participants where user_id = try.user_id(who) and event_id = try.event_id(title) $$;
create function try.press(who bytea, what text, whom text, title text) returns text language sql as $$
  select format('select said from record_door(%L, ''org'', %s, ''[{"what": "%s", "participant": %s}]'', ''req'')', who, try.event_id(title), what, try.place_of(whom, title)) $$;
create function try.audited(title text) returns text language sql as $$
  select string_agg(concat_ws(' ', action, previous_status, new_status), ', ' order by seq) from event_attendance_audit where event_id = try.event_id(title) $$;
select try.open('three');
select try.sign_in('Root') as root, try.sign_in('Third') as third, try.sign_in('Dee') as dee \gset
select try.event('Gig', app_now() + interval '5 minutes'), try.registered('Ada', 'Gig');
select dblink_exec('one', 'begin');
select is(try.ask('one', try.press(:'root', 'check_in', 'Ada', 'Gig')), 'Ada is here.', 'one of two staff checks somebody in');
select try.begin_ask('two', try.press(:'third', 'check_in', 'Ada', 'Gig'));
select ok(try.waits('two'), 'the other, in the same instant, waits');
select dblink_exec('one', 'commit');
select is(try.ends('two'), format('Ada has been here since %s, checked in by Root.', to_char(app_now() at time zone 'Europe/Berlin', 'HH24:MI')), 'R-B3 ... and is told when and by whom');
select is(try.audited('Gig'), 'check_in unknown present', 'R-B3 one audit row');
select is((select string_agg(result, ' ' order by result) from door_attempts), 'already present', 'R-B3 ... and both attempts are kept');
-- A letting in that is undone, and who withdraws: the event first.
update events set capacity = 5 where title = 'Gig';
select try.registered('Dee', 'Gig', 'cancelled');
select try.ask('one', try.press(:'root', 'walk_in', 'Dee', 'Gig')) as said \gset
select dblink_exec('two', 'begin');
select try.ask('two', format('select id::text from events where id = %s for no key update', try.event_id('Gig'))) as held \gset
select try.begin_ask('one', try.press(:'root', 'undo', 'Dee', 'Gig'));
select ok(try.waits('one'), 'an undo that frees a place waits for whoever gives places away');
select lives_ok(format($$select try.ask('two', %L)$$, format('select withdraw_from_event(%L, %s, ''r'')::text', :'dee', try.event_id('Gig'))), 'R-B3 ... and does not hold what that one needs');
select dblink_exec('two', 'commit');
select is(try.ends('one'), 'Undone. Dee is not marked.', '... both are done');
-- Two sweeps: the completion, and the absences.
update events set takes_attendance = true, ends_at = starts_at + interval '1 hour' where title = 'Gig';
select try.registered('Bob', 'Gig'), try.registered('Cem', 'Gig');
select try.clock(app_now() + interval '3 hours');
select dblink_exec('one', 'begin');
select is(try.ask('one', 'select started || '' '' || completed from advance_events()'), (select count(*) filter (where status = 'published' and starts_at <= app_now()) || ' ' || count(*) filter (where status in ('published', 'ongoing') and effective_end <= app_now()) from events where deleted_at is null), 'one sweep completes what is over');
select is(try.ask('two', 'select started || '' '' || completed from advance_events()'), '0 0', 'R-B2 another has nothing to do, and does not wait');
select dblink_exec('one', 'commit');
select dblink_exec('one', 'begin');
select is(try.ask('one', 'select state || '' '' || changed from auto_flag_absences(500)'), 'done 2', 'one sweep marks who did not come');
select is(try.ask('two', 'select state || '' '' || changed from auto_flag_absences(500)'), null, 'R-B5 another skips that, without waiting');
select dblink_exec('one', 'commit');
select is(try.ask('two', 'select state || '' '' || changed from auto_flag_absences(500)'), null, '... and finds nothing after it');
select is((select string_agg(u.name || ' ' || p.attendance_status || ' ' || (select count(*) from event_attendance_audit a where a.participant_id = p.id and a.action = 'mark_absent'), ', ' order by u.name)
  from event_participants p join users u on u.id = p.user_id where p.event_id = try.event_id('Gig')), 'Ada present 0, Bob absent 1, Cem absent 1, Dee unknown 0', 'R-B5 each once, with one audit row');
-- An answer and the decision about the request it made.
select try.ask('one', format('select status from record_attendance(%s, %s, ''attended'', ''r'')', try.user_id('Bob'), try.event_id('Gig'))) as said \gset
select id as asked from attendance_requests where user_id = try.user_id('Bob') \gset
select try.sign_in('Root') as root \gset
select dblink_exec('three', 'begin');
select try.ask('three', format('select id::text from event_participants where id = %s for no key update', try.place_of('Bob', 'Gig'))) as held \gset
select try.begin_ask('two', format('select decide_request(%L, ''org'', %s, ''present'', null, ''r'')::text', :'root', :asked));
select ok(try.waits('two'), 'a decision waits for the participant');
select try.begin_ask('one', format('select status from record_attendance(%s, %s, ''partial'', ''r'')', try.user_id('Bob'), try.event_id('Gig')));
select pg_sleep(0.2);
select dblink_exec('three', 'commit');
select is(try.ends('one'), 'partial', 'R-B5 another answer meanwhile waits in no circle');
select is(try.ends('two'), '', '... nor does the decision');
select is((select answer || ' ' || outcome from attendance_requests where id = :asked), 'partial approved', '... which is about that answer');
-- Reasons that are typed while whoever types them is erased.
create function try.correct(who bytea, whom text) returns text language sql as $$
  select format('select patch_attendance(%L, ''org'', %s, ''[{"participant": %s}]'', ''excused'', ''other'', ''secret words'', ''r'')::text', who, try.event_id('Gig'), try.place_of(whom, 'Gig')) $$;
create function try.erase(who bytea) returns text language sql as $$ select format('select erase_me(%L, null, ''r'')::text', who) $$;
select try.person('Leo', null, 'org', 'staff'), try.person('Kim', null, 'org', 'staff'), try.person('Max', null, 'org', 'staff');
select try.sign_in('Leo') as leo, try.sign_in('Kim') as kim, try.sign_in('Max') as max \gset
select dblink_exec('one', 'begin');
select is(try.ask('one', try.correct(:'leo', 'Cem')), '1', 'one types a reason');
select try.begin_ask('two', try.erase(:'leo'));
select ok(try.waits('two'), 'their erasure meanwhile waits for it');
select dblink_exec('one', 'commit');
select try.ends('two') as ended \gset
select is(:'ended' || (select count(*) from audit_reason), '0', 'R-B6 ... and finds it: no text is left');
select dblink_exec('two', 'begin');
select try.ask('two', try.erase(:'kim')) as erased \gset
select try.begin_ask('one', try.correct(:'kim', 'Ada'));
select ok(try.waits('one'), 'one who is being erased types a reason');
select dblink_exec('two', 'commit');
select try.ends('one') as ended \gset
select is(:'ended' || (select count(*) from audit_reason), 'RC4010', 'R-B6 ... who is gone, and so is it');
-- A denial's too.
select try.ask('one', format('select status from record_attendance(%s, %s, ''attended'', ''r'')', try.user_id('Cem'), try.event_id('Gig'))) as said \gset
select mark_attendance(org_id, null, array[row(try.place_of('Cem', 'Gig'), 'absent', app_now(), 'mark_absent', null, null)::attendance_mark], null, null) from events where title = 'Gig';
select try.ask('one', format('select status from record_attendance(%s, %s, ''partial'', ''r'')', try.user_id('Cem'), try.event_id('Gig'))) as said \gset
select dblink_exec('one', 'begin');
select try.ask('one', format('select decide_request(%L, ''org'', %s, ''absent'', ''secret words'', ''r'')::text', :'max', (select id from attendance_requests where user_id = try.user_id('Cem') and outcome is null))) as denied \gset
select try.begin_ask('two', try.erase(:'max'));
select ok(try.waits('two'), 'an erasure waits for a denial of theirs');
select dblink_exec('one', 'commit');
select try.ends('two') as ended \gset
select is(:'ended' || (select count(*) from attendance_requests where reason like '%secret%'), '0', 'R-G1 ... and its words are gone');
-- An erasure and a correction about the same person.
select dblink_exec('one', 'begin');
select try.sign_in('Third') as third, try.sign_in('Cem') as cem \gset
select is(try.ask('one', try.correct(:'third', 'Cem')), '1', 'about somebody');
select try.begin_ask('two', try.erase(:'cem'));
select ok(try.waits('two'), 'who is erased meanwhile');
select dblink_exec('one', 'commit');
select try.ends('two') as ended \gset
select is(:'ended' || (select count(*) from audit_reason), '0', 'R-B6 what was typed about them goes too');
select is((select count(*)::int from verify_audit(null)), 0, 'R-B6 the chain is sound');

-- A shift that somebody offers, and two who take it.
select try.person('Ivo') as ivo, try.person('Jan'), try.person('Kai') \gset
insert into duty_schedules (org_id, title, start_at, end_at, capacity) select id, 'Bar', app_now() + interval '1 day', app_now() + interval '25 hours', 1 from organizations where slug = 'org' returning id as bar \gset
insert into duty_assignments (org_id, schedule_id, user_id) select org_id, id, :ivo from duty_schedules where id = :bar;
select try.sign_in('Ivo') as ivo_s, try.sign_in('Jan') as jan, try.sign_in('Kai') as kai \gset
select offer_shift(:'ivo_s', :bar);
select dblink_exec('one', 'begin');
select try.ask('one', format('select take_shift(%L, %s, false)::text', :'jan', :bar)) as taken \gset
select try.begin_ask('two', format('select take_shift(%L, %s, false)::text', :'kai', :bar));
select ok(try.waits('two'), 'R-C1 two take a shift at once: the second waits');
select dblink_exec('one', 'commit');
select is(try.ends('two'), 'RC409', '... and is told that somebody else has it');
select is((select string_agg(u.name, ', ') from duty_assignments a join users u on u.id = a.user_id where a.schedule_id = :bar), 'Jan', '... who alone is assigned');
select dblink_disconnect('one'), dblink_disconnect('two'), dblink_disconnect('three');
select * from finish();
