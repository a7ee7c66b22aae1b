-- R-B8: who came, what they said, of an event, of an organisation and of a
-- person, as staff read it.
\ir fixture.sql
select * from no_plan();

select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dee', 'Eve', 'Fay']) n;
select try.person('Sid', null, 'org', 'staff'), try.person('Dan', null, 'org', 'door');
select try.org('other') as other \gset
select try.person('Oto', null, 'other', 'staff'), try.person('Mia', null, 'other');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 16:30+00'), try.event('Walk', '2026-11-10 15:00+00', '2026-11-10 16:30+00'),
  try.event('Long ago', '2024-03-10 15:00+00', '2024-03-10 16:30+00'), try.event('Else', '2026-11-20 15:00+00', '2026-11-20 16:30+00', 'other');
update events set takes_attendance = true where title <> 'Walk';
select try.sign_in('Sid') as sid, try.sign_in('Dan') as dan, try.sign_in('Ada') as ada, try.sign_in('Oto') as oto \gset
create function try.door(name text, title text, status text) returns void language sql as $$
  select count(*) from mark_attendance(
    (select org_id from events e where e.title = door.title), null,
    array(select row(p.id, door.status, case when door.status <> 'unknown' then app_now() end, 'correction', 'other', null)::attendance_mark from event_participants p where p.user_id = try.user_id(name) and p.event_id = try.event_id(title)), null, 'r')
$$;
create function try.answer(name text, title text, status text, rating int default null) returns void language plpgsql as $$
  begin
    perform record_attendance(try.user_id(name), try.event_id(title), status, 'r');
    if rating is not null then perform submit_feedback(try.user_id(name), try.event_id(title), rating, null); end if;
  end $$;
create function try.report(session bytea, title text, slug text default 'org') returns text language sql stable as $$
  select format('%s of %s (%s registered, %s excused, %s besides), answered %s of %s, %s', came, expected, registered, excused, besides, answered, asked, case when is_taken then 'taken' else 'not taken' end)
  from event_report(session, slug, try.event_id(title)) $$;
create function try.doors(session bytea, title text, slug text default 'org') returns text language sql stable as $$
  select string_agg(format('%s %s: %s/%s/%s/%s', door, people, attended, partial, not_attended, unanswered), ', ') from event_doors(session, slug, try.event_id(title)) where people > 0 $$;
create function try.trend(days int, session bytea default null) returns text language sql stable as $$
  select string_agg(format('%s: %s, %s of %s, %s of %s', label, events, came, expected, answered, asked), '; ') from report_trend(coalesce(session, (select hash from sessions where user_id = try.user_id('Sid'))), 'org', days) where events > 0 $$;
-- What the sums of an organisation are, counted before and counted anew.
create function try.tallies(slug text default 'org') returns text language sql stable as $$
  select string_agg(format('%s %s/%s/%s %s/%s %s', title, came, expected, registered, answered, asked, points), ', ' order by title) from org_tallies((select id from organizations o where o.slug = tallies.slug), '-infinity') $$;

