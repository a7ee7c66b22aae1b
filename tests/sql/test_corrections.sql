-- B4: the door's word corrected, one or many, at any time; with a reason once
-- the event is completed; each with its audit row, in the same transaction.
\ir fixture.sql
select * from no_plan();

select try.person('Ada'), try.person('Bob'), try.person('Cleo'), try.person('Staff', null, 'org', 'staff'), try.person('Door', null, 'org', 'door');
select try.org('other'), try.person('Eve', null, 'other', 'staff'), try.person('Olga', null, 'other');
select try.event('Talk', '2026-11-20 14:00+00', '2026-11-20 16:00+00', 'org', 'completed') as talk,
  try.event('Now', '2026-11-20 17:30+00', '2026-11-20 19:00+00', 'org', 'ongoing') as now,
  try.event('Theirs', '2026-11-20 14:00+00', '2026-11-20 16:00+00', 'other', 'completed') as theirs \gset
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk'), try.registered('Cleo', 'Talk'), try.registered('Ada', 'Now'), try.registered('Olga', 'Theirs');
select try.sign_in('Staff') as staff, try.sign_in('Door') as door, try.sign_in('Eve') as eve, try.sign_in('Ada') as ada \gset
create function try.who(names text, title text, seen text default null) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('participant', p.id, 'seen', seen)))
  from event_participants p where p.event_id = try.event_id(title) and p.user_id in (select try.user_id(n) from unnest(string_to_array(names, ' ')) n)
$$;
create function try.state(title text) returns text language sql stable as $$
  select string_agg(u.name || ' ' || p.attendance_status, ', ' order by u.name)
  from event_participants p join users u on u.id = p.user_id where p.event_id = try.event_id(title)
$$;
create function try.audits() returns bigint language sql stable as $$ select count(*) from event_attendance_audit $$;
create function try.patch(session bytea, names text, title text, status text, code text default null, reason text default null, seen text default null) returns int language sql as $$
  select patch_attendance(session, 'org', try.event_id(title), try.who(names, title, seen), status, code, reason, 'req-1')
$$;

select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'')', :'staff'), 'RC422', 'reason_missing', 'R-B4 what is completed is not changed without a reason code');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''because'')', :'staff'), 'RC422', 'bad_reason', 'R-B4 ... or with one that is none');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''offline_sync'')', :'staff'), 'RC422', 'bad_reason', 'R-B4 ... or one that only Rollcall gives');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''other'', ''  '')', :'staff'), 'RC422', 'reason_words_missing', 'R-B4 another reason is in words');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''other'', repeat(''x'', 501))', :'staff'), 'RC422', 'reason_long', 'R-B4 ... in 500 characters at most');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''gone'', ''other'', ''x'')', :'staff'), 'RC422', 'bad_door_status', 'a word that is none');
select throws_ok(format('select patch_attendance(%L, ''org'', %s, ''[]'', ''present'', ''not_marked'', null, null)', :'staff', :talk), 'RC422', 'nobody_ticked', 'nobody');
select is(try.state('Talk') || try.audits(), 'Ada unknown, Bob unknown, Cleo unknown0', '... and nothing is changed by what is refused');

select is(try.patch(:'staff', 'Ada Bob', 'Talk', 'present', 'not_marked'), 2, 'R-B4 many at once');
select is(try.state('Talk'), 'Ada present, Bob present, Cleo unknown', '... are changed');
select results_eq(
  'select action, previous_status, new_status, reason_code, actor_id = try.user_id(''Staff''), request_id from event_attendance_audit order by seq',
  $$ values ('correction', 'unknown', 'present', 'not_marked', true, 'req-1'), ('correction', 'unknown', 'present', 'not_marked', true, 'req-1') $$,
  'R-B4 ... with an audit row each'
);
select is(try.patch(:'staff', 'Ada', 'Talk', 'present', 'not_marked'), 0, 'what is so already changes nothing');
select is(try.audits(), 2::bigint, '... and writes no audit row');
select is(try.patch(:'staff', 'Ada', 'Now', 'present'), 1, 'R-B4 before it is completed no reason is needed');
select try.clock('2026-11-20 18:05+00');
select is(try.patch(:'staff', 'Ada', 'Now', 'late', null, 'came after me'), 1, '... but one may be given');
select is((select attendance_marked_at from event_participants where event_id = :now), null, 'R-B4 a correction claims no time of arrival');
select is((select attendance_updated_at from event_participants where event_id = :now), app_now(), '... it says when it was made');
select mark_attendance(:org, try.user_id('Staff'), array[row(p.id, 'present', '2026-11-20 17:40+00', 'check_in', null, null)::attendance_mark], null, null) from event_participants p where p.event_id = :now;
select try.patch(:'staff', 'Ada', 'Now', 'late', null);
select is((select attendance_marked_at from event_participants where event_id = :now), '2026-11-20 17:40+00'::timestamptz, 'R-B4 who came keeps the time they came');
select is((select reason from audit_reason), 'came after me', 'R-B6 the typed reason stands beside the chain');
select is(try.patch(:'staff', 'Ada', 'Talk', 'unknown', 'marked_wrongly'), 1, 'R-B4 any word: none');
select is((select attendance_marked_at is null and attendance_marked_by is null from event_participants p where p.event_id = :talk and user_id = try.user_id('Ada')), true, '... nobody has marked her');

