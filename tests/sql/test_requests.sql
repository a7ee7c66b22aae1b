-- B5: who says that they were there, and whom the door has as absent, asks by
-- that; staff approve it, a correction, or deny it with a reason they read.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Sid', null, 'org', 'staff'), try.person('Dan', null, 'org', 'door') \gset
select try.org('other'), try.person('Eve', null, 'other', 'admin');
select try.event('Talk', '2026-11-20 14:00+00', '2026-11-20 16:00+00', 'org', 'completed') as talk \gset
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk');
select try.sign_in('Sid') as sid, try.sign_in('Dan') as dan, try.sign_in('Eve') as eve, try.sign_in('Ada') as ada_in, try.sign_in('Bob') as bob_in \gset
create function try.mark(name text, word text) returns bigint language sql as $$
  select count(*) from mark_attendance((select org_id from events where title = 'Talk'), null,
    array(select row(p.id, word, app_now(), 'mark_absent', 'not_checked_in', null)::attendance_mark from event_participants p where p.user_id = try.user_id(name)), null, null)
$$;
create function try.say(name text, answer text) returns text language sql as $$
  select r.status from record_attendance(try.user_id(name), try.event_id('Talk'), answer, 'req-1') r
$$;
create function try.waiting(session bytea) returns text language sql stable as $$
  select count_requests(session, 'org') || coalesce(': ' || string_agg(r.name || ' ' || r.answer, ', ' order by r.id), '') from team_requests(session, 'org', null, null) r
$$;
create function try.told(session bytea) returns text language sql stable as $$
  select concat_ws(' ', case when absence_is_unsaid then 'unsaid' end, case when absence_is_asked then 'asked' end, case when absence_is_denied then 'denied' end,
    case when absence_is_approved then 'approved' end, absence_reason) from own_absence(session, try.event_id('Talk'))
$$;
create function try.last() returns text language sql stable as $$
  select concat_ws(' ', action, previous_status, new_status, coalesce((select name from users where id = actor_id), 'system'), reason_code) from event_attendance_audit order by seq desc limit 1
$$;
create function try.id() returns bigint language sql stable as $$ select max(id) from attendance_requests $$;

select is(try.told(:'ada_in'), '', 'who is not absent is told nothing');
select try.say('Bob', 'attended');
select is(try.waiting(:'sid'), '0', '... and asks nothing');
select try.mark('Ada', 'absent'), try.mark('Bob', 'absent');
select is(try.told(:'ada_in'), 'unsaid', 'R-B5 who is absent reads that the door has them so');
select try.say('Ada', 'not_attended');
select is(try.waiting(:'sid') || try.told(:'ada_in'), '0', 'R-B5 who was not there agrees');
select try.say('Ada', 'partial');
select is(try.waiting(:'sid'), '1: Ada partial', 'R-B5 the answer partial opens a request');
select is(try.last(), 'request absent absent Ada', 'R-B6 ... audited');
select is(try.told(:'ada_in'), 'asked', '... and they read that it is looked at');
select try.say('Ada', 'attended');
select is(try.waiting(:'sid') || (select count(*) from attendance_requests), '1: Ada attended1', 'another such answer is the same request');
select try.say('Bob', 'attended');
select is(try.waiting(:'sid'), '2: Ada attended, Bob attended', 'who answered before they were marked asks by pressing again');
select try.say('Bob', 'not_attended');
select is(try.waiting(:'sid'), '1: Ada attended', 'R-A7 another answer takes it back');
select is(try.waiting(:'dan'), '0', 'R-O1 the door sees none');
select is((select count(*) from team_requests(:'eve', 'org', null, null)) + (select count(*) from team_requests(:'eve', 'other', null, 1)), 0::bigint, 'R-O2 nor others');