select try.registered(n, 'Talk') from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n;
select try.registered('Eve', 'Talk', 'cancelled'), try.registered('Fay', 'Walk'), try.registered('Ada', 'Walk');
select try.viewed('Fay', 'Talk');
select is(try.report(:'sid', 'Talk'), '0 of 4 (4 registered, 0 excused, 0 besides), answered 0 of 0, not taken', 'R-B8 attendance that nobody took is not taken');
select try.door('Ada', 'Talk', 'present'), try.door('Bob', 'Talk', 'late'), try.door('Cem', 'Talk', 'excused'), try.door('Eve', 'Talk', 'present');
select is(try.report(:'sid', 'Talk'), '2 of 3 (4 registered, 1 excused, 1 besides), answered 0 of 0, taken', 'R-B8 the rate: present and late of those registered and not excused');
select try.door('Dee', 'Talk', 'absent');
select is(schedule_post_event_prompts(100) > 0, true, 'asked');
select is(try.deliver() > 0, true, '...');
select try.answer('Ada', 'Talk', 'attended', 5), try.answer('Bob', 'Talk', 'attended', 1), try.answer('Bob', 'Talk', 'not_attended'), try.answer('Dee', 'Talk', 'partial', 2), try.answer('Fay', 'Talk', 'attended', 4);
select is(try.doors(:'sid', 'Talk'), 'present 1: 1/0/0/0, late 1: 0/0/1/0, absent 1: 0/1/0/0, excused 1: 0/0/0/1, besides 1: 0/0/0/1', 'R-B8 own answers against the door');
select is(
  (select format('%s %s', asked, answered) from event_report(:'sid', 'org', try.event_id('Talk'))),
  (select string_agg(people::text, ' ' order by stage desc) from event_funnel(:'sid', 'org', try.event_id('Talk')) where stage in ('asked', 'answered')),
  'R-B8 asked and answered are those of the funnel'
);
select is(
  (select format('%s %s', rated, points) from event_report(:'sid', 'org', try.event_id('Talk'))),
  (select format('%s %s', min(rated), round(min(rated) * min(average))) from event_ratings(:'sid', 'org', try.event_id('Talk'))),
  'R-A9 ... and the ratings too: who was not there is left out'
);
select is((select string_agg(concat_ws(' ', name, registration, door, answer), ', ') from event_people(:'sid', 'org', try.event_id('Talk'), null, 10)),
  'Ada registered present attended, Bob registered late not_attended, Cem registered excused, Dee registered absent partial, Eve cancelled present', 'R-B8 the participants by name');
select is((select string_agg(name, ', ') from event_people(:'sid', 'org', try.event_id('Talk'), 'absent', 10)), 'Dee', 'R-B8 absentees');
select is((select count(*)::int from event_people(:'sid', 'org', try.event_id('Talk'), null, 2)), 2, 'no more than asked for');

-- An organisation.
select is(try.tallies(), 'Long ago 0/0/0 0/0 0, Talk 2/3/4 4/5 11, Walk 0/2/2 0/2 0', 'R-B8 events that nobody has counted yet are counted when asked');
create temporary table before as select try.tallies() as tallies;
select is(review_events(1), 1, 'one is counted');
select is(review_events(100), 1, '... then the other');
select is(review_events(100), 0, '... then none');
select is(try.tallies(), (select tallies from before), 'R-B8 counted, they are the same');
select is((select count(*)::int from event_changes), 0, '... with nothing left to count');
select try.door('Dee', 'Talk', 'present'), try.answer('Cem', 'Talk', 'attended', 3), try.registered('Bob', 'Walk');
select is((select string_agg(distinct e.title, ', ') from event_changes c join events e on e.id = c.event_id), 'Talk, Walk', 'each change is noted');
select is(try.tallies(), 'Long ago 0/0/0 0/0 0, Talk 3/3/4 5/5 14, Walk 0/3/3 0/2 0', 'R-B8 what has changed is right at once');
delete from event_participants where user_id = try.user_id('Bob') and event_id = try.event_id('Walk');
select review_events(100);
select is(try.tallies(), 'Long ago 0/0/0 0/0 0, Talk 3/3/4 5/5 14, Walk 0/2/2 0/2 0', 'R-B8 a row that goes is counted no more');
delete from users where name = 'Cem';
select is(try.tallies(), 'Long ago 0/0/0 0/0 0, Talk 3/3/3 4/4 11, Walk 0/2/2 0/2 0', 'R-G1 ... as of somebody who was erased');
delete from notifications where user_id = try.user_id('Dee');
select is(try.tallies(), 'Long ago 0/0/0 0/0 0, Talk 3/3/3 3/3 11, Walk 0/2/2 0/2 0', 'a question that goes is counted no more');