select throws_ok(format('select try.patch(%L, ''Bob Cleo'', ''Talk'', ''excused'', ''excused'', null, ''unknown'')', :'staff'), 'RC409', 'changed_meanwhile', 'who was marked since the page was made is not overwritten');
select is(try.state('Talk'), 'Ada unknown, Bob present, Cleo unknown', '... nor is any other of them');
select is(try.patch(:'staff', 'Bob Cleo', 'Talk', 'present', 'not_marked', null, 'unknown'), 1, 'who has the wanted word already is no conflict: the second press');
select is(
  patch_attendance(:'staff', 'org', :talk, try.who('Bob', 'Talk') || try.who('Bob', 'Talk'), 'late', 'not_marked', null, null),
  1, 'one who is named twice is marked once');
select throws_ok(
  format('select patch_attendance(%L, ''org'', %s, %L, ''present'', ''not_marked'', null, null)', :'staff', :talk, try.who('Cleo', 'Talk') || try.who('Ada', 'Now')),
  'RC404', 'absent', 'a participant of another event is none of this one');
select throws_ok(format('select patch_attendance(%L, ''org'', %s, %L, ''present'', ''not_marked'', null, null)', :'staff', :theirs, try.who('Olga', 'Theirs')), 'RC404', 'absent', 'R-O2 another organisation''s event is absent');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''not_marked'')', :'door'), 'RC404', 'absent', 'R-O1 who is at the door corrects nothing');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''not_marked'')', :'ada'), 'RC404', 'absent', 'R-O1 nor does a member');
select throws_ok(format('select try.patch(%L, ''Ada'', ''Talk'', ''present'', ''not_marked'')', :'eve'), 'RC404', 'absent', 'R-O2 nor another organisation''s staff');
select is((select count(*) from verify_audit(null)), 0::bigint, 'R-B6 the chain is sound');

-- As staff read it.
create function try.list(session bytea, show text, words text default '', after text default null, picked jsonb default null) returns text language sql stable as $$
  select coalesce(string_agg(l.name || ' ' || l.attendance_status, ', ' order by l.place), '') from team_participants(session, 'org', try.event_id('Talk'), show, words,
    (select p.id from event_participants p where p.event_id = try.event_id('Talk') and p.user_id = try.user_id(after)), picked) l
$$;
select is(try.list(:'staff', 'all'), 'Ada unknown, Bob late, Cleo present', 'the list goes by name');
select is(try.list(:'staff', 'all', '', 'Ada'), 'Bob late, Cleo present', '... on from anyone');
select is(try.list(:'staff', 'late'), 'Bob late', '... of one word of the door');
select is(try.list(:'staff', 'all', 'LE'), 'Cleo present', '... who have those letters');
select is(try.list(:'staff', 'all', '', null, try.who('Ada Cleo', 'Talk')), 'Ada unknown, Cleo present', '... or those who are named');
update event_participants set status = 'cancelled' where user_id = try.user_id('Ada');
select is(try.list(:'staff', 'unknown'), '', 'not marked are those who were to come');
select is(try.list(:'staff', 'all'), 'Ada unknown, Bob late, Cleo present', '... everyone is also who withdrew');
select is(try.list(:'door', 'all') || try.list(:'eve', 'all'), '', 'R-O1 R-O2 the door and others have no list');

create function try.told(session bytea, name text) returns text language sql stable as $$
  select string_agg(concat_ws(' ', a.action, a.previous_status, a.new_status, a.actor_name, a.reason_words, a.reason, case when a.reason_erased then 'erased' end), '; ' order by a.seq)
  from participant_audit(session, 'org', (select id from event_participants where event_id = try.event_id('Now') and user_id = try.user_id(name))) a
$$;
select is(try.told(:'staff', 'Ada'), 'correction unknown present Staff; correction present late Staff came after me; check_in late present Staff; correction present late Staff', 'what was done about one, and why');
delete from audit_reason;
select is(try.told(:'staff', 'Ada'), 'correction unknown present Staff; correction present late Staff erased; check_in late present Staff; correction present late Staff', 'R-B6 ... or that the text is erased');
select is(try.told(:'eve', 'Ada'), null, 'R-O2 another organisation''s staff reads none of it');
select * from finish();
