-- B3, O1: the door: from when to when, late or not, walk-ins, undo, every
-- attempt kept, and what was made earlier and arrives later.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Cleo') as cleo, try.person('Dan') as dan,
  try.person('Dora', null, 'org', 'door') as dora, try.person('Staff', null, 'org', 'staff') as staff,
  try.person('Anabel') as anabel \gset
update users set name = 'Anabel Long' where id = :anabel;
select try.org('other') as other \gset
select try.person('Omar', null, 'other', 'staff') as omar \gset
select try.event('Talk', '2026-11-20 18:00+00', '2026-11-20 20:00+00') as talk, try.event('Next', '2026-11-27 18:00+00') as next \gset
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk'), try.registered('Cleo', 'Talk', 'waitlisted'), try.registered('Ada', 'Next');
select try.sign_in('Staff') as s, try.sign_in('Dora') as d, try.sign_in('Omar') as o, try.sign_in('Ada') as a \gset
create function try.place(name text, title text default 'Talk') returns bigint language sql as $$
  select id from event_participants where user_id = try.user_id(name) and event_id = try.event_id(title)
$$;
create function try.do(session bytea, what text, who text, more jsonb default '{}', title text default 'Talk') returns text language sql as $$
  select string_agg(r.result, ', ') from record_door(session, 'org', try.event_id(title),
    jsonb_build_array(jsonb_build_object('what', what, 'participant', try.place(who)) || more), 'req-1') r
$$;
-- As somebody who vouches for the time, and several at once.
create function try.made(attempts jsonb) returns text language plpgsql as $$
declare
  v_keys uuid[];
begin
  v_keys := record_attempts((select id from organizations where slug = 'org'), try.user_id('Staff'), true, try.event_id('Talk'), attempts, 'req-2');
  return (select string_agg(d.result, ', ' order by d.made_at) from door_attempts d where d.key = any(v_keys));
end
$$;
create function try.at(name text, what text, made timestamptz, key uuid default gen_random_uuid()) returns text language sql as $$
  select try.made(jsonb_build_array(jsonb_build_object('what', what, 'participant', try.place(name), 'key', key, 'made_at', made)))
$$;
create function try.is(name text) returns text language sql as $$
  select p.status || ' ' || p.attendance_status || coalesce(' ' || to_char(p.attendance_marked_at, 'HH24:MI:SS'), '')
  from event_participants p where p.id = try.place(name)
$$;
create function try.last() returns text language sql as $$
  select concat_ws(' ', action, previous_status, new_status, reason_code) from event_attendance_audit order by seq desc limit 1
$$;
create function try.audits() returns bigint language sql as $$ select count(*) from event_attendance_audit $$;

select try.clock('2026-11-20 17:44:59.999+00');
select is(try.do(:'s', 'check_in', 'Ada'), 'too_early', 'R-B3 before start - 15 minutes the door is shut');
select is(try.audits(), 0::bigint, '... and the audit says nothing');
select is((select said from door_done(:'s', 'org', :talk, 'req-1')), 'Check-in opens at 18:45.', '... who asks is told from when, where the event is');
select try.clock('2026-11-20 17:45+00');
select is(try.do(:'s', 'check_in', 'Ada'), 'present', 'R-B3 at start - 15 minutes it is open');
select is(try.is('Ada'), 'registered present 17:45:00', '... she is present');
select is(try.last(), 'check_in unknown present', '... and has her audit row');
select try.clock('2026-11-20 18:00+00');
select is(try.do(:'d', 'check_in', 'Ada'), 'already', 'R-B3 a second scan');
select is(try.audits(), 1::bigint, 'R-B3 ... changes nothing and writes no audit row');
select is(try.is('Ada'), 'registered present 17:45:00', '... the first time stays');
select is((select said from door_done(:'d', 'org', :talk, 'req-1')), 'Ada has been here since 18:45, checked in by Staff.', '... and says when and by whom the first was');
select is((select count(*) from door_attempts), 3::bigint, 'R-B3 every attempt is kept, refused ones too');
select is(try.do(:'d', 'undo', 'Ada'), 'not_yours', 'O1 the door takes back what it did itself only');
select is(try.do(:'s', 'undo', 'Ada'), 'undone', 'undo');
select is(try.is('Ada') || ', ' || try.last(), 'registered present 18:00:00, check_in unknown present', 'R-B3 ... takes back the own press: who else scanned her keeps her here');
select is((select said from door_done(:'s', 'org', :talk, 'req-1') where what = 'undo'), 'Undone. Ada is here all the same: checked in at 19:00 by Dora.', '... and says so');
select is(try.do(:'s', 'undo', 'Ada'), 'undone', '... until that is taken back, too');
select is(try.is('Ada') || ', ' || try.last(), 'registered unknown, undo present unknown', '... is audited');
select is(try.do(:'s', 'undo', 'Ada'), 'already', '... once');