select is(try.trend(7), 'Friday 20 November: 1, 3 of 3, 3 of 3', 'R-B8 7 days, by day');
select is((select count(*)::int from report_trend(:'sid', 'org', 7)), 7, '... all of them');
select is(try.trend(30), '15 November to 20 November: 1, 3 of 3, 3 of 3; 9 November to 14 November: 1, 0 of 0, 0 of 2', 'R-B8 30 days: where no attendance was taken nobody is expected');
select is((select count(*)::int from report_trend(:'sid', 'org', 30)), 5, '...');
select is((select count(*)::int from report_trend(:'sid', 'org', 90)), 9, 'R-B8 90 days');
select is(try.trend(0), '2026: 2, 3 of 3, 3 of 5; 2024: 1, 0 of 0, 0 of 0', 'R-B8 all, by year when it is more than two');
update events set starts_at = starts_at + interval '1 year', ends_at = ends_at + interval '1 year' where title = 'Long ago';
select is((select array_agg(label) from report_trend(:'sid', 'org', 0) where events > 0), array['November 2026', 'March 2025'], '... else by month');
select is((select count(rate)::int from report_trend(:'sid', 'org', 0)), 1, 'R-B8 no rate without anybody expected');
-- In Berlin it is one o'clock of the 21st.
select try.clock('2026-11-21 00:00+00');
select is(try.trend(1), null, 'R-B8 a day begins at midnight of the reader''s zone');
select is(try.trend(2), 'Friday 20 November: 1, 3 of 3, 3 of 3', '...');
update events set status = 'cancelled' where title = 'Talk';
select is(try.trend(7), null, 'cancelled events are none');
update events set status = 'completed', deleted_at = app_now() where title = 'Talk';
select is(try.trend(7), null, '... nor deleted ones');
update events set deleted_at = null where title = 'Talk';

-- A person.
create function try.record(session bytea, name text, slug text default 'org', before timestamptz default null, before_event bigint default null, most int default 10) returns text language sql stable as $$
  select string_agg(concat_ws(' ', title, door, status, rating), ', ') from person_record(session, slug, try.user_id(name), before, before_event, most) $$;
select is(try.record(:'sid', 'Ada'), 'Talk present attended 5, Walk unknown', 'R-B8 a person''s history: the door and their answers, newest first');
select is(try.record(:'sid', 'Eve'), 'Talk present', 'R-B8 who was marked without being registered too');
select is(try.record(:'sid', 'Ada', most => 1), 'Talk present attended 5', 'a page ends');
select is(try.record(:'sid', 'Ada', 'org', '2026-11-20 15:00+00', try.event_id('Talk')), 'Walk unknown', '... and the next goes on after it');
select is((select format('%s %s %s %s', present, late, absent, excused) from person_doors(:'sid', 'org', try.user_id('Bob'))), '0 1 0 0', 'R-B8 how often they came');
insert into memberships (user_id, org_id) values (try.user_id('Ada'), :other);
select try.registered('Ada', 'Else'), try.door('Ada', 'Else', 'late'), try.answer('Ada', 'Else', 'partial', 3);
select is(try.record(:'oto', 'Ada', 'other'), 'Else late partial 3', 'R-A10 another organisation''s door and hidden answers are not shown');
update attendance set show_to_other_orgs = true where user_id = try.user_id('Ada') and event_id = try.event_id('Talk');
select is(try.record(:'oto', 'Ada', 'other'), 'Else late partial 3, Talk attended', 'R-A10 shared, the answer is; the door''s word stays with its organisation');

-- Who sees it.
select is(
  try.report(s, 'Talk') is null and try.doors(s, 'Talk') is null and try.trend(0, s) is null and try.record(s, 'Ada') is null
  and (select count(*) from event_people(s, 'org', try.event_id('Talk'), null, 10)) = 0
  and (select count(*) from team_tallies(s, 'org', 0)) = 0
  and (select coalesce(max(present), 0) from person_doors(s, 'org', try.user_id('Ada'))) = 0,
  true, 'R-O2 nobody but its own staff sees any of it')
from unnest(array[:'dan', :'ada', :'oto', '\x00']::bytea[]) s;
select is(coalesce(try.report(:'sid', 'Else'), try.report(:'oto', 'Else')), null, 'R-O2 nor staff another organisation''s event');
select isnt(try.report(:'oto', 'Else', 'other'), null, 'R-O2 their own they see');

select * from finish();
