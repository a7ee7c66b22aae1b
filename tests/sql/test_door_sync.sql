-- R-B3: what was done at a door without a network: its times lie between the
-- contacts of its device, and nothing arrives twice.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Staff', null, 'org', 'staff') as staff,
  try.person('Other', null, 'org', 'staff') as other, try.person('Door', null, 'org', 'door') as door \gset
select try.event('Talk', '2026-11-20 18:00+00', '2026-11-20 20:00+00', 'org', 'ongoing') as talk \gset
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk');
select try.org('club') as club, try.sign_in('Staff'), try.sign_in('Other'), try.sign_in('Door'), try.sign_in('Ada');
\set phone '11111111-1111-4111-8111-111111111111'
\set tablet '22222222-2222-4222-8222-222222222222'
create function try.session(name text) returns bytea language sql as $$ select hash from sessions s join users u on u.id = s.user_id where u.name = $1 order by s.id desc limit 1 $$;
create function try.place(name text) returns bigint language sql as $$ select p.id from event_participants p where p.user_id = try.user_id(name) $$;
create function try.ms(at timestamptz) returns numeric language sql as $$ select extract(epoch from at) * 1000 $$;
create table try.held (device text, who text, contact text, primary key (device, who));
-- A device sends: [who, what, device's time, contact or null: what it holds].
create function try.sync(who text, device text, whole boolean default false, attempts jsonb default '[]', lost boolean default false) returns jsonb language plpgsql as $$
declare
  v jsonb;
  v_held text := (select h.contact from try.held h where (h.device, h.who) = (sync.device, sync.who));
begin
  v := sync_door(try.session(who), 'org', try.event_id('Talk'), device, v_held, whole, attempts, 'req-1');
  if not lost then
    insert into try.held values (sync.device, sync.who, v ->> 'contact') on conflict on constraint held_pkey do update set contact = excluded.contact;
  end if;
  return v;
end $$;
create function try.attempt(key int, name text, at timestamptz, contact text, what text default 'check_in') returns jsonb language sql as $$
  select jsonb_build_object('key', lpad(key::text, 8, '0') || '-0000-4000-8000-000000000000', 'what', what,
    'participant', try.place(name)::text, 'at', try.ms(at), 'contact', contact)
$$;
create function try.holds(device text, who text) returns text language sql as $$ select contact from try.held h where (h.device, h.who) = (holds.device, holds.who) $$;
create function try.made(key int) returns text language sql as $$ select to_char(made_at at time zone 'UTC', 'HH24:MI:SS') from door_attempts d where d.key::text like lpad(made.key::text, 8, '0') || '%' $$;
create function try.state(name text) returns text language sql as $$
  select attendance_status || coalesce(to_char(attendance_marked_at at time zone 'UTC', ' HH24:MI'), '') from event_participants where id = try.place(name)
$$;

select try.clock('2026-11-20 17:50+00');
select is(
  try.sync('Staff', :'phone') -> 'people',
  jsonb_build_array(
    jsonb_build_object('id', try.place('Ada'), 'name', 'Ada', 'is_in', true, 'is_waiting', false, 'generation', 1, 'status', 'unknown', 'status_text', door_status_text('unknown')),
    jsonb_build_object('id', try.place('Bob'), 'name', 'Bob', 'is_in', true, 'is_waiting', false, 'generation', 1, 'status', 'unknown', 'status_text', door_status_text('unknown'))
  ),
  'R-B3 a device gets the list at its first contact'
);
select is(try.sync('Door', :'tablet') -> 'people', '[]', 'R-O1 ... the door role gets none');
select throws_ok($$ select try.sync('Ada', '11111111-1111-4111-8111-111111111111') $$, 'RC404', null, 'R-O1 a member is told nothing');
select throws_ok($$ select sync_door(try.session('Staff'), 'club', try.event_id('Talk'), '11111111-1111-4111-8111-111111111111', null, false, '[]', null) $$, 'RC404', null, 'R-O2 nor is who works for another organisation');
select throws_ok($$ select sync_door(null, 'org', try.event_id('Talk'), '11111111-1111-4111-8111-111111111111', null, false, '[]', null) $$, 'RC401', null, 'whose session is over has to sign in');
select throws_ok($$ select try.sync('Staff', 'my phone') $$, 'RC422', null, 'a device has a name as browsers make them');

-- Between the contact at 17:50 and now.
select try.holds(:'phone', 'Staff') as first \gset
select try.clock('2026-11-20 18:30+00');
create function try.bounded(at timestamptz, contact text, who text default 'Staff', device text default '11111111-1111-4111-8111-111111111111') returns text language sql as $$
  select to_char((bound_attempts(try.event_id('Talk'), try.user_id(who), device::uuid, jsonb_build_array(try.attempt(1, 'Ada', at, contact))) -> 0 ->> 'made_at')::timestamptz at time zone 'UTC', 'HH24:MI:SS')
$$;
select is(try.bounded('2026-11-20 18:05+00', :'first'), '18:05:00', 'R-B3 the device''s time counts');
select is(try.bounded('2026-11-20 17:00+00', :'first'), '17:50:00', 'R-B3 ... no earlier than its last contact');
select is(try.bounded('2031-01-01 00:00+00', :'first'), '18:30:00', 'R-B3 ... and no later than now, wherever its clock is');
select is(try.bounded('2026-11-20 18:05+00', null), '18:30:00', 'R-B3 under no contact: now');
select is(try.bounded('2026-11-20 18:05+00', 'contact'), '18:30:00', '... or under nonsense');
select is(try.bounded('2026-11-20 18:05+00', :'first', 'Other'), '18:30:00', 'R-B3 ... or under somebody else''s');
select is(try.bounded('2026-11-20 18:05+00', :'first', 'Staff', :'tablet'), '18:30:00', 'R-B3 ... or under another device''s');
select is(
  bound_attempts(:talk, :staff, :'phone', jsonb_build_array(try.attempt(1, 'Ada', app_now(), :'first') || '{"at": "soon", "made_at": "2000-01-01 00:00+00"}')) -> 0 ->> 'made_at',
  '2026-11-20T18:30:00+00:00', 'R-B3 a time that is none, or that the device claims to be bounded, is now'
);
create function try.new(name text, email text, key int) returns jsonb language sql as $$
  select jsonb_build_object('key', lpad(key::text, 8, '0') || '-0000-4000-8000-000000000000', 'what', 'walk_in', 'name', name, 'email', email, 'hashes', '00')
$$;
select is(bound_attempts(:talk, :staff, :'phone', jsonb_build_array(try.new('New', 'new@example.org', 90))) -> 0 ->> 'email', 'new@example.org', 'R-B3 staff bring in somebody new without a network');
select is(bound_attempts(:talk, :staff, :'phone', jsonb_build_array(try.new('New', 'new@example.org', 90))) -> 0 -> 'hashes', null, '... whose hashes are not the device''s to say');
select is(bound_attempts(:talk, :door, :'phone', jsonb_build_array(try.new('New', 'new@example.org', 90))) -> 0 ->> 'email', null, 'R-O1 the door role brings in nobody new');

-- The next contact bounds what was done before it.
select try.clock('2026-11-20 18:20+00');
select try.sync('Staff', :'phone', true) is not null;
select try.clock('2026-11-20 18:30+00');
select is(try.bounded('2026-11-20 18:25+00', :'first'), '18:25:00', 'R-B3 a contact whose reply was lost bounds nothing');
select try.sync('Staff', :'phone') is not null;
select is(try.bounded('2026-11-20 18:25+00', :'first'), '18:20:00', 'R-B3 ... one that the device goes on from does');
select is(try.bounded('2026-11-20 18:25+00', try.holds(:'phone', 'Staff')), '18:25:00', '... what is done after it is later');
select is((select count(*)::int from door_contacts where user_id = :staff), 2, 'who only asks for news makes no new contact');

-- Attempts.
select try.clock('2026-11-20 18:40+00');
select is(
  try.sync('Staff', :'phone', false, jsonb_build_array(try.attempt(10, 'Ada', '2026-11-20 18:25+00', try.holds(:'phone', 'Staff')))) -> 'results' -> 0 ->> 'result',
  'late', 'R-B3 what was done without a network is done'
);
select is(try.state('Ada'), 'late 18:25', '... at its time');
select is((select device::text || ' ' || to_char(device_at at time zone 'UTC', 'HH24:MI') || to_char(at at time zone 'UTC', ' HH24:MI') from door_attempts), :'phone' || ' 18:25 18:40', 'R-B3 the attempt keeps device, its time and ours');
select is(
  try.sync('Staff', :'phone', false, jsonb_build_array(try.attempt(10, 'Ada', '2026-11-20 18:25+00', :'first'))) -> 'results' -> 0 ->> 'result',
  'late', 'R-B3 sent again after a lost reply: the same result'
);
select is((select count(*)::int from door_attempts), 1, '... and one attempt');
select is(
  try.sync('Staff', :'phone', false, jsonb_build_array(try.attempt(11, 'Ada', '2026-11-20 18:05+00', :'first'), try.attempt(12, 'Bob', '2026-11-20 18:30+00', :'first'))) -> 'results' -> 1 ->> 'result',
  'late', 'several, in their order'
);
select is(try.state('Ada'), 'present 18:05', 'R-B3 made earlier, arrived later: the earlier time, and not late');
select is((select action || ' ' || reason_code || ' ' || previous_status || ' ' || new_status from event_attendance_audit where seq = 2), 'correction offline_sync late present', '... a correction that says why');

-- Back after the end: an absence that nobody decided is replaced, for 48 hours.
select try.person('Cleo') as cleo, try.person('Dora') as dora, try.person('Emil') as emil, try.person('Fay') as fay \gset
select try.registered('Cleo', 'Talk'), try.registered('Dora', 'Talk'), try.registered('Emil', 'Talk'), try.registered('Fay', 'Talk');
select try.clock('2026-11-20 18:45+00');
select try.sync('Other', :'tablet') is not null;
select try.holds(:'tablet', 'Other') as held \gset
select try.clock('2026-11-20 20:00+00');
select advance_events();
select count(*) from mark_attendance(:org, null, array[row(try.place('Cleo'), 'absent', app_now(), 'mark_absent', 'no_show', null)::attendance_mark, row(try.place('Emil'), 'absent', app_now(), 'mark_absent', 'no_show', null)::attendance_mark], null, null);
select count(*) from mark_attendance(:org, :staff, array[row(try.place('Dora'), 'absent', app_now(), 'correction', 'mistake', null)::attendance_mark], null, null);
create function try.back(key int, name text, at timestamptz) returns text language sql as $$
  select v -> 'results' -> 0 ->> 'result' from try.sync('Other', '22222222-2222-4222-8222-222222222222', false,
    jsonb_build_array(try.attempt(key, name, at, (select h.contact from try.held h where h.who = 'Other')))) v
$$;
select try.clock('2026-11-22 20:00+00');
select is(try.back(20, 'Cleo', '2026-11-20 18:50+00'), 'late', 'R-B3 made inside the window, back 48 hours after the end');
select is(try.state('Cleo'), 'late 18:50', '... replaces the automatic absence');
select is((select action || ' ' || reason_code from event_attendance_audit order by seq desc limit 1), 'correction offline_sync', '... and the audit says why');
select count(*) from mark_attendance(:org, :staff, array[row(try.place('Fay'), 'absent', app_now() - interval '2 days', 'mark_absent', 'not_checked_in', null)::attendance_mark], null, null);
update try.held set contact = :'held' where who = 'Other';
select is(try.back(24, 'Fay', '2026-11-20 18:50+00'), 'late', 'R-B3 an absence of a batch that an admin began is replaced, too: nobody decided about them');
update try.held set contact = :'held' where who = 'Other';
select is(try.back(21, 'Dora', '2026-11-20 18:50+00'), 'superseded', 'R-B3 an absence that somebody decided after it stays');
update try.held set contact = :'held' where who = 'Other';
select is(try.back(22, 'Emil', '2026-11-20 20:30+00'), 'closed', 'R-B3 what was made after the end is not taken');
select try.clock('2026-11-22 20:00:01+00');
update try.held set contact = :'held' where who = 'Other';
select is(try.back(23, 'Emil', '2026-11-20 18:50+00'), 'closed', 'R-B3 nor is what comes a second after the 48 hours');
select is(try.state('Emil'), 'absent 20:00', '... and the absence stays');
select is((select count(*)::int from door_attempts), 8, 'R-B3 every attempt is kept');
select is((select count(*)::int from verify_audit(null)), 0, 'R-B6 the chain is sound');

-- The list tells of changes, and of who went away.
select try.clock('2026-11-22 21:00+00');
select try.sync('Staff', :'phone', true) is not null;
update event_participants set status = 'cancelled', updated_at = app_now() where id = try.place('Bob');
select is(
  (select string_agg((p ->> 'name') || ' ' || (p ->> 'is_in'), ', ') from jsonb_array_elements(try.sync('Staff', :'phone') -> 'people') p),
  'Bob true', 'R-B3 only what has changed comes again: who was here stays'
);
update event_participants set status = 'cancelled', attendance_status = 'unknown', updated_at = app_now() where id = try.place('Emil');
select is(
  (select string_agg((p ->> 'name') || ' ' || (p ->> 'is_in'), ', ' order by p ->> 'name') from jsonb_array_elements(try.sync('Staff', :'phone') -> 'people') p),
  'Bob true, Emil false', '... and who withdrew goes'
);

-- Somebody new, let in on two devices without a network.
select try.event('Walk', '2026-11-22 20:50+00', '2026-11-22 23:00+00', 'org', 'ongoing') as walk \gset
create function try.walk(who text, device text, attempts jsonb) returns text language sql as $$
  select string_agg(r ->> 'result', ', ' order by place) from jsonb_array_elements(
    sync_door(try.session(who), 'org', try.event_id('Walk'), device, null, false, attempts, 'req-2') -> 'results') with ordinality as t(r, place)
$$;
select is(try.walk('Staff', :'phone', jsonb_build_array(try.new('Wanda Wave', 'Wanda@Wave.example', 91), try.new('Wilma', 'wilma', 92))), 'present, bad_person', 'R-B3 somebody new is made and checked in in one step, unless the address is none');
select try.clock('2026-11-22 21:00:05+00');
select is(try.walk('Other', :'tablet', jsonb_build_array(try.new('W. Wave', 'wanda@wave.example', 93))), 'already', 'R-B3 the same address from another device is the same person');
select is((select count(*) || ' ' || min(name) from users where lower(email) = 'wanda@wave.example'), '1 Wanda Wave', '... once');
select is((select count(*)::int from event_participants where event_id = :walk), 1, '... with one row');
select is((select count(*)::int from door_attempts where event_id = :walk), 3, 'R-B3 ... and every attempt is kept');
select is(try.walk('Door', :'tablet', jsonb_build_array(try.new('Wim', 'wim@wave.example', 94))), 'not_found', 'R-O1 what the door role sends of somebody new is told of, and does nothing');
select is((select count(*)::int from users where lower(email) = 'wim@wave.example'), 0, '... and makes nobody');

-- How long a device may keep the list.
select is(door_left(try.session('Staff'), 'org', :walk), 93595000::bigint, 'R-B3 until a day after the end');
select try.clock('2026-11-24 23:00+00');
select is(door_left(try.session('Door'), 'org', :walk), 0::bigint, '... not longer');
select is(door_left(try.session('Ada'), 'org', :walk), null, 'R-O1 a member is not told');
select * from finish();
