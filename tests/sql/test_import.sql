-- R-O4: the first organisation and admin, and people and events from files.
\ir fixture.sql
select plan(53);

-- Organisation and admin.
select isnt(add_org('club', 'The Club', 'Europe/Paris'), null, 'R-O4 an organisation is made');
select throws_ok($$select add_org('club', 'Another', 'UTC')$$, 'RC409', 'slug_taken', 'R-O4 a slug stands for one');
select throws_ok($$select add_org('Club', 'X', 'UTC')$$, 'RC422', 'bad_slug', 'R-O4 a slug is written small');
select throws_ok($$select add_org('x', E'A\r\nB', 'UTC')$$, 'RC422', 'bad_name', 'R-F4 no line ends in a name');
select throws_ok($$select add_org('x', 'X', 'CEST')$$, 'RC422', 'zone_unknown', 'R-O1 a zone is a name in pg_timezone_names');
select results_eq($$select "join", prompt_audience, second_prompt, prompts_since = app_now() from organizations where slug = 'club'$$,
  $$values ('invite', 'both', 'registered', true)$$, 'R-O4, R-A2 the defaults');
select isnt(add_admin('club', 'boss@example.org', 'Boss'), null, 'R-O4 an admin is made');
select is(add_admin('club', 'BOSS@example.org', 'Someone else'), try.user_id('Boss'), 'R-O1 an address is one person''s, however it is written');
select throws_ok($$select add_admin('none', 'a@example.org', 'A')$$, 'RC404', 'org_unknown', 'an organisation that is not there');
select throws_ok($$select add_admin('club', E'a@example.org\r\nBcc: b@example.org', 'A')$$, 'RC422', 'bad_email', 'R-F4 no line ends in an address');

-- Good and bad addresses, the same ones as in C.
\set addresses `cat tests/addresses.txt`
create temporary table listed as
  select line[1] = 'good' as good, line[2] as address
  from regexp_matches(:'addresses', '^(good|bad) (.*)$', 'gn') as line;
select ok(count(*) filter (where good) > 9 and count(*) filter (where not good) > 30, 'the list of addresses is read') from listed;
select is(string_agg(address, ' '), null, 'R-F4 good addresses are taken') from listed where good and not valid_email(address);
select is(string_agg(address, ' '), null, 'R-F4 bad addresses are refused') from listed where not good and valid_email(address);
select is(bool_or(valid_email(a)), false, 'R-F4 no line end reaches an SMTP command') from unnest(array[E'a@b\n', E'a\n@b', E'a@b\r\nRCPT TO:<c@d>']) a;

-- People.
create temporary table people (rows jsonb);
insert into people values (jsonb_build_array(
  jsonb_build_object('line', 2, 'email', 'ann@example.org', 'name', 'Ann', 'timezone', 'Asia/Tokyo', 'role', 'staff'),
  jsonb_build_object('line', 3, 'email', 'Ann@Example.org', 'name', 'Ann again'),
  jsonb_build_object('line', 4, 'email', 'bad', 'name', 'Bad'),
  jsonb_build_object('line', 5, 'email', 'x@example.org', 'name', E'X\r\nBcc: y@example.org'),
  jsonb_build_object('line', 6, 'email', 'y@example.org', 'name', 'Y', 'timezone', 'Mars/Olympus'),
  jsonb_build_object('line', 7, 'email', 'z@example.org', 'name', 'Z', 'role', 'boss'),
  jsonb_build_object('line', 8, 'email', ' li@example.org ', 'name', ' 李小龍 ', 'timezone', '', 'role', ''),
  jsonb_build_object('line', 9, 'email', '', 'name', 'Nobody'),
  jsonb_build_object('line', 10, 'email', 'nn@example.org', 'name', ''),
  jsonb_build_object('line', 11, 'email', 'boss@example.org', 'name', 'Boss', 'role', 'member')
));
create temporary table verdicts as select v.* from people, import_people('club', rows, true) v;
select results_eq('select line, result, why from verdicts', $$values
  (2, 'new', null::text),
  (3, 'refused', 'the address stands on line 2 already'),
  (4, 'refused', 'the address does not look like one'),
  (5, 'refused', 'the name is too long or has characters in it that are not text'),
  (6, 'refused', 'the time zone is not known; zones are written like Europe/Berlin'),
  (7, 'refused', 'the role is none of member, door, staff, admin'),
  (8, 'new', null),
  (9, 'refused', 'no address'),
  (10, 'refused', 'no name'),
  (11, 'refused', 'is the last admin; make someone else an admin first')$$, 'R-O4 row by row, with the reason');
