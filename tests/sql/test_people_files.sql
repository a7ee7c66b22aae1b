-- R-O4: people that an admin brings in by a file, or staff by picking.
\ir fixture.sql
select plan(30);
select try.person('Ann', null, 'org', 'admin'), try.person('Stu', null, 'org', 'staff'), try.person('Mia'), try.person('Max');
select try.org('other') as other \gset
select try.person('Oda', null, 'other', 'admin');
select try.sign_in('Ann') as ann, try.sign_in('Stu') as stu, try.sign_in('Oda') as oda \gset
select try.event('Talk', '2026-11-22 18:00+00'), try.event('Past', '2026-11-18 18:00+00', status => 'completed'), try.event('Off', '2026-11-22 18:00+00', status => 'cancelled');
update events set capacity = 2 where title = 'Talk';

create function try.hold(session bytea, people text, event text default null) returns bigint language sql as $$
  select hold_people(session, 'org', case when event is not null then coalesce(try.event_id(event), 0) end, 'a.csv', 1, people::jsonb, '[]', '[{"line": 9, "title": "x", "why": "no name"}]') $$;
create function try.told(upload bigint) returns text language sql as $$
  select string_agg(concat_ws(' ', v.title, v.result, v.why), ', ' order by v.line) from calendar_uploads u
  cross join jsonb_to_recordset(u.verdicts) v(line int, title text, result text, why text) where u.id = upload $$;
\set three '[{"line": 2, "email": "mia@example.org", "name": "Mia"}, {"line": 3, "email": "new@example.org", "name": "New", "role": "door"}, {"line": 4, "email": "NEW@example.org", "name": "Again"}]'

-- Looked at first.
select throws_ok(format('select try.hold(%L, ''[]'')', s), c, null, 'R-O1 only for admins of the organisation') from (values (:'stu', 'RC404'), (:'oda', 'RC404'), (null, 'RC401')) t(s, c);
select try.hold(:'ann', :'three') as up \gset
select is(try.told(:up), 'mia@example.org unchanged, new@example.org new, NEW@example.org refused the address stands on line 3 already, x refused no name', 'R-O4 what would become of each row');
select is((select row(new_count, changed_count, unchanged_count, refused_count)::text from calendar_uploads where id = :up), '(1,0,1,2)', '... counted');
select is_empty($$select from users where email = 'new@example.org'$$, 'R-O4 nothing is changed yet');
select throws_ok(format('select import_upload(%L, ''org'', %s)', :'stu', :up), 'RC404', null, 'R-O2 nobody else imports it');
select is(import_upload(:'ann', 'org', :up), true, 'imported');
select is((select m.role from memberships m join users u on u.id = m.user_id where u.email = 'new@example.org'), 'door', '... and there they are');
select is((select count(*)::int from org_changes where actor_id = try.user_id('Ann') and what = 'added'), 1, 'R-G1 with who did it');
select is(import_upload(:'ann', 'org', :up), false, '... once');
select is((select row(entries, refused)::text from calendar_uploads where id = :up), '(,)', 'what was typed is gone then');

-- To an event.
select throws_ok(format('select try.hold(%L, ''[]'', %L)', :'ann', e), c, k, 'an event that nobody can join: ' || e) from (values ('Past', 'RC410', 'event_over'), ('Off', 'RC410', 'event_cancelled'), ('None', 'RC404', 'absent')) t(e, c, k);
select try.hold(:'ann', '[{"line": 2, "email": "max@example.org", "name": "Max"}, {"line": 3, "email": "kim@example.org", "name": "Kim"}, {"line": 4, "email": "lee@example.org", "name": "Lee"}]', 'Talk') as up \gset
select is(try.told(:up), 'max@example.org new, kim@example.org new new in the organisation, lee@example.org new on the waiting list; new in the organisation, x refused no name', 'R-O4 who would get a place');
select is_empty('select from event_participants', 'nothing is changed yet');
select is_empty('select from scheduled_notifications', '... and nobody is mailed');
select import_upload(:'ann', 'org', :up);
select is((select string_agg(u.name || ' ' || p.status, ', ' order by p.id) from event_participants p join users u on u.id = p.user_id), 'Max registered, Kim registered, Lee waitlisted', 'R-B1 in their order, the last ones wait');
select is((select count(*)::int from scheduled_notifications where kind = 'registration'), 3, 'each is mailed');
select try.hold(:'ann', '[{"line": 2, "email": "max@example.org", "name": "Max"}]', 'Talk') as again \gset
select is(try.told(:again), 'max@example.org unchanged, x refused no name', 'again changes nothing');

-- Picked.
select results_eq(format('select name from people_to_join(%L, ''org'', try.event_id(''Talk''), '''', 50)', :'stu'), $$values ('Ann'), ('Mia'), ('New'), ('Stu')$$, 'who is not registered can be picked');
select results_eq(format('select name from people_to_join(%L, ''org'', try.event_id(''Talk''), ''mi'', 50)', :'stu'), $$values ('Mia')$$, 'by letters of the name');
select is_empty(format('select from people_to_join(%L, ''org'', try.event_id(''Talk''), '''', 50)', :'oda'), 'R-O2 nobody for others');
select results_eq(format('select * from add_participants(%L, ''org'', try.event_id(''Talk''), ''["%s", "%s"]'', ''req'')', :'stu', try.user_id('Mia'), try.user_id('Oda')), $$values (0::bigint, 1::bigint)$$, 'full: on the waiting list; and members only');
select throws_ok(format('select add_participants(%L, ''org'', try.event_id(''Talk''), ''[]'', ''req'')', :'stu'), 'RC422', 'nobody_ticked', 'nobody is ticked');
select throws_ok(format('select add_participants(%L, ''org'', try.event_id(''Talk''), ''[]'', ''req'')', :'oda'), 'RC404', null, 'R-O2 not by others');

-- R-G1.
select forget_address('KIM@example.org');
select is((select count(*)::int from calendar_uploads where verdicts::text like '%kim@%'), 0, 'R-G1 who is forgotten stands in no list');
select is((select count(*)::int from calendar_uploads), 2, '... and the others stay');

-- 10,000 rows.
select jsonb_agg(jsonb_build_object('line', n + 1, 'email', 'p' || n || '@example.org', 'name', 'Person ' || n)) as many from generate_series(1, 10000) n \gset
\timing on
select try.hold(:'ann', :'many') as up \gset
select import_upload(:'ann', 'org', :up);
\timing off
select is((select new_count from calendar_uploads where id = :up), 10000, '10,000 rows');
select * from finish();
