-- R-C3, R-C6, R-A8, R-O2, R-G1: shifts as those who take them see them, by the
-- link of a reminder too, and as they go from one to another.
\ir fixture.sql
select plan(100);
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Stu', null, 'org', 'staff') as stu,
  try.person('Bob') as bob, try.person('Cem', 'America/New_York') as cem, try.person('Dee') as dee \gset
select try.org('club') as club \gset
select try.person('Zoe', null, 'club', 'admin') as zoe \gset
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Stu', 'Bob', 'Cem', 'Dee', 'Zoe']) n;
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = $1 $$;
create function try.refusal(call text) returns text language plpgsql as $$
  declare v_detail text;
  begin execute 'select ' || call; return 'taken';
  exception when others then get stacked diagnostics v_detail = pg_exception_detail; return concat_ws(' ', sqlstate, sqlerrm, nullif(v_detail, '')); end $$;
-- It is Friday 20 November 2026, 19:00 in Berlin.
create function try.shift(title text, starts interval, ends interval, capacity int default null, org text default 'org') returns bigint language sql as $$
  insert into duty_schedules (org_id, title, location, notes, start_at, end_at, capacity)
  select id, title, 'Hall', 'Bring gloves', app_now() + starts, app_now() + ends, capacity from organizations o where o.slug = org returning id $$;
create function try.put(shift bigint, who bigint) returns bigint language sql as $$
  insert into duty_assignments (org_id, schedule_id, user_id) select org_id, id, who from duty_schedules where id = shift returning id $$;
create function try.people(shift bigint) returns text language sql stable as $$
  select coalesce(string_agg(u.name || ' ' || a.status || coalesce(' ' || a.late_minutes, ''), ', ' order by u.name), '') from duty_assignments a join users u on u.id = a.user_id where a.schedule_id = shift $$;
create function try.told() returns text language sql stable as $$
  select coalesce(string_agg(concat_ws(' ', u.name, q.kind, q.notify_type), ', ' order by q.kind, u.name, q.id), '') from scheduled_notifications q join users u on u.id = q.user_id $$;
-- What can be pressed: "check_in late decline".
create function try.can(who text, shift bigint) returns text language sql stable as $$
  select concat_ws(' ', case when can_check_in then 'check_in' end, case when can_check_out then 'check_out' end, case when can_be_late then 'late' end,
    case when can_decline then 'decline' end, case when can_come then 'come' end, case when can_offer then 'offer' end) from own_shift(try.s(who), shift) $$;
create function try.word(who text, shift bigint) returns text language sql stable as $$ select mark || ': ' || status_text from own_shift(try.s(who), shift) $$;
create function try.offered(who text) returns text language sql stable as $$
  select string_agg(concat_ws(' ', title, 'of', person_name, 'clash ' || clash), ', ') from offered_shifts(try.s(who), null, 50) $$;

-- R-F4 notes in a mail, which has 20 KB.
select is(array(select length(fit_in_mail(repeat(w, 2000), 1800)) from unnest(array['a', 'ü', '🎉', '"']) w), '{900,205,102,225}', 'R-F4 plain text has more letters in a mail than what takes more bytes there');
select is(fit_in_mail('Bring gloves.', 1800), 'Bring gloves.', '... and what fits stays as it is');

-- What is theirs.
select try.shift('Bar', '30 minutes', '2 hours', 2) as bar, try.shift('Later', '3 days', '73 hours') as later,
  try.shift('Was', '-3 days', '-71 hours') as was, try.shift('Before', '-5 days', '-119 hours') as before \gset
select try.put(s, :bob) from unnest(array[:bar, :later, :was, :before]) s;
select is((select string_agg(title || case when is_over then ' (over)' else '' end, ', ') from own_shift_list(try.s('Bob'), null, null, 100, 21)), 'Bar, Later, Was (over), Before (over)', 'shifts that come, the next first, then those that are over, the last first');
select is((select string_agg(title, ', ') from own_shift_list(try.s('Bob'), null, null, 1, 1)), 'Bar, Was', '... so many of each');
select is((select string_agg(l.title, ', ') from duty_schedules s cross join own_shift_list(try.s('Bob'), s.start_at, s.id, 100, 21) l where s.id = :was), 'Before', '... and after one that is over, those before it');
select is((select count(*)::int from own_shift_list(try.s('Cem'), null, null, 100, 21)), 0, 'R-O2 nobody else''s');
select is((select count(*)::int from own_shift(try.s(n), :bar)), 0, 'R-O2 a shift that is not theirs is not there for ' || n) from unnest(array['Ada', 'Cem', 'Zoe']) n;
select is((select count(*)::int from own_shift(sha256('nobody'), :bar)), 0, '... nor for nobody');
select is((select concat_ws(' | ', title, location, notes, org_name, when_text, zone, local_text, capacity, assigned) from own_shift(try.s('Bob'), :bar)), 'Bar | Hall | Bring gloves | Org org | Friday 20 November 2026, 19:30–21:00 | Europe/Berlin | 2 | 1', 'what, where and when, with the zone named');
select try.put(:bar, :cem) as link_cem \gset
select is((select when_text || ' ' || zone || ' / ' || local_text || ' ' || local_zone from own_shift(try.s('Cem'), :bar)), 'Friday 20 November 2026, 13:30–15:00 America/New_York / Friday 20 November 2026, 19:30–21:00 Europe/Berlin', '... in the person''s zone, and there');
select is(array(select has_shifts(u) from unnest(array[:bob, :dee, :zoe]) u), '{t,t,f}', 'shifts concern who has one, or whose organisation has any');