select is((select count(*)::int from users where name <> 'Boss'), 0, 'R-O4 a dry run leaves nothing');
select results_eq('select v.* from people, import_people(''club'', rows, false) v', 'select * from verdicts', 'R-O4 in earnest it says the same');
select results_eq($$select u.email, u.name, u.timezone, m.role, m.responder from users u join memberships m on m.user_id = u.id where u.name <> 'Boss' order by u.email$$,
  $$values ('ann@example.org', 'Ann', 'Asia/Tokyo', 'staff', false), ('li@example.org', '李小龍', null, 'member', false)$$, 'R-O1 the good rows are there, trimmed, and nobody is a responder');
select results_eq($$select result, why from import_people('club', '[{"email": "ann@example.org", "name": "A"}, {"email": "li@example.org", "name": "L", "role": "door"}]', false)$$,
  $$values ('unchanged', null), ('changed', 'was member, is door now')$$, 'R-O4 again: an empty role leaves the role, another changes it');
select results_eq($$select result, why from import_people('org', '[{"email": "ann@example.org", "name": "A", "timezone": "UTC"}]', false)$$,
  $$values ('new', 'has an account already and keeps its name and time zone')$$, 'R-O1 a person may be in two organisations');
select is((select name || ' ' || timezone from users where email = 'ann@example.org'), 'Ann Asia/Tokyo', '... and keeps what is theirs');
select throws_ok($$select import_people('none', '[]', false)$$, 'RC404', 'org_unknown', 'an organisation that is not there');
select is((select count(*)::int from import_people('club', (select jsonb_agg(jsonb_build_object('line', n, 'email', 'p' || n || '@example.org', 'name', 'P' || n)) from generate_series(1, 2000) n), true) where result = 'new'), 2000, 'two thousand rows at once');

-- Events.
create function try.moment(local text, e jsonb) returns jsonb language sql as $$
  select jsonb_strip_nulls(jsonb_build_object('local', rtrim(local, 'Z'), 'zone', case when local ~ 'Z$' then 'UTC' else e ->> 'zone' end, 'date', nullif((e ->> 'all_day')::boolean, false)))
