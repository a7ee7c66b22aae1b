-- B4, B6: the door's word, set in one place: the row, its audit, the reason.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Cleo') as cleo, try.person('Staff', null, 'org', 'staff') as staff \gset
select try.event('Talk', '2026-11-20 14:00+00') as talk \gset
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk'), try.registered('Cleo', 'Talk');
create function try.place(name text) returns bigint language sql as $$ select p.id from event_participants p where p.user_id = try.user_id(name) $$;
create function try.mark(names text[], status text, at timestamptz, reason text default null, key text default null) returns text language sql as $$
  select string_agg(u.name || ' was ' || r.previous || ', row ' || r.seq, '; ' order by r.seq)
  from mark_attendance(
    (select id from organizations where slug = 'org'), try.user_id('Staff'),
    array(select row(try.place(n), status, at, 'correction', 'mistake', key || n)::attendance_mark from unnest(names) n), reason, 'req-1'
  ) r join event_participants p on p.id = r.participant_id join users u on u.id = p.user_id
$$;
create function try.state() returns text language sql as $$
  select string_agg(u.name || ' ' || p.attendance_status, ', ' order by u.name) from event_participants p join users u on u.id = p.user_id
$$;
create function try.sound() returns bigint language sql as $$ select count(*) from verify_audit(null) $$;

select is(try.mark('{Ada,Bob}', 'present', app_now()), 'Ada was unknown, row 1; Bob was unknown, row 2', 'R-B4 each mark has its audit row');
select is(try.state(), 'Ada present, Bob present, Cleo unknown', '... and its participant');
select is(try.mark('{Ada,Bob}', 'present', app_now()), null, 'R-B3 what is so already changes nothing, and writes no audit row');
select is(try.mark('{Ada,Cleo}', 'present', app_now()), 'Cleo was unknown, row 3', '... of several, only who changes');
select is(try.mark('{Ada}', 'present', app_now() - interval '5 minutes'), 'Ada was present, row 4', 'an earlier time is a change');
select is((select previous_status || ' ' || new_status from event_attendance_audit where seq = 4), 'present present', '... with the same status');
select is(try.mark('{Bob}', 'absent', app_now(), null, 'batch-1-'), 'Bob was present, row 5', 'a key');
select is(try.mark('{Bob}', 'present', app_now()), 'Bob was absent, row 6', '... set back');
select is(try.mark('{Bob}', 'absent', app_now(), null, 'batch-1-'), null, 'R-B5 what was done under a key is not done again');
select is(try.state(), 'Ada present, Bob present, Cleo present', '... and the participant stays');
select is(try.sound(), 0::bigint, 'R-B6 the chain is sound');

select is(try.mark('{Ada,Bob}', 'excused', app_now(), '  was ill  '), 'Ada was present, row 7; Bob was present, row 8', 'with a typed reason');
select is((select array_agg(reason order by seq) from audit_reason), array['was ill', 'was ill'], 'B6 the reason stands beside the chain');
select ok(
  (select bool_and(a.reason_hash = hash_reason(r.salt, r.reason)) and count(distinct r.salt) = 2 and count(distinct a.reason_hash) = 2
   from audit_reason r join event_attendance_audit a using (org_id, seq)),
  'B6 ... whose rows hold its hash, each under a salt of its own'
);
select is((select count(*)::int from event_attendance_audit where seq < 7 and reason_hash is not null), 0, 'who typed nothing has no hash');
delete from audit_reason;
select is(try.sound(), 0::bigint, 'B6 with the text erased the chain is sound');

select is(try.mark('{Ada}', 'unknown', null), 'Ada was excused, row 9', 'undone');
select is((select attendance_marked_at is null and attendance_marked_by is null from event_participants where id = try.place('Ada')), true, '... nobody has marked her');
select try.org('other') as other \gset
select is(
  (select count(*)::int from mark_attendance(:other, :staff, array[row(try.place('Bob'), 'present', app_now(), 'correction', null, null)::attendance_mark], null, null)),
  0, 'R-O2 nobody of another organisation is marked'
);
select try.mark('{Cleo}', 'excused', app_now(), repeat('x', 501));
select is((select length(reason) || ' ' || try.sound() from audit_reason), '500 0', 'B6 of a reason that is too long its hash has what is kept');
select * from finish();