select id as ask from attendance_requests where user_id = :ada \gset
select throws_ok(format('select decide_request(%L, ''org'', %s, ''present'', null, null)', :'dan', :ask), 'RC404', 'absent', 'R-O1 the door decides nothing');
select throws_ok(format('select decide_request(%L, ''other'', %s, ''present'', null, null)', :'eve', :ask), 'RC404', 'absent', 'R-O2 nor do others');
select throws_ok(format('select decide_request(%L, ''org'', %s, ''absent'', '' '', null)', :'sid', :ask), 'RC422', 'denial_reason_missing', 'R-B5 who says no says why');
select throws_ok(format('select decide_request(%L, ''org'', %s, ''excused'', null, null)', :'sid', :ask), 'RC422', 'bad_decision', 'a decision that is none');
select throws_ok(format('select decide_request(%L, ''org'', %s, ''absent'', repeat(''x'', 501), null)', :'sid', :ask), 'RC422', 'reason_long', 'a reason too long');

select try.clock('2026-11-20 18:10+00');
select decide_request(:'sid', 'org', :ask, 'absent', 'You were not on the boat', 'req-2');
select is(try.told(:'ada_in'), 'denied You were not on the boat', 'R-B5 the person reads the reason');
select is(try.last(), 'request absent absent Sid request_denied', 'R-B6 the denial is audited');
select is(try.waiting(:'sid'), '0', '... and nothing waits');
select throws_ok(format('select decide_request(%L, ''org'', %s, ''present'', null, null)', :'sid', :ask), 'RC409', 'request_decided', 'the second press says that it is decided');
select try.say('Ada', 'not_attended'), try.say('Ada', 'attended');
select is(try.waiting(:'sid'), '0', 'what was denied is not asked again by answering to and fro');
select try.clock('2026-11-20 18:20+00');
select try.mark('Ada', 'unknown'), try.mark('Ada', 'absent');
select try.say('Ada', 'partial');
select is(try.waiting(:'sid'), '1: Ada partial', '... but after the door said another thing in between');
select decide_request(:'sid', 'org', try.id(), 'late', null, 'req-3');
select is((select attendance_status from event_participants where user_id = :ada), 'late', 'R-B5 approved, it is a correction');
select is((select attendance_marked_at from event_participants where user_id = :ada), null, 'R-B4 ... that claims no time of arrival');
select is(try.last(), 'correction absent late Sid request_approved', 'R-B4 ... audited');
select is(try.told(:'ada_in'), 'approved', '... and they read that');

select try.say('Bob', 'partial');
select try.mark('Bob', 'present');
select is(try.waiting(:'sid'), '0', 'whom the door has as present waits for nothing');
select throws_ok(format('select decide_request(%L, ''org'', %s, ''present'', null, null)', :'sid', try.id()), 'RC409', 'request_overtaken', '... and deciding says so');
select is((select count(*) from verify_audit(null)), 0::bigint, 'R-B6 the chain is sound');

-- The same behind a mailed link.
insert into notifications (user_id, org_id, event_id, type, prompt_number, title) select :bob, org_id, id, 'attendance_prompt', 1, 'T' from events where id = :talk returning id as mailed \gset
select try.mark('Bob', 'absent');
select is((select absence_is_asked from prompt_absence(:mailed, 1)), true, 'R-B5 the page behind the link says it too');
select is((select count(*) from prompt_absence(:mailed, 2)), 0::bigint, 'R-A8 ... not behind a revoked one');

select decide_request(:'sid', 'org', try.id(), 'absent', 'Quixote was not seen', null);
select is(own_data(try.user_id('Sid')) #>> '{requests,2,reason}', 'Quixote was not seen', 'R-G1 who wrote the reason finds it in the download');
delete from users where name = 'Sid';
select is((select count(*) from attendance_requests where reason ~ 'Quixote'), 0::bigint, 'R-G1 ... and erasing them erases it');
delete from users where name = 'Bob';
select is((select count(*) from attendance_requests where user_id = :bob), 0::bigint, 'R-G1 who asked takes the request along');
select * from finish();
