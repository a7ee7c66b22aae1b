-- R-B9: where the door and the person's own answer disagree.
\ir fixture.sql
select * from no_plan();

select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dee', 'Eve', 'Fay']) n;
select try.person('Sid', null, 'org', 'staff'), try.person('Dan', null, 'org', 'door');
select try.org('other'), try.person('Oto', null, 'other', 'staff');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 16:30+00', 'org', 'completed'), try.event('Walk', '2026-11-19 15:00+00', '2026-11-19 16:30+00', 'org', 'completed');
update events set takes_attendance = true where title = 'Talk';
select try.sign_in('Sid') as sid, try.sign_in('Dan') as dan, try.sign_in('Ada') as ada, try.sign_in('Oto') as oto \gset
create function try.door(name text, word text, title text default 'Talk') returns void language sql as $$
  select count(*) from mark_attendance(
    (select org_id from events e where e.title = door.title), null,
    array(select row(p.id, word, app_now(), 'correction', 'other', null)::attendance_mark from event_participants p where p.user_id = try.user_id(name) and p.event_id = try.event_id(door.title)), null, 'r')
$$;
create function try.answer(name text, word text, title text default 'Talk') returns text language sql as $$ select status from record_attendance(try.user_id(name), try.event_id(title), word, 'r') $$;
create function try.waiting(session bytea, slug text default 'org', decided boolean default false) returns text language sql stable as $$
  select string_agg(concat_ws(' ', name, door, answer, decision, decided_by), ', ' order by name) from team_mismatches(session, slug, null, decided, null, 100) $$;
create function try.decide(session bytea, name text, decision text, door text, answer text, slug text default 'org') returns text language plpgsql as $$
  begin
    perform decide_mismatch(session, slug, (select m.id from mismatches m where m.user_id = try.user_id(name)), decision, door, answer, 'r');
    return 'done';
  exception when others then return sqlstate || ' ' || sqlerrm;
  end $$;
create function try.now(name text) returns text language sql stable as $$
  select concat_ws(' ', p.attendance_status, a.status) from event_participants p join attendance a using (event_id, user_id) where p.user_id = try.user_id(name) and p.event_id = try.event_id('Talk') $$;

select is(
  (select string_agg(door || ' ' || answer, ', ' order by d, w) from unnest(array['unknown', 'present', 'late', 'absent', 'excused']) with ordinality as d(door, d), unnest(array['attended', 'partial', 'not_attended', 'unknown']) with ordinality as a(answer, w) where disagrees(door, answer)),
  'present not_attended, late not_attended, absent attended, absent partial, excused attended, excused partial', 'R-B9 what disagrees'
);
select try.registered(n, 'Talk') from unnest(array['Ada', 'Bob', 'Cem', 'Dee', 'Eve']) n;
select try.registered('Fay', 'Walk'), try.door('Fay', 'present', 'Walk'), try.answer('Fay', 'not_attended', 'Walk');
select try.answer('Bob', 'partial'), try.door('Ada', 'present'), try.door('Bob', 'absent'), try.door('Cem', 'late'), try.door('Dee', 'absent');
select try.answer('Ada', 'attended'), try.answer('Cem', 'not_attended'), try.answer('Eve', 'attended');
select is(review_events(100) > 0, true, 'a run of the sweep');
select is(try.waiting(:'sid'), 'Bob absent partial, Cem late not_attended', 'R-B9 who disagrees with the door waits; not where no attendance is taken');
select try.door('Bob', 'excused'), try.door('Cem', 'present'), review_events(100);
select is(try.waiting(:'sid'), 'Bob excused partial, Cem present not_attended', 'R-B9 each appears once, as it is now');
select is(count_mismatches(:'sid', 'org'), 2, 'so many wait');
select try.answer('Cem', 'attended');
select is(try.waiting(:'sid'), 'Bob excused partial', 'R-B9 who agrees again waits no more, at once');
select review_events(100);
select is((select count(*)::int from mismatches m join events e on e.id = m.event_id where e.title = 'Talk'), 1, '... and is gone with the next run');
select try.answer('Cem', 'not_attended'), try.door('Eve', 'excused'), review_events(100);