$$;
create function try.entry(uid text, more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_strip_nulls(e || jsonb_build_object(
    'starts', try.moment(e ->> 'starts_local', e),
    'ends', case when e ->> 'ends_local' is not null then try.moment(e ->> 'ends_local', e) end,
    'recurrence', case when e ? 'recurrence_time' then try.moment(e ->> 'recurrence_time', e) end,
    'duration', case when e ? 'duration_seconds' then jsonb_build_object('days', 0, 'seconds', e -> 'duration_seconds') end
  ))
  from (
    select jsonb_build_object('line', 1, 'uid', uid, 'sequence', 0, 'title', 'Fair', 'description', '', 'location', 'Hall',
      'starts_local', '2026-11-28T18:30:00', 'zone', 'Europe/Berlin', 'cancelled', false) || more
  ) as told(e)
$$;
create function try.import(entries jsonb, dry boolean default false) returns text language sql as $$
  select string_agg(concat_ws(': ', result, why), '; ') from import_events('org', entries, dry)
$$;
create function try.one(uid text, more jsonb default '{}') returns text language sql as $$ select try.import(jsonb_build_array(try.entry(uid, more))) $$;
select results_eq($$select * from import_events('org', jsonb_build_array(try.entry('a')), true)$$, $$values (1, 'a', 'Fair', 'new', null::text)$$, 'a dry run says new');
select is((select count(*)::int from events), 0, '... and leaves nothing');
select is(try.one('a'), 'new', 'new');
select results_eq('select title, starts_at, ends_at, effective_end, timezone, status, revision, takes_attendance, is_virtual, all_day from events',
  $$values ('Fair', '2026-11-28 17:30+00'::timestamptz, null::timestamptz, '2026-11-28 19:30+00'::timestamptz, 'Europe/Berlin', 'published', 1, false, false, false)$$, 'local time and zone are made a moment here; new is published; no attendance is taken');
select is(try.one('a'), 'unchanged', 'again: unchanged');
select is(try.one('a', '{"title": "Big Fair", "sequence": 2}'), 'changed', 'changed');
select is(try.one('a', '{"title": "Small Fair", "sequence": 1}'), 'unchanged: an older version (SEQUENCE 1) than the one that is here (2)', 'a lower SEQUENCE does not overwrite a higher');
select is(try.one('a', '{"title": "Big Fair", "sequence": 2, "starts_local": "2026-11-29T18:30:00"}'), 'changed: moved', 'moved');
select is((select revision from events where uid = 'a'), 2, 'R-A4 ... and the revision rose');
select is(try.one('a', '{"title": "Big Fair", "sequence": 3, "starts_local": "2026-11-29T18:30:00", "cancelled": true}'), 'changed: cancelled', 'cancelled');
select is(try.one('a', '{"title": "Big Fair", "sequence": 4, "starts_local": "2026-11-29T18:30:00"}'), 'changed: takes place again', 'takes place again');
update events set status = 'ongoing', takes_attendance = true where uid = 'a';
select is(try.one('a', '{"title": "Big Fair!", "sequence": 4, "starts_local": "2026-11-29T18:30:00"}'), 'changed', 'another title');
select is((select row(title, status, takes_attendance)::text from events where uid = 'a'), '("Big Fair!",ongoing,t)', 'what the calendar does not know stays');
select is(try.one('b'), 'new', 'another file');
select is((select count(*)::int from events), 2, 'what a file does not name is untouched');
select is(try.one('r', '{"recurrence_time": "2026-11-28T18:30:00"}') || try.one('r', '{"recurrence_time": "2026-11-28T17:30:00Z"}') || try.one('r'), 'newunchangednew', 'an instance is known by UID and recurrence time');

select is(try.one('bad' || n, e.more), 'refused: ' || e.why, 'refused: ' || e.why) from (values
  (1, '{"ends_local": "2026-11-28T18:29:59"}'::jsonb, 'it ends before it starts'),
  (2, '{"title": "A\r\nB"}', 'the title is too long or has characters in it that are not text'),
  (3, '{"starts_local": "2026-13-01T00:00:00"}', 'its start is not a date and time that exists'),
  (4, '{"starts_local": "2026-02-30T10:00:00"}', 'its start is not a date and time that exists'),
  (5, '{"starts_local": "2026-11-28T25:00:00"}', 'its start is not a date and time that exists'),
  (6, '{"ends_local": "tomorrow"}', 'its end is not a date and time that exists'),
  (7, '{"zone": "../../../etc/hostname"}', 'its time zone is not known: ../../../etc/hostname'),
  (8, '{"uid": ""}', 'it has no UID by which to know it again'),
  (9, '{"recurrence_time": "x"}', 'its RECURRENCE-ID is not a date and time that exists'),
  (10, '{"all_day": true, "starts_local": "2026-02-30", "duration_seconds": 86400}', 'its start is not a date and time that exists')
) e(n, more, why);
select is(try.import(jsonb_build_array(try.entry('g1'), try.entry('g2', '{"title": "\u0007"}'), try.entry('g3'))), 'new; refused: the title is too long or has characters in it that are not text; new', 'a bad one does not stop the others');

select is((select array_agg(is_virtual_place(p) order by n) from unnest(array['', 'Online', 'VIRTUAL', 'https://meet.example/1', 'zoommtg://x', 'Hall', 'Online shop, Main Street', 'https://a.b and Hall']) with ordinality p(p, n)),
  array[true, true, true, true, true, false, false, false], 'virtual: empty, Online, Virtual or a link');
select try.one('d1', '{"duration_seconds": 5400}'), try.one('d2', '{"all_day": true, "starts_local": "2026-10-24", "duration_seconds": 172800}'), try.one('d3', '{"zone": "UTC"}'), try.one('d4', '{"zone": null}'), try.one('d5', '{"location": "Hall\n2", "url": "javascript:alert(1)"}');
select results_eq($$select uid, starts_at, ends_at, timezone, location, url from events where uid ~ '^d' order by uid$$, $$values
  ('d1', '2026-11-28 17:30+00'::timestamptz, '2026-11-28 19:00+00'::timestamptz, 'Europe/Berlin', 'Hall', null::text),
  ('d2', '2026-10-23 22:00+00', '2026-10-25 23:00+00', 'Europe/Berlin', 'Hall', null),
  ('d3', '2026-11-28 18:30+00', null, null, 'Hall', null),
  ('d4', '2026-11-28 17:30+00', null, 'Europe/Berlin', 'Hall', null),
  ('d5', '2026-11-28 17:30+00', null, 'Europe/Berlin', 'Hall 2', null)$$, 'durations, whole days across a clock change, UTC, the organisation''s zone, lines and links');
select try.one('w', '{"all_day": true, "starts_local": "2026-11-28T00:00:00", "ends_local": "2026-11-28T00:00:00"}');
select is((select effective_end from events where uid = 'w'), '2026-11-28 23:00+00', 'R-A1 a whole day that ends on itself is one day');
select * from finish();