-- What can be said when.
select is(try.can('Bob', :bar), 'check_in late decline offer', 'R-C6 half an hour before: check in, running late, can''t come, or offer it');
select is(try.can('Bob', :later), 'decline offer', 'days before: can''t come, or offer it');
select is((select opens_text from own_shift(try.s('Bob'), :later)), 'Monday 23 November, 18:00', '... and it says from when one can check in');
select is(try.can('Bob', :was), '', 'nothing of what is over');
select is(try.word('Bob', :was), 'unknown: Not checked in', '... but how it was');
select say_shift_word(try.s('Bob'), :bar, 'late', 15);
select is(try.word('Bob', :bar) || ' ' || try.can('Bob', :bar), 'late: Running late, 15 min check_in late decline come offer', 'late can be taken back');
select say_shift_word(try.s('Bob'), :bar, 'declined', null);
select is(try.word('Bob', :bar) || ' ' || try.can('Bob', :bar), 'excused: You can’t come check_in come', 'so can not coming');
select assign_shift(try.s('Stu'), 'org', :bar, jsonb_build_array(:dee), false);
select is(try.can('Bob', :bar) || ' ' || (select is_full from own_shift(try.s('Bob'), :bar)), 'check_in true', '... until somebody else has the place');
select unassign_shift(try.s('Stu'), 'org', :bar, :dee);
select say_shift_word(try.s('Bob'), :bar, 'coming', null);
select check_shift(try.s('Bob'), :bar, 'check_in');
select is(try.word('Bob', :bar) || ' ' || try.can('Bob', :bar), 'present: Checked in 19:00 check_out', 'who is there can only check out');
select is(try.refusal(format('say_shift_word(try.s(''Bob''), %s, %L, 5)', :bar, w)), 'RC409 shift_came_already', '... and not say ' || w) from unnest(array['late', 'declined']) w;
select try.clock('2026-11-20 20:20+00');
select is(try.can('Cem', :bar), 'check_out', 'past the end, for half an hour: check out');
select check_shift(try.s('Bob'), :bar, 'check_out');
select is(try.word('Bob', :bar) || try.can('Bob', :bar), 'completed: Checked in 19:00, out 21:20', '... once');
select try.clock('2026-11-20 20:31+00');
select is(try.can('Cem', :bar), '', 'and then nothing');
select try.clock('2026-11-20 18:00+00');
delete from attendance_logs; delete from scheduled_notifications;

-- The link of a reminder.
create function try.linked(id bigint, generation int, expires timestamptz) returns text language sql stable as $$
  select concat_ws(' ', state, title, status_text) from shift_link(id, generation, expires) $$;
