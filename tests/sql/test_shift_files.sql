-- R-C1: shifts out of a file, looked at first.
\ir fixture.sql
select plan(21);
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Stu', null, 'org', 'staff') as stu, try.person('Bob') as bob, try.person('Cem') as cem \gset
select try.org('club') as club \gset
select try.person('Zoe', null, 'club', 'admin') as zoe \gset
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Stu', 'Zoe']) n;
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = $1 $$;
-- What a row comes to: "new 1 assigned".
create function try.said(start text, ends text, more jsonb default '{}') returns text language sql as $$
  select concat_ws(' ', v.result, v.why) from organizations o
  cross join lateral import_shifts(o, jsonb_build_object('shifts', jsonb_build_array(jsonb_build_object('line', 2, 'title', 'Bar', 'start', start, 'end', ends) || more)), (select id from users where name = 'Ada'), true) v
  where o.slug = 'org' $$;

select is(try.said('2026-11-27 18:00', '2026-11-27 22:00'), 'new', 'a day and an hour each');
select is(try.said('2026-11-27T9:00', '22:00'), 'new', '... or the hour of the end alone');
select is(try.said('2026-11-27 18:00', '2026-11-27 17:00'), 'refused it ends before it starts', 'R-C1 one that ends before it starts is refused');
select is(try.said('2026-11-27 18:00', '17:00'), 'refused it ends before it starts', '... by its hour too');
select is(try.said('2026-11-27 18:00', '2026-11-30 17:00'), 'refused it takes more than 48 hours', '... one of three days');
select is(try.said('2026-11-20 10:00', '11:00'), 'refused it is over already', '... one that is over');
select is(try.said('27.11.2026', '22:00'), 'refused the start is no day and hour like 2026-11-27 18:00', '... a start that is no time');
select is(try.said('2026-02-30 18:00', '22:00'), 'refused the start is no day and hour like 2026-11-27 18:00', '... a day that is none');
select is(try.said('2027-03-28 02:30', '05:00'), 'refused the clocks leave the hour of the start out that night', '... an hour that is left out');
select is(try.said('2026-11-27 18:00', '22:00', '{"capacity": "many"}'), 'refused the capacity is no number from 1 to 999999', '... a capacity that is no number');
select is(try.said('2026-11-27 18:00', '22:00', '{"people": "bob@example.org; zoe@example.org"}'), 'refused address 2 of people is nobody''s in your organisation', '... people of other organisations');
select is(try.said('2026-11-27 18:00', '22:00', '{"people": "bob@example.org;CEM@example.org", "capacity": "1"}'), 'refused more people than places', '... more people than places');
select is(try.said('2026-11-27 18:00', '22:00', '{"people": " Bob@example.org ;; cem@example.org"}'), 'new 2 assigned', 'people by their addresses');
select is((select count(*)::int from duty_schedules), 0, 'looking changes nothing');

select hold_shifts(try.s('Ada'), 'org', 'shifts.csv', 100, '[{"line": 2, "title": "Bar", "start": "2026-11-27 18:00", "end": "22:00", "people": "bob@example.org"}, {"line": 3, "title": "Tea", "start": "2026-11-27 20:00", "end": "21:00", "people": "bob@example.org"}, {"line": 4, "title": "Tea", "start": "2026-11-27 20:00", "end": "21:30"}]', '[{"line": 5, "title": "x", "why": "no end"}]') as held \gset
select is((select concat_ws(' ', new_count, changed_count, unchanged_count, refused_count) || ': ' || string_agg(concat_ws(' ', v ->> 'line', v ->> 'result', v ->> 'why'), ', ') from calendar_uploads, jsonb_array_elements(verdicts) v group by new_count, changed_count, unchanged_count, refused_count), '2 0 0 2: 4 refused the same shift stands on line 3 already, 5 refused no end, 2 new 1 assigned, 3 new 1 assigned; 1 of them with another shift then', 'what would become of it is kept, overlaps with it');
select is(import_upload(try.s('Ada'), 'org', :held), true, 'a yes imports it');
select is((select string_agg(s.title || ' ' || u.name, ', ' order by s.title) from duty_schedules s join duty_assignments a on a.schedule_id = s.id join users u on u.id = a.user_id), 'Bar Bob, Tea Bob', '... with who is assigned');
select is((select string_agg(u.name || ' ' || q.notify_type, ', ') from scheduled_notifications q join users u on u.id = q.user_id), 'Bob assigned_following', '... who gets one mail');
select is(try.said('2026-11-27 18:00', '23:00'), 'unchanged there is such a shift already', 'what is there already is not made again');
select throws_ok(format('select hold_shifts(%L, ''org'', ''x'', 1, ''[]'', ''[]'')', try.s(who)), 'RC404', 'absent', 'R-O1 not for ' || who) from unnest(array['Stu', 'Zoe']) who;
select * from finish();