select try.clock('2026-11-20 18:10+00');
select is(try.do(:'d', 'check_in', 'Ada'), 'present', 'R-B3 at start + grace exactly');
select is(try.do(:'d', 'undo', 'Ada'), 'undone', 'O1 the door may undo its own');
select try.clock('2026-11-20 18:10:01+00');
select is(try.do(:'d', 'check_in', 'Ada'), 'late', 'R-B3 one second after the grace is late');
update events set grace = '20 minutes', check_in_opens = '0' where id = :talk;
select is(try.do(:'d', 'check_in', 'Bob'), 'present', 'R-B3 the event may say another grace');
select is(try.do(:'d', 'undo', 'Bob'), 'undone', '... (and back)');
select try.clock('2026-11-20 17:59:59+00');
select is(try.do(:'d', 'check_in', 'Bob'), 'too_early', 'R-B3 ... and open at its start only');
update events set grace = null, check_in_opens = null where id = :talk;
select try.clock('2026-11-20 18:20+00');

-- Walk-ins, and who is not registered.
select is(try.do(:'s', 'check_in', 'Cleo'), 'not_registered', 'who waits for a place is not checked in by mistake');
select is(try.do(:'s', 'walk_in', 'Cleo'), 'late', 'R-B3 ... but let in in one step');
select is(try.is('Cleo') || ', ' || try.last(), 'registered late 18:20:00, walk_in unknown late', '... registered, and audited as a walk-in');
select is(try.do(:'s', 'undo', 'Cleo'), 'undone', 'undone');
select is(try.is('Cleo'), 'waitlisted unknown', '... they wait again');
select is((select result from record_door(:'d', 'org', :talk, jsonb_build_array(jsonb_build_object('what', 'walk_in', 'user', :dan)), 'req-3')), 'late',
  'R-B3 a member who did not register is added and checked in');
select is(try.is('Dan'), 'registered late 18:20:00', '... both');
select is(try.do(:'d', 'undo', 'Dan'), 'undone', 'undone');
select is(try.is('Dan'), 'cancelled unknown', '... he is registered no longer, so that nobody marks him absent');
select is((select result from record_door(:'s', 'org', :talk, jsonb_build_array(jsonb_build_object('what', 'walk_in', 'user', :omar)), 'req-3')), 'not_found',
  'R-O2 nobody of another organisation walks in by their number');
select throws_ok(format($$select record_door(%L, 'org', %s, '[{"what": "walk_in", "email": "new@example.org", "name": "New One"}]', 'r')$$, :'d', :talk), 'RC404', 'absent',
  'O1 the door adds nobody new');
select is((select result from record_door(:'s', 'org', :talk, '[{"what": "walk_in", "email": "new@example", "name": ""}]', 'req-4')), 'bad_person', 'without a name nobody is made');
select is((select name || ' ' || result from record_door(:'s', 'org', :talk, '[{"what": "walk_in", "email": "new@example.org", "name": "New One"}]', 'req-4')), 'New One late',
  'R-B3 staff let in somebody new in one step');
select is((select m.role from memberships m where m.user_id = try.user_id('New One')), 'member', '... who is a member now');

select is(try.do(:'d', 'excuse', 'Bob'), 'not_allowed', 'O1 the door excuses nobody');
create function try.told(session bytea, what text, who text) returns text language sql as $$
  select concat_ws('|', r.result, r.participant_id is not null, r.name, r.by_name, r.said)
  from record_door(session, 'org', try.event_id('Talk'), jsonb_build_array(jsonb_build_object('what', what, 'participant', try.place(who))), 'req-1') r