select id as link from duty_assignments where schedule_id = :bar and user_id = :bob \gset
select is(try.linked(:link, 1, '2026-11-20 20:30+00'), 'open Bar To come', 'the link of a reminder shows the shift');
select is(try.linked(:link, g, '2026-11-20 20:30+00'), null, 'R-A8 a link with generation ' || g || ' opens nothing') from unnest(array[0, 2]) g;
select is(try.linked(:link + 1000, 1, '2026-11-20 20:30+00'), null, '... nor one to nothing');
select is(try.refusal(format(call, :link, g)), 'RC404 absent', 'R-A8 ... and by it nothing can be pressed') from unnest(array[0, 2]) g, unnest(array['check_linked_shift(%s, %s, ''2026-11-20 20:30+00'', ''check_in'')', 'say_linked_shift(%s, %s, ''2026-11-20 20:30+00'', ''late'', 5)']) call;
select is(check_linked_shift(:link, 1, '2026-11-20 20:30+00', 'check_in')::text || check_linked_shift(:link, 1, '2026-11-20 20:30+00', 'check_in'), 'truefalse', 'R-C6 it checks in, once');
select is((select user_id || ' ' || by_id from attendance_logs), :bob || ' ' || :bob, '... that person, by themselves');
delete from attendance_logs;
select say_linked_shift(:link, 1, '2026-11-20 20:30+00', 'late', 5);
select is(try.people(:bar) || '; ' || try.told(), 'Bob assigned 5, Cem assigned; Ada shift_news late, Stu shift_news late', 'R-C6 it says running late, and the team is told');
select say_linked_shift(:link, 1, '2026-11-20 20:30+00', 'declined', null);
select is(try.people(:bar), 'Bob declined, Cem assigned', 'R-C6 ... or can''t come');
select is(try.linked(:link, 1, '2026-11-20 20:30+00'), 'open Bar You can’t come', '... which the link shows, to take it back');
select say_linked_shift(:link, 1, '2026-11-20 20:30+00', 'coming', null);
select is(try.people(:bar), 'Bob assigned, Cem assigned', '... as it does');
select is(try.refusal(format('say_linked_shift(%s, 1, ''2026-11-20 17:59+00'', ''late'', 5)', :link)), 'RC410 shift_link_old', 'a link past its date says nothing');
select is(try.linked(:link, 1, '2026-11-20 17:59+00'), 'old Bar To come', '... but that it is too old, when the shift was moved since');
select try.clock('2026-11-20 20:31+00');
select is(try.linked(:link, 1, '2026-11-20 20:30+00'), 'over Bar Not checked in', '... or that the shift is over');
select is(try.refusal(format('check_linked_shift(%s, 1, ''2026-11-30 20:30+00'', ''check_in'')', :link)), 'RC410 shift_over', '... for whoever''s clock');
select try.clock('2026-11-20 18:00+00');
update duty_schedules set status = 'cancelled' where id = :bar;
select is(try.linked(:link, 1, '2026-11-20 20:30+00'), 'cancelled Bar Cancelled', 'one to a cancelled shift says so');
update duty_schedules set status = 'active' where id = :bar;
select unassign_shift(try.s('Stu'), 'org', :bar, :bob);
select is(try.linked(:link, 1, '2026-11-20 20:30+00'), null, 'R-A8 who is taken off has no link any more');
select assign_shift(try.s('Stu'), 'org', :bar, jsonb_build_array(:bob), false);
select is(try.linked(:link, 1, '2026-11-20 20:30+00'), null, '... also when they are assigned again');
delete from scheduled_notifications;

