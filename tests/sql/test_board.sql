-- R-O1, R-O2, R-D3: what responders see of those who are watched over, and
-- that nobody else does.
\ir fixture.sql
select plan(40);
select try.org('club') as club \gset
select try.person('Ada', null, 'org', 'admin') as ada, try.person('Bob', 'Europe/Berlin') as bob, try.person('Cem') as cem, try.person('Dora') as dora,
  try.person('Eva') as eva, try.person('Rita', 'Asia/Tokyo') as rita, try.person('Rolf') as rolf, try.person('Zoe', null, 'club', 'admin') as zoe,
  try.person('Hal', null, 'club') as hal \gset
update memberships set responder = true where user_id in (:rita, :rolf, :zoe);
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Bob', 'Cem', 'Dora', 'Eva', 'Rita', 'Rolf', 'Zoe', 'Hal']) n;
update sessions set expires_at = '2030-01-01';
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = $1 $$;
create function try.board(name text, slug text default 'org') returns text language sql stable as $$
  select string_agg(concat_ws(' ', w.person_name, w.alert_level, case when w.is_overdue then 'due' end, case when w.is_paused then 'paused' end,
    w.next_span, w.claimed_name, case when w.is_mine then 'mine' end, case when w.is_seen then 'seen' end, case when w.is_unreachable then 'unreachable' end), ', ' order by w.ordinality)
  from team_watch(try.s(name), slug, 50) with ordinality w $$;
create function try.state(name text, person text, slug text default 'org') returns text language sql stable as $$
  select concat_ws(' ', p.person_name, p.is_watched, p.alert_level, p.claimed_name, case when p.is_mine then 'mine' end, p.seen_name, p.quiet_text)
  from team_watch_person(try.s(name), slug, try.user_id(person)) p $$;
create function try.trail(name text, person text) returns text language sql stable as $$
  select string_agg(concat_ws(' ', e.level, e.kind, coalesce(e.name, case when e.is_person then 'self' else 'nobody' end), e.outcome, e.cause), ', ' order by e.id)
  from team_watch_steps(try.s(name), 'org', try.user_id(person), 100) e $$;
create function try.step_at(at timestamptz) returns int language plpgsql as $$ begin perform try.clock(at); perform step_alerts(100); return try.deliver(); end $$;
-- All rows that any of the functions gives of that person.
create function try.seen(name text, slug text, person text) returns bigint language sql stable as $$
  select (select count(*) from team_watch_person(try.s(name), slug, try.user_id(person)))
    + (select count(*) from team_watch_contacts(try.s(name), slug, try.user_id(person)))
    + (select count(*) from team_watch_steps(try.s(name), slug, try.user_id(person), 100))
    + (select count(*) from team_watch_alerts(try.s(name), slug, try.user_id(person), 20))
    + (select count(*) from team_watch_activities(try.s(name), slug, try.user_id(person), 20))
    + (select count(*) from team_watch_others(try.s(name), slug, try.user_id(person))) $$;

-- The board.
select is(try.board('Rita'), null, 'nobody is watched over yet');
select monitoring_enrol(try.s('Bob'), 'org', 24, null, '1'), monitoring_enrol(try.s('Cem'), 'org', 48, null, '1'), monitoring_enrol(try.s('Dora'), 'org', 12, null, '1'),
  monitoring_enrol(try.s('Eva'), 'org', 100, null, '1'), monitoring_enrol(try.s('Rolf'), 'org', 24, null, '1'), monitoring_enrol(try.s('Hal'), 'club', 24, null, '1');
insert into monitoring_contacts (user_id, org_id, priority, name, email, state) values
  (:bob, :org, 1, 'Xan', 'xan@example.com', 'consented'), (:bob, :org, 2, 'Yan', 'yan@example.com', 'asked');
select is(try.board('Rita'), 'Dora 12 hours, Bob 24 hours, Rolf 24 hours, Cem 2 days, Eva 4 days', 'R-D2 everyone who asked the organisation, who is due first coming first');
select is(try.board('Rolf'), 'Dora 12 hours, Bob 24 hours, Cem 2 days, Eva 4 days', '... but who looks');
select is(array[try.board('Ada'), try.board('Bob'), try.board('Zoe')], array[null, null, null], 'R-O1 R-O2 an admin sees nobody, nor does a member, nor a responder of another organisation');
select is(try.board('Zoe', 'club'), 'Hal 24 hours', 'R-O2 ... who sees those of their own');
select monitoring_pause(try.s('Dora'), '2026-11-30');
update users set suppressed_at = app_now(), suppressed_cause = 'address_refused' where id = :cem;
select try.step_at('2026-11-21 18:00+00');
select try.step_at('2026-11-22 18:00+00');
select is(try.board('Rita'), 'Bob L2 due 24 hours, Rolf L2 due 24 hours, Cem L1 due less than a minute unreachable, Eva 2 days, Dora paused 8 days', 'R-D3 the highest level first, who pauses last');
select try.step_at('2026-11-22 18:00:30+00');
select try.step_at('2026-11-23 18:00+00');
select is(left(try.board('Rita'), 21), 'Bob L3 due 2 days, Ro', 'R-D3 a level higher a day later');
select is((select string_agg(n, '') from (select person_name || ' ' as n from team_watch(try.s('Rita'), 'org', 2)) x), 'Bob Rolf ', 'as many as are asked for, the most urgent of them');
select is((select next_text from team_watch(try.s('Rita'), 'org', 1)), 'Sunday 22 November 2026, 03:00', 'times are the responder''s');