$$;
select is(try.told(:'d', 'undo', 'Cleo'), 'already|f|This person is not marked, so there is nothing to undo.', 'R-O1 trying one number after the other tells the door no name');
select is(try.told(:'d', 'excuse', 'Cleo'), 'not_allowed|f|Only staff can do that.', '... nor that it is one');
select is(try.told(:'s', 'undo', 'Cleo'), 'already|t|Cleo|Cleo is not marked, so there is nothing to undo.', '... staff read it');
select is(try.do(:'s', 'excuse', 'Bob'), 'excused', 'staff do');
select is(try.last(), 'correction unknown excused', '... audited');
select is(try.do(:'s', 'excuse', 'Bob'), 'already', '... once');
select is(try.do(:'s', 'check_in', 'Bob'), 'late', 'who comes all the same is here');
select is(try.do(:'s', 'undo', 'Bob'), 'undone', '(back)');

-- Codes.
select is(try.do(:'d', 'check_in', 'Bob', '{"generation": 2}'), 'revoked', 'a code that was replaced opens nothing');
select is(try.do(:'d', 'check_in', 'Bob', '{"generation": 1}'), 'late', 'R-B3 a code checks in');
select is((select result from record_door(:'s', 'org', :talk, jsonb_build_array(jsonb_build_object('what', 'check_in', 'participant', try.place('Ada', 'Next'), 'generation', 1)), 'r')),
  'other_event', 'R-B3 a code of another event is refused');
select is((select participant_id from door_attempts where result = 'other_event'), null, '... and tells nobody''s name');
select is(check_in_participant(:'s', 'org', :talk, try.place('Bob'), 'r'), 'already', 'T6 one by the participant''s number');
select throws_ok(format($$select record_door(%L, 'org', %s, '[]', 'r')$$, :'o', :talk), 'RC404', 'absent', 'R-O2 staff of another organisation find no door');
select throws_ok(format($$select record_door(%L, 'org', %s, '[]', 'r')$$, :'a', :talk), 'RC404', 'absent', 'O1 nor do members');
select throws_ok(format($$select record_door(%L, 'org', %s, '[{"what": "mark_absent"}]', 'r')$$, :'s', :talk), 'RC422', 'bad_attempts', 'what the door cannot do is refused');

-- By key, and times that somebody vouches for.
select try.at('Bob', 'undo', '2026-11-20 18:20:10+00', 'aaaaaaaa-0000-0000-0000-000000000001');
select try.clock('2026-11-20 18:30+00');
select is(try.at('Bob', 'check_in', '2026-11-20 18:25+00', 'aaaaaaaa-0000-0000-0000-000000000002'), 'late', 'a key');
select is(try.at('Bob', 'undo', '2026-11-20 18:29+00', 'aaaaaaaa-0000-0000-0000-000000000002'), 'late', '... is done once, and says again what became of it');
select is(try.at('Bob', 'check_in', '2026-11-20 18:27+00'), 'already', 'R-B3 a later attempt changes nothing');
select is(try.at('Bob', 'check_in', '2026-11-20 18:21+00'), 'moved', 'R-B3 one made earlier that arrives later moves the time');
select is(try.is('Bob') || ', ' || try.last(), 'registered late 18:21:00, correction late late offline_sync', '... as a correction');
select is(try.at('Bob', 'undo', '2026-11-20 18:20:30+00'), 'superseded', 'an undo of before that came after takes nothing back');
select is(try.at('Ada', 'check_in', '2026-11-20 18:05+00'), 'moved', 'R-B3 late becomes present');
select is(try.is('Ada'), 'registered present 18:05:00', '... from the earlier moment');
select is(try.at('Ada', 'undo', '2026-11-20 18:26+00') || ' ' || try.is('Ada'), 'undone registered late 18:10:01', 'R-B3 offline undone: who checked her in after that keeps her here');
select is(try.at('Ada', 'undo', '2026-11-20 18:26+00') || ' ' || try.is('Ada'), 'undone registered unknown', '... until that is undone');
select is(try.at('Ada', 'check_in', '2026-11-20 18:25+00'), 'superseded', '... a check-in made before the undo comes too late');
select is(try.at('Ada', 'check_in', '2026-11-20 18:27+00'), 'late', '... one made after it counts, though the undo arrived later');
select try.at('Ada', 'undo', '2026-11-20 18:28+00');
select is(
  try.made(jsonb_build_array(
    jsonb_build_object('what', 'undo', 'participant', try.place('Ada'), 'made_at', '2026-11-20 18:29:30+00'),
    jsonb_build_object('what', 'check_in', 'participant', try.place('Ada'), 'made_at', '2026-11-20 18:29+00')
  )),
  'late, undone', 'several about one person go in the order in which they were made');