-- From one to another.
select is(try.refusal(format('offer_shift(try.s(%L), %s)', who, :bar)), 'RC404 absent', 'nobody offers what is not theirs: ' || who) from unnest(array['Ada', 'Dee', 'Zoe']) who;
select is(try.refusal(format('offer_shift(try.s(''Bob''), %s)', :was)), 'RC410 shift_over', '... nor what is over');
select is(try.refusal(format('take_shift(try.s(''Dee''), %s, true)', :bar)), 'RC404 absent', 'what nobody offers is not there to take');
select offer_shift(try.s('Bob'), :bar), offer_shift(try.s('Bob'), :bar);
select is((select count(*)::int from shift_swaps), 1, 'offered twice is offered once');
select is(try.offered('Dee'), 'Bar of Bob', 'fellow members see it, and who offers it');
select is(try.offered(who), null, 'R-O2 not so ' || who) from unnest(array['Bob', 'Zoe', 'Cem']) who;
select is(try.refusal(format('take_shift(try.s(''Zoe''), %s, true)', :bar)), 'RC404 absent', 'R-O2 nobody of another organisation takes it');
select is(try.refusal(format('take_shift(try.s(''Cem''), %s, true)', :bar)), 'RC409 shift_yours', '... nor who has it');
select is(try.refusal(format('take_shift(try.s(''Bob''), %s, true)', :bar)), 'RC409 shift_yours', '... nor who offers it');
select is((select is_offered from own_shift(try.s('Bob'), :bar)) || try.can('Bob', :bar), 'truecheck_in late decline', 'who offers it has it still');
select withdraw_shift_offer(try.s('Bob'), :bar);
select is(try.offered('Dee'), null, 'withdrawn, it is not offered');
select is(try.refusal(format('take_shift(try.s(''Dee''), %s, true)', :bar)), 'RC409 offer_gone', '... and who pressed meanwhile is told');
select offer_shift(try.s('Bob'), :bar);
select try.shift('Kitchen', '1 hour', '90 minutes') as kitchen, try.shift('Theirs', '1 hour', '90 minutes', null, 'club') as theirs \gset
insert into memberships (user_id, org_id) values (:dee, :club);
select try.put(:theirs, :dee);
select is(try.offered('Dee'), 'Bar of Bob clash ', 'R-O2 of another organisation''s shift only that there is one');
select try.put(:kitchen, :dee);
update duty_schedules set start_at = start_at - interval '1 minute' where id = :kitchen;
select is(try.offered('Dee'), 'Bar of Bob clash Kitchen, Friday 20 November 2026, 19:59–20:30', 'what they have at that time is said before they take it');
select is(try.refusal(format('take_shift(try.s(''Dee''), %s, false)', :bar)), 'RC422 shift_overlap_own press', '... and asked about once');
select enqueue_due_shift_notifications();
select try.clock('2026-11-20 18:16+00');
select enqueue_due_shift_notifications();
select is(try.told(), 'Bob shift_start start_15, Cem shift_start start_15', 'a reminder is on its way');
select take_shift(try.s('Dee'), :bar, true);
select is(try.people(:bar), 'Cem assigned, Dee assigned', 'R-C1 taken: one is off, the other on');
select enqueue_due_shift_notifications();
select is(try.told(), 'Cem shift_start start_15, Dee shift_start start_15, Ada shift_swap taken, Bob shift_swap taken, Stu shift_swap taken', 'R-C3 the reminder follows, and who offered it and the team are told');
select is((select string_agg(u.name || ' ' || l.cause, ', ') from notification_log l join users u on u.id = l.user_id where l.kind = 'shift_start'), 'Bob not_assigned', '... and that of before is kept as not wanted');
select is((select assigned_by from duty_assignments where schedule_id = :bar and user_id = :dee), :dee::bigint, 'it is kept who assigned them: they themselves');
select is((select concat_ws(' ', user_id, taken_by, taken_at is not null) from shift_swaps where taken_at is not null), :bob || ' ' || :dee || ' t', '... from whom');
select is((select shift_swap_display(q) - '{org_slug,postal_address,when_text,zone,shift_id,location,org_name}'::text[] from scheduled_notifications q where q.kind = 'shift_swap' and q.user_id = :bob), '{"is_yours": true, "user_name": "Bob", "taker_name": "Dee", "person_name": "Bob", "shift_title": "Bar"}', 'the mail says who takes it from whom');
select is(try.refusal(format('take_shift(try.s(''Ada''), %s, true)', :bar)), 'RC409 offer_gone', 'who comes second is told');
select is(try.refusal(format('withdraw_shift_offer(try.s(''Bob''), %s)', :bar)), 'RC404 absent', 'what was taken cannot be kept');
select is((select string_agg(shift_swap_recheck(q), ', ') from scheduled_notifications q where q.kind = 'shift_swap'), null, 'the mails are wanted');
select say_shift_word(try.s('Dee'), :bar, 'declined', null);
select is((select string_agg(shift_swap_recheck(q), ', ') from scheduled_notifications q where q.kind = 'shift_swap'), 'replaced, replaced, replaced', '... unless it is so no more');
select say_shift_word(try.s('Dee'), :bar, 'coming', null);