-- One person, and the trail.
select is(try.state('Rita', 'Bob'), 'Bob t L3', 'how one of them is');
select is(try.trail('Rita', 'Bob'), 'L1 watch_due self sent, L2 watch_soon self sent, L3 watch_told self sent, L3 watch_contact Xan sent', 'R-D3 what was sent to whom');
select is((select string_agg(concat_ws(' ', place, name, state), ', ') from team_watch_contacts(try.s('Rita'), 'org', :bob)), '1 Xan consented, 2 Yan asked', 'whom they named');
select is(try.trail('Rita', 'Cem'), 'L1 watch_due self skipped suppressed, L1 watch_responder Rita sent, L1 watch_responder Rolf sent', 'R-D3 who is told when mail does not reach them');
select is((select array_agg(try.seen(n, 'org', 'Bob')) from unnest(array['Ada', 'Bob', 'Cem', 'Zoe']) n), array[0, 0, 0, 0]::bigint[], 'R-O1 R-O2 of all that nobody but a responder sees a row');
select is(try.seen('Zoe', 'club', 'Bob'), 0::bigint, 'R-O2 by another organisation''s name neither');
select is(try.seen('Rolf', 'org', 'Rolf'), 0::bigint, 'nobody looks after themselves');
select is(try.seen('Rita', 'org', 'Ada'), 0::bigint, 'who is not watched over is not there');

-- What responders do, as the pages show it.
select is((select string_agg(name || case when is_self then ' self' else '' end, ', ') from team_watch_others(try.s('Rita'), 'org', :bob)), 'Rita self, Rolf', 'whom it can be handed over to');
select claim_alert(try.s('Rita'), 'org', :bob);
select is(try.state('Rita', 'Bob'), 'Bob t L3 Rita mine', 'who looks after it');
select is(try.state('Rolf', 'Bob'), 'Bob t L3 Rita', '... which the others see');
select is(left(try.board('Rita'), 28), 'Bob L3 due 2 days Rita mine,', '... on the board too');
select hand_over_alert(try.s('Rita'), 'org', :bob, :rolf);
select is(try.state('Rolf', 'Bob'), 'Bob t L3 Rolf mine', 'handed over');
select is((select string_agg(name || case when is_self then ' self' else '' end, ', ') from team_watch_others(try.s('Rita'), 'org', :bob)), 'Rita self', 'who has it is not among those it can be handed to');
select acknowledge_alert(try.s('Rita'), 'org', :bob);
select is(try.state('Rolf', 'Bob'), 'Bob t L3 Rolf mine Rita Tuesday 24 November 2026, 07:00', 'R-D3 who has seen it, and until when it rises no further');
select ok((select is_seen from team_watch(try.s('Rita'), 'org', 1)), '... as the board says');
select is((select string_agg(concat_ws(' ', description, 'by', by_name, 'to', to_name), ', ' order by id) from team_watch_activities(try.s('Rita'), 'org', :bob, 20) where by_name is not null),
  'A responder looks after it by Rita to, Handed over to another responder by Rita to Rolf, A responder has seen it by Rita to', 'R-D1 what happened names who did it');
select is((select string_agg(outcome || ' ' || name, ', ') from team_watch_steps(try.s('Rita'), 'org', :bob, 1)), null, 'what is on its way has no outcome');
select try.deliver();
select is((select name || ' ' || outcome from team_watch_steps(try.s('Rita'), 'org', :bob, 1)), 'Rolf sent', '... until it left');
select close_alert(try.s('Rolf'), 'org', :bob, 'Rang: all is well');
select is((select concat_ws(' ', level, close_cause, closed_name, close_note) from team_watch_alerts(try.s('Rita'), 'org', :bob, 20)), 'L3 closed Rolf Rang: all is well', 'how it ended');
select is(try.state('Rita', 'Bob'), 'Bob t', '... and nothing is open');
select is((select count(*)::int from team_watch_others(try.s('Rita'), 'org', :bob)), 0, '... nor to be handed over');
select try.deliver();
select is((select level || ' ' || name || ' ' || outcome from team_watch_steps(try.s('Rita'), 'org', :bob, 1)), 'clear Xan sent', 'R-D4 the all-clear is in the trail');

-- What is of another time or place.
delete from monitoring_contacts where user_id = :bob;
select is((select count(*)::int from team_watch_steps(try.s('Rita'), 'org', :bob, 100) where is_contact and name is null), 2, 'who is forgotten leaves a line without a name');
insert into activities (user_id, org_id, type, description) values (:bob, :club, 'check-in', 'Elsewhere');
select is((select count(*)::int from team_watch_activities(try.s('Rita'), 'org', :bob, 20) where description = 'Elsewhere'), 0, 'R-O2 what happened elsewhere is not told');
select is((select count(*)::int from team_watch_activities(try.s('Rita'), 'org', :bob, 2)), 2, 'as many as are asked for');
select monitoring_stop(try.s('Bob'));
select is(try.seen('Rita', 'org', 'Bob'), 1::bigint, 'R-D2 of who has stopped it one row is left');
select is((select concat_ws(' ', person_name, is_watched, stopped_text, last_text, next_text) from team_watch_person(try.s('Rita'), 'org', :bob)), 'Bob f Tuesday 24 November 2026, 03:00', '... which says so and no more');
select is(position('Bob' in try.board('Rita')), 0, '... and the board has them no more');
delete from memberships where user_id = :eva;
select is(try.seen('Rita', 'org', 'Eva'), 0::bigint, 'R-O2 who left is not there');
update memberships set responder = false where user_id = :rolf;
select is(try.board('Rolf'), null, 'R-O1 who is a responder no more sees nobody');
select * from finish();