-- After the end.
select try.clock('2026-11-20 20:00:30+00');
select is(try.at('Ada', 'check_in', '2026-11-20 20:00:10+00'), 'late', 'R-B3 it stays open until the event is completed');
select try.at('Ada', 'undo', '2026-11-20 20:00:20+00');
update events set status = 'completed' where id = :talk;
select is(try.do(:'s', 'check_in', 'Ada'), 'closed', 'R-B3 after completion it is closed');
select is(try.do(:'s', 'undo', 'Bob'), 'closed', '... for undoing too');
select mark_attendance(:org, null, array[row(try.place('Ada'), 'absent', app_now(), 'mark_absent', 'not_checked_in', null)::attendance_mark], null, null);
select try.clock('2026-11-22 20:00+00');
select is(try.at('Ada', 'check_in', '2026-11-20 20:00+00'), 'closed', 'made at the end is made too late');
select is(try.at('Ada', 'check_in', '2026-11-20 19:59+00'), 'late', 'R-B3 made inside the window it is accepted up to 48 hours after, and replaces the automatic absence');
select is(try.last(), 'correction absent late offline_sync', '... as a correction with its code');
select mark_attendance(:org, :staff, array[row(try.place('Bob'), 'absent', app_now(), 'correction', 'not_there', null)::attendance_mark], null, null);
select is(try.at('Bob', 'check_in', '2026-11-20 19:59+00'), 'superseded', '... but not an absence that somebody decided');
select try.clock('2026-11-22 20:00:01+00');
select is(try.at('Ada', 'check_in', '2026-11-20 18:01+00'), 'already', 'R-B3 a second later nothing is moved');
select is(try.at('Bob', 'check_in', '2026-11-20 18:01+00'), 'closed', '... nor checked in');
update events set status = 'cancelled' where id = :next;
select is(try.do(:'s', 'check_in', 'Ada', jsonb_build_object('participant', try.place('Ada', 'Next')), 'Next'), 'cancelled', 'nobody is checked in to what is cancelled');

-- The sweep was late: completion closes the door, not the end.
select try.event('Long', '2026-12-11 18:00+00', '2026-12-11 20:00+00') as long \gset
select try.registered(n, 'Long') from unnest(array['Ada', 'Bob', 'Cleo']) n;
create function try.long(name text, what text, made timestamptz, who text default 'Staff', key uuid default gen_random_uuid()) returns text language plpgsql as $$
declare
  v_keys uuid[];
begin
  v_keys := record_attempts((select id from organizations where slug = 'org'), try.user_id(who), who = 'Staff', try.event_id('Long'),
    jsonb_build_array(jsonb_build_object('what', what, 'participant', try.place(name, 'Long'), 'key', key, 'made_at', made)), 'req-5');
  return (select string_agg(concat_ws(' ', d.result, p.attendance_status, to_char(p.attendance_marked_at, 'HH24:MI'), u.name), ', ')
    from door_attempts d join event_participants p on p.id = d.participant_id left join users u on u.id = p.attendance_marked_by where d.key = any(v_keys));
end $$;
select try.clock('2026-12-11 18:00+00');
select advance_events();
select try.clock('2026-12-11 20:30+00');
select is(try.long('Ada', 'check_in', app_now()), 'late late 20:30 Staff', 'R-B3 it stays open until completion, which is not its end');
select try.clock('2026-12-11 21:00+00');
select advance_events();
select is(try.long('Bob', 'check_in', app_now()), 'closed unknown', 'R-B3 at completion it closes');
select try.clock('2026-12-13 21:00+00');
select is(try.long('Bob', 'check_in', '2026-12-11 21:00+00'), 'closed unknown', 'R-B3 made after completion it is too late');
select is(try.long('Bob', 'check_in', '2026-12-11 20:59:59+00'), 'late late 20:59 Staff', 'R-B3 made before it, after the end, it is taken for 48 hours after completion');
select try.clock('2026-12-13 21:00:01+00');
select is(try.long('Cleo', 'check_in', '2026-12-11 19:00+00'), 'closed unknown', 'R-B3 ... and no second longer');