-- Who cannot come has given up the place; who takes it needs one.
select try.shift('Desk', '2 days', '49 hours', 1) as desk \gset
select try.put(:desk, :bob);
select offer_shift(try.s('Bob'), :desk);
select say_shift_word(try.s('Bob'), :desk, 'declined', null);
select is((select string_agg(u.name || ' ' || is_offered(a.id), ', ') from duty_assignments a join users u on u.id = a.user_id where a.schedule_id = :desk), 'Bob true', '... which staff see');
select is(try.offered('Cem'), 'Desk of Bob', 'what is offered stays so when they say that they can''t come');
select assign_shift(try.s('Stu'), 'org', :desk, jsonb_build_array(:ada), false);
select is(try.refusal(format('take_shift(try.s(''Cem''), %s, true)', :desk)) || coalesce(try.offered('Cem'), ''), 'RC409 offer_gone', '... and nobody takes it, or sees it, when staff gave the place away');
select offer_shift(try.s('Ada'), :desk);
select is(try.offered('Cem'), 'Desk of Ada', 'R-C3 ... but whoever has it now can offer it');
select try.shift('Guard', '3 days', '74 hours', 1) as guard \gset
select try.put(:guard, :bob);
select offer_shift(try.s('Bob'), :guard), say_shift_word(try.s('Bob'), :guard, 'declined', null);
select assign_shift(try.s('Stu'), 'org', :guard, jsonb_build_array(:ada), true), offer_shift(try.s('Ada'), :guard);
select take_shift(try.s('Cem'), :guard, false);
select is(try.people(:guard), 'Bob declined, Cem assigned', '... and one takes it, though somebody who cannot come offered first');
select is(try.refusal(format('offer_shift(try.s(''Bob''), %s)', :guard)), 'RC409 shift_not_yours', 'who said no offers nothing');
select unassign_shift(try.s('Stu'), 'org', :desk, :ada);
select take_shift(try.s('Cem'), :desk, false);
select is(try.people(:desk), 'Bob declined, Cem assigned', '... else it is theirs');
select try.put(:later, :dee);
select offer_shift(try.s('Dee'), :later);
select unassign_shift(try.s('Stu'), 'org', :later, :dee), assign_shift(try.s('Stu'), 'org', :later, jsonb_build_array(:dee), false);
select is(try.offered('Cem'), null, 'an offer ends when staff take its person off, whatever comes after');
select try.shift('Gate', '5 days', '122 hours', 2) as gate \gset
select try.put(:gate, :bob);
select offer_shift(try.s('Bob'), :gate), say_shift_word(try.s('Bob'), :gate, 'declined', null);
select try.clock('2026-11-20 18:17+00');
select assign_shift(try.s('Stu'), 'org', :gate, jsonb_build_array(:bob), true);
select is(try.offered('Cem'), null, 'R-C3 who said no and is assigned again has offered nothing');
select try.clock('2026-11-20 18:18+00');
select offer_shift(try.s('Bob'), :gate);
select is(try.offered('Cem'), 'Gate of Bob', '... until they do');
select withdraw_shift_offer(try.s('Bob'), :gate);
select is(try.refusal(format('withdraw_shift_offer(try.s(''Bob''), %s)', :gate)), 'RC409 offer_gone', 'what is not offered any more cannot be kept');
delete from duty_schedules where id = :gate;
select offer_shift(try.s('Dee'), :later);
update duty_schedules set status = 'cancelled' where id = :later;
select is(try.offered('Cem'), null, 'what is cancelled is not offered');
update duty_schedules set status = 'active' where id = :later;
select try.clock('2026-11-23 18:00+00');
select is(try.offered('Cem'), null, 'nor what has begun');
select is(try.refusal(format('take_shift(try.s(''Cem''), %s, true)', :later)), 'RC409 offer_gone', '... nor can it be taken');
select is(try.refusal(format('offer_shift(try.s(''Dee''), %s)', :later)), 'RC410 shift_begun', '... or offered');

-- Who takes it knows it.
delete from scheduled_notifications;
select try.clock('2026-11-21 18:00+00');
select try.shift('Own', '2 days', '49 hours') as own \gset
select try.put(:own, :stu);
select is((select count(*)::int from duty_assignments a where a.schedule_id = :own and is_offered(a.id)), 0, 'what nobody offers is not offered');
select offer_shift(try.s('Stu'), :own), take_shift(try.s('Ada'), :own, false);
select is(try.told(), 'Stu shift_swap taken', 'who takes it is not told, though an admin; who is staff and offered it is told once');

-- However much was ever offered.
create function try.swaps_read(shift bigint) returns bigint language plpgsql as $$
declare v_before bigint := (select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = 'shift_swaps');
begin
  perform from offered_shifts(try.s('Cem'), shift, 50);
  return (select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = 'shift_swaps') - v_before;
end
$$;
set session_replication_role = replica;
insert into duty_schedules (org_id, title, start_at, end_at) select o.id, 'Past', app_now() - n * interval '1 hour', app_now() - n * interval '1 hour' + interval '30 minutes' from organizations o, generate_series(1, 20000) n where o.slug = 'org';
insert into shift_swaps (org_id, schedule_id, assignment_id, user_id) select s.org_id, s.id, 100000 + s.id, :bob from duty_schedules s where s.title = 'Past';
set session_replication_role = origin;
analyze duty_schedules, shift_swaps;
select is(try.swaps_read(s) < 100, true, 'what was offered once is not gone over') from unnest(array[null, :own]) s;
delete from duty_schedules where title = 'Past';

-- R-G1 who is erased is in nobody's mail.
delete from scheduled_notifications;
select try.clock('2026-11-21 18:00+00');
select erase_me(try.s('Dee'), sha256('d'), null);
select is((select count(*)::int from shift_swaps where user_id = :dee), 0, 'R-G1 what they offered goes with them');
select is((select taken_by from shift_swaps where user_id = :bob and schedule_id = :bar and taken_at is not null), :dee::bigint, '... of what they took their number stays');
select is((select count(*)::int from duty_unassignments where user_id = :dee), 0, '... and no trace of being taken off comes back');
select * from finish();