select is(try.decide(:'sid', 'Cem', 'maybe', 'present', 'not_attended'), 'RC422 bad_decision', 'a decision is one of two');
select is(try.decide(:'sid', 'Cem', 'door', 'late', 'not_attended'), 'RC409 changed_meanwhile', 'what was seen is what is decided about');
select is(try.decide(:'sid', 'Cem', 'door', 'present', 'attended'), 'RC409 changed_meanwhile', '...');
create temporary table audits as select count(*) as rows from event_attendance_audit;
grant select on audits to public;
select is(try.decide(:'sid', 'Cem', 'door', 'present', 'not_attended'), 'done', 'R-B9 the door is right');
select is(try.now('Cem'), 'present not_attended', '... which changes neither');
select is((select count(*) from event_attendance_audit), (select rows from audits), '... nor is anything in the audit');
select is(try.decide(:'sid', 'Bob', 'answer', 'excused', 'partial'), 'done', 'R-B9 the person is right');
select is(try.now('Bob'), 'present partial', '... which corrects the door, and never the answer');
select is((select format('%s %s %s %s', action, previous_status, new_status, reason_code) from event_attendance_audit where actor_id = try.user_id('Sid')), 'correction excused present own_word', 'R-B4 ... with its audit row');
select is(try.decide(:'sid', 'Eve', 'answer', 'excused', 'attended'), 'done', '... whom the door had as excused too');
select is(try.decide(:'sid', 'Bob', 'door', 'excused', 'partial'), 'RC409 mismatch_decided', 'what is decided stays decided');
select is(try.waiting(:'sid', decided => true), 'Bob excused partial answer Sid, Cem present not_attended door Sid, Eve excused attended answer Sid', 'R-B9 both originals are kept');
select try.answer('Cem', 'attended'), review_events(100), try.answer('Cem', 'not_attended'), review_events(100);
select is(try.waiting(:'sid'), null, 'R-B9 what was decided does not come again');
select is(try.waiting(:'sid', decided => true), 'Bob excused partial answer Sid, Cem present not_attended door Sid, Eve excused attended answer Sid', '... and stays as it was');
select is((select count(*) from verify_audit(null)), 0::bigint, 'R-B6 the chain is sound');

select try.clock('2026-11-20 18:10+00');
select try.door('Cem', 'absent'), try.answer('Cem', 'attended'), try.answer('Cem', 'not_attended'), review_events(100);
select try.clock('2026-11-20 18:20+00');
select try.door('Cem', 'late'), review_events(100), review_events(100);
select is(try.waiting(:'sid'), 'Cem late not_attended', 'R-B9 after the door said another thing in between it is a new one, and appears once');
select is((select count(*)::int from mismatches where user_id = try.user_id('Cem')), 2, '... beside the one that was decided');
select try.door('Cem', 'absent'), review_events(100);

select try.answer('Dee', 'attended'), review_events(100);
select is((select count(*)::int from attendance_requests r where r.user_id = try.user_id('Dee') and r.outcome is null), 1, 'R-B5 an answer against an absence asks the team');
select is(try.waiting(:'sid'), null, 'R-B9 ... and waits there, once');

select decide_request(:'sid', 'org', (select id from attendance_requests where user_id = try.user_id('Dee')), 'absent', 'Not seen', 'r'), review_events(100);
select is(try.waiting(:'sid'), null, 'R-B9 what was denied there does not come again here');
select try.clock('2026-11-20 18:30+00');
select try.door('Dee', 'excused'), review_events(100);
select is(try.waiting(:'sid'), 'Dee excused attended', 'R-B9 ... a later, different disagreement does');
select try.door('Dee', 'present'), try.answer('Dee', 'not_attended'), review_events(100);
select is(try.waiting(:'sid'), 'Dee present not_attended', 'R-B9 ... and the opposite one');
select try.answer('Dee', 'attended'), review_events(100);

-- Whose they are.
select is(try.waiting(s, decided => true) is null and count_mismatches(s, 'org') = 0, true, 'R-O2 nobody but its own staff sees any')
from unnest(array[:'dan', :'ada', :'oto', '\x00']::bytea[]) s;
select is(try.decide(:'dan', 'Cem', 'door', 'present', 'not_attended'), 'RC404 absent', 'R-O1 the door decides nothing');
select is(try.decide(:'oto', 'Cem', 'door', 'present', 'not_attended', 'other'), 'RC404 absent', 'R-O2 nor does another organisation');
select is(try.decide('\x00', 'Cem', 'door', 'present', 'not_attended'), 'RC401 no_session', 'nor nobody');

select * from finish();