-- An undo that comes late.
update events set status = 'ongoing', completed_at = null where id = :long;
update event_participants set attendance_status = 'unknown', attendance_marked_at = null, attendance_updated_at = null where event_id = :long;
delete from door_attempts where event_id = :long;
select try.clock('2026-12-11 18:02+00');
select is(try.long('Ada', 'check_in', '2026-12-11 18:00+00'), 'present present 18:00 Staff', 'one checks in somebody');
select try.clock('2026-12-11 18:12+00');
select is(try.long('Ada', 'check_in', '2026-12-11 18:11+00', 'Dora'), 'already present 18:00 Staff', '... another scans them');
select try.clock('2026-12-11 18:30+00');
select try.audits() as audits \gset
select is(try.long('Ada', 'undo', '2026-12-11 18:05+00'), 'undone late 18:11 Dora', 'R-B3 an undo made before that, and come after it, leaves them here, since then');
select results_eq(format('select action, previous_status, new_status, actor_id from event_attendance_audit where seq > (select max(seq) - 2 from event_attendance_audit) order by seq'),
  format($$values ('undo', 'present', 'unknown', %s::bigint), ('check_in', 'unknown', 'late', %s::bigint)$$, :staff, :dora), 'R-B4 ... with an audit row each');
select is(try.long('Ada', 'undo', '2026-12-11 18:10+00'), 'superseded late 18:11 Dora', '... an undo of before that takes nothing back');
select is(try.long('Ada', 'check_in', '2026-12-11 18:04+00'), 'superseded late 18:11 Dora', '... nor does what was undone move the time');
select is(try.long('Ada', 'undo', '2026-12-11 18:20+00', 'Dora'), 'undone unknown', '... their own does');
-- Pressed by mistake without a network, and undone there, while another scans.
select is(try.long('Bob', 'check_in', '2026-12-11 18:09+00', 'Dora'), 'present present 18:09 Dora', 'one scans somebody');
select try.clock('2026-12-11 18:31+00');
select is(try.long('Bob', 'check_in', '2026-12-11 18:01+00'), 'moved present 18:01 Staff', 'another''s press comes late');
select is(try.long('Bob', 'undo', '2026-12-11 18:03+00'), 'undone present 18:09 Dora', 'R-B3 ... and its undo: the scan stays');
select is((select p.status from event_participants p where p.id = try.place('Bob', 'Long')), 'registered', '... and so does their place');

-- One key, twice in one request.
select array_length(record_attempts(:org, :staff, true, :long, jsonb_build_array(
  jsonb_build_object('what', 'check_in', 'participant', try.place('Cleo', 'Long'), 'key', 'bbbbbbbb-0000-0000-0000-000000000001'),
  jsonb_build_object('what', 'check_in', 'participant', try.place('Ada', 'Long'), 'key', 'BBBBBBBB-0000-0000-0000-000000000001')
), 'req-6'), 1) as told \gset
select is(
  (select :'told' || ' ' || string_agg(p.attendance_status, ' ' order by u.name) from event_participants p join users u on u.id = p.user_id where p.event_id = :long and u.name <> 'Bob'),
  '1 unknown late', 'R-B3 a key that comes twice in one request is one attempt'
);
select is((select count(*) from verify_audit(null)), 0::bigint, 'R-B6 the chain is sound');

-- Who was corrected to have come.
select patch_attendance(:'s', 'org', :long, jsonb_build_array(jsonb_build_object('participant', try.place('Ada', 'Long'))), 'present', 'not_marked', null, null);
select is((select said from record_door(:'s', 'org', :long, jsonb_build_array(jsonb_build_object('what', 'check_in', 'participant', try.place('Ada', 'Long'))), 'r')),
  'Ada is marked as here already, by Staff.', 'R-B4 the door claims no time for who was corrected to be here');
select try.clock('2026-11-22 20:00:01+00');

-- Finding.
create function try.found(session bytea, search text, participant bigint default null, generation int default null) returns text language sql as $$
  select string_agg(name || case when can_let_in then ' +' else '' end, ', ') from door_people(session, 'org', try.event_id('Talk'), search, participant, generation, false, null)
$$;
select is(try.found(:'s', ''), 'Ada, Bob, Cleo +, New One', 'staff have the list, by name');
select is(try.found(:'d', ''), null, 'O1 the door has none');
select is(try.found(:'d', 'an'), null, 'O1 nor finds by two letters');
select is(try.found(:'d', 'a n a'), null, '... not those of several words');
select is(try.found(:'d', 'ana'), 'Anabel Long +', 'O1 by three it does, members who did not register too');
select is(try.found(:'d', 'lon anab'), 'Anabel Long +', '... by the beginnings of words');
update users set name = 'Dan O''Neil-Smith' where id = :dan;
select is(try.found(:'s', 'smith neil'), 'Dan O''Neil-Smith +', '... of each part of a name');
update users set name = '(Dan) “Dee” Smith' where id = :dan;
select is(try.found(:'d', 'dan') || ', ' || try.found(:'d', 'dee'), '(Dan) “Dee” Smith +, (Dan) “Dee” Smith +', '... and of what stands in brackets');
update users set name = 'Dan' where id = :dan;
select is(try.found(:'d', 'BOB'), 'Bob', '... of either case');
select is(try.found(:'d', 'bob@example.org'), 'Bob', 'by a whole address');
select is(try.found(:'d', '', try.place('Bob'), 1), 'Bob', 'by a code');
select is(try.found(:'d', '', try.place('Bob'), 2), null, '... that was not replaced');
select is(try.found(:'d', '', try.place('Ada', 'Next'), 1), null, '... and is this event''s');
select is(try.found(:'o', 'bob'), null, 'R-O2 staff of another organisation find nobody');
select is(try.found(:'s', 'dan'), 'Dan +', 'who withdrew can be let in again');
select is(try.found(:'s', ''' & | !'), null, 'signs are no words');
select is((select format('%s %s %s %s', registered, present, late, unmarked) from door_event(:'d', 'org', :talk)), '3 0 2 0', 'the counts');

-- Tickets.
select try.sign_in('Cleo') as c, try.sign_in('Dan') as n \gset
select is((select is_waiting::text || attendance_text from own_ticket(:'c', :talk)), 'trueNot marked', 'who is on the waiting list has a code too');
select is((select count(*) from own_ticket(:'n', :talk)), 0::bigint, 'who withdrew has none');
select is((select concat_ws(' ', org_slug, is_own) from ticket_link(:'d', try.place('Bob'), 1)), 'org f', 'a code opens the door for who has it');
select is((select concat_ws(' ', org_slug, is_own) from ticket_link(:'a', try.place('Ada'), 1)), 't', '... and the ticket for its holder');
select is((select count(*) from ticket_link(:'a', try.place('Bob'), 1)), 0::bigint, '... not for others');
select is((select count(*) from ticket_link(:'o', try.place('Bob'), 1)), 0::bigint, 'R-O2 ... nor for staff of another organisation');
select renew_ticket(:'a', :talk);
select is((select is_old from ticket_link(:'a', try.place('Ada'), 1)), true, 'a code can be replaced');
select is((select is_over from ticket_link(:'a', try.place('Ada'), 2)), false, 'within 7 days of the end');
select try.clock('2026-11-27 20:00:01+00');
select is((select is_over from ticket_link(:'a', try.place('Ada'), 2)), true, '... it opens something');

-- Two at once, of whom the later one was first to hold the person.
select try.event('Gig', '2026-12-04 18:00+00') as gig \gset
select try.registered('Bob', 'Gig');
select jsonb_build_object('participant', try.place('Bob', 'Gig')) as bob_there \gset
select try.clock('2026-12-04 18:05+00');
select is(try.do(:'d', 'check_in', 'Bob', :'bob_there', 'Gig'), 'present', 'one of two staff at once');
select try.audits() as audits \gset
select try.clock('2026-12-04 18:04:59+00');
select is(try.do(:'s', 'check_in', 'Bob', :'bob_there', 'Gig') || ' ' || (try.audits() - :audits), 'already 0', 'R-B3 ... finds them there: no audit row');

-- A new code is no new place.
select try.person('Walt') as walt, try.person('Wim') as wim \gset
select try.event('Queue', '2026-12-04 20:00+00') as queue \gset
select try.registered('Walt', 'Queue', 'waitlisted'), try.registered('Wim', 'Queue', 'waitlisted');
select try.sign_in('Walt') as w \gset
select try.clock('2026-12-04 19:00+00');
select renew_ticket(:'w', :queue);
select is(waiting_place(:'w', :queue), 1::bigint, 'B1 who waits and asks for a new code keeps their place');
select try.clock('2026-12-04 19:50+00');
select try.do(:'s', 'walk_in', 'Walt', jsonb_build_object('participant', try.place('Walt', 'Queue')), 'Queue') as walked_in \gset
select try.clock('2026-12-04 19:51+00');
select try.do(:'s', 'undo', 'Walt', jsonb_build_object('participant', try.place('Walt', 'Queue')), 'Queue') as then \gset
select is(:'walked_in' || ', ' || :'then' || ', ' || waiting_place(:'w', :queue), 'present, undone, 1', 'B1 who is let in by mistake waits where they waited');
select * from finish();
