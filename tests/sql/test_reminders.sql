-- R-C2, R-C3, R-C4, R-C5: reminders of shifts.
\ir fixture.sql
select plan(59);
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Bob') as bob, try.person('Cem') as cem, try.person('Dora') as dora \gset
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Bob', 'Cem']) n;
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = $1 $$;
-- Without mails about being assigned.
create function try.shift(title text, starts timestamptz, ends timestamptz, who text[] default '{Bob}') returns bigint language plpgsql as $$
  declare v_id bigint;
  begin
    insert into duty_schedules (org_id, title, start_at, end_at) select id, title, starts, ends from organizations where slug = 'org' returning id into v_id;
    insert into duty_assignments (org_id, schedule_id, user_id, assigned_by) select o.id, v_id, try.user_id(n), try.user_id('Ada') from organizations o, unnest(who) n where o.slug = 'org';
    return v_id;
  end $$;
create function try.plan() returns text language sql as $$ select concat_ws(' ', planned_start, planned_end, skipped, expired) from enqueue_due_shift_notifications() $$;
create function try.waits() returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', u.name, s.title, q.notify_type, 'r' || q.revision), ', ' order by u.name, q.id), '') from scheduled_notifications q join users u on u.id = q.user_id join duty_schedules s on s.id = q.schedule_id where q.kind in ('shift_start', 'shift_end') $$;
-- What became of the last so many.
create function try.became(kinds text default '^shift_(start|end)$') returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', u.name, s.title, l.notify_type, 'r' || l.revision, l.state, l.cause), ', ' order by u.name, l.id), '') from notification_log l join users u on u.id = l.user_id join duty_schedules s on s.id = l.schedule_id where l.kind ~ kinds $$;
create function try.move(shift bigint, day text, starts text, ends text) returns int language sql as $$
  select change_shift(try.s('Ada'), 'org', shift, (select version from duty_schedules where id = shift), jsonb_build_object('title', (select title from duty_schedules where id = shift), 'start_date', day, 'start_time', starts, 'end_time', ends)) $$;
-- Without a value printed.
create function try.run() returns void language sql as $$ select from enqueue_due_shift_notifications() $$;
create function try.forget() returns void language sql as $$ delete from notification_log; delete from scheduled_notifications; delete from notification_pushes; delete from attendance_logs; delete from duty_schedules $$;
create function try.planned_at(at timestamptz) returns text language plpgsql as $$ begin perform try.clock(at); return try.plan(); end $$;

-- C2: 18:00 is now (UTC).
select is(try.plan(), '0 0 0 0', 'nothing to do');
select try.shift('Bar', '2026-11-20 19:00+00', '2026-11-20 20:00+00', '{Bob,Cem}') as bar \gset
select is(try.planned_at('2026-11-20 18:44:59+00'), '0 0 0 0', 'R-C2 not before a quarter of an hour before the start');
select is((select count(*)::int from planned_shift_reminders(10)), 0, '... nor does a dry run tell of it');
select is(next_due(), '2026-11-20 18:45+00', 'that moment is known ahead');
select try.clock('2026-11-20 18:45+00');
select is((select string_agg(notification_id, ' ' order by notification_id) from planned_shift_reminders(10)), format('shift-%s-%s-start_15-r1 shift-%s-%s-start_15-r1', :bar, :bob, :bar, :cem), 'a dry run tells what would be planned');
select is(try.plan(), '2 0 0 0', 'R-C2 start_15 is planned for each who is assigned');
select is(try.plan(), '0 0 0 0', 'R-C2 ... once');
select is((select count(*)::int from planned_shift_reminders(10)), 0, '... and no dry run tells it again');
select is((select array_agg(distinct concat_ws(' ', kind, notify_type, scheduled_for - '2026-11-20 18:45+00', expires_at - '2026-11-20 19:00+00', urgency)) from scheduled_notifications), '{"shift_start start_15 00:00:00 00:00:00 2"}', 'R-C2 due then, worthless after the start, R-C5 more urgent than questions');

-- C3: who checked in, and the others of the same shift.
select check_shift(try.s('Bob'), :bar, 'check_in');
select is(try.became(), 'Bob Bar start_15 r1 skipped checked_in', 'R-C3 who checks in meanwhile is not reminded');
select is(try.deliver(), 1, '... and the others of the same shift are');
select is(try.became(), 'Bob Bar start_15 r1 skipped checked_in, Cem Bar start_15 r1 sent', '... as the ledger tells');
select is(try.plan(), '0 0 0 0', 'neither is planned again');
select is(next_due(), '2026-11-20 20:00+00', 'the end is what comes next');
select is(try.planned_at('2026-11-20 19:59:59+00'), '0 0 0 0', 'R-C2 not before the end');
select is(try.planned_at('2026-11-20 20:00+00'), '0 2 0 0', 'R-C2 end is due at the end, for both: only Bob has checked in, nobody out');
select is((select array_agg(distinct concat_ws(' ', kind, notify_type, expires_at - '2026-11-20 20:30+00')) from scheduled_notifications), '{"shift_end end 00:00:00"}', 'R-C2 ... and worthless half an hour later');
-- Just before sending: leased already when they check out.
select count(*) from claim_notifications(10);
select check_shift(try.s('Bob'), :bar, 'check_out');
select is((select string_agg(concat_ws(' ', u.name, p.outcome, p.cause), ', ' order by u.name) from scheduled_notifications q join users u on u.id = q.user_id cross join lateral prepare_notification(q.id, q.lease_id) p), 'Bob skip checked_out, Cem send', 'R-C3 looked at again just before sending');
select try.clock('2026-11-20 20:31+00');
select is(expire_notifications(10), 1, 'R-C2 worthless ones are put away');
select is(try.plan(), '0 0 0 0', '... and not planned again');

-- C3: when queued.
select try.forget(); select try.clock('2026-11-20 18:00+00');
update shift_planning set starts_to = app_now(), ends_to = app_now();
select try.shift('Bar', '2026-11-20 18:20+00', '2026-11-20 20:00+00', '{Bob,Cem}') as bar \gset
select check_shift(try.s('Bob'), :bar, 'check_in');
select is(try.planned_at('2026-11-20 18:10+00'), '1 0 1 0', 'R-C3 looked at when queued');
select is(try.plan() || ' ' || try.became(), '0 0 0 0 Bob Bar start_15 r1 skipped checked_in', '... and kept once, with the reason');
select staff_check_shift(try.s('Ada'), 'org', :bar, :bob, 'check_in', true);
select is(try.plan(), '1 0 0 0', 'a check-in that was taken back reminds after all');
select is(try.deliver(), 2, '... both');
-- Another shift of the same person.
select try.shift('Other', '2026-11-20 18:25+00', '2026-11-20 19:00+00') as other \gset
select check_shift(try.s('Bob'), :bar, 'check_in');
select is(try.plan() || ' ' || try.waits(), '1 0 0 0 Bob Other start_15 r1', 'R-C3 having checked in to another shift silences nothing');

-- C4.
select try.forget(); select try.clock('2026-11-20 18:00+00');
select try.shift('Bar', '2026-11-20 18:10+00', '2026-11-20 20:00+00') as bar \gset
select is(try.plan(), '1 0 0 0', 'less than a quarter of an hour ahead it is due at once');
select is(try.move(:bar, '2026-11-20', '19:12', '21:00') || try.waits(), '1', 'R-C4 moving takes the unsent back in the same transaction');
select is(try.became(), 'Bob Bar start_15 r1 cancelled moved', '... with the cause');
select is(try.move(:bar, '2026-11-20', '19:14', '21:00') || ' ' || try.plan() || ' ' || try.waits(), '1 1 0 0 0 Bob Bar start_15 r3', 'R-C4 moved twice: planned anew under the last revision');
select count(*) from claim_notifications(10);
select try.move(:bar, '2026-11-20', '20:00', '21:00');
select is((select concat_ws(' ', p.outcome, p.cause) from scheduled_notifications q cross join lateral prepare_notification(q.id, q.lease_id) p where kind = 'shift_start'), 'skip moved', 'R-C4 one that was claimed already is found out just before sending');
select is(try.plan(), '0 0 0 0', 'nothing is due of the new time');
select is(try.planned_at('2026-11-20 18:45+00'), '1 0 0 0', '... until it is');
select cancel_shift(try.s('Ada'), 'org', :bar, (select version from duty_schedules where id = :bar), null);
select is(try.waits(), '', 'R-C4 cancelling takes it back');
select is(try.plan() || ' ' || right(try.became(), 45), '0 0 0 0 Bob Bar start_15 r4 cancelled shift_cancelled', '... for good');

-- Reassigned in the last minute.
select try.forget(); select try.clock('2026-11-20 18:00+00');
select try.shift('Bar', '2026-11-20 18:10+00', '2026-11-20 20:00+00') as bar \gset
select try.run();
select try.clock('2026-11-20 18:09:30+00');
select unassign_shift(try.s('Ada'), 'org', :bar, :bob);
select assign_shift(try.s('Ada'), 'org', :bar, jsonb_build_array(:cem), false);
select is(try.plan() || ' ' || try.waits(), '1 0 0 0 Cem Bar start_15 r1', 'reassigned in the last minute: who has it now is reminded, nobody else');
select unassign_shift(try.s('Ada'), 'org', :bar, :cem);
select assign_shift(try.s('Ada'), 'org', :bar, jsonb_build_array(:bob), false);
select is(try.plan() || ' ' || try.waits(), '1 0 0 0 Bob Bar start_15 r1', '... and back again');
select is(try.deliver(), 2, '... with the mail that says so');
select unassign_shift(try.s('Ada'), 'org', :bar, :bob); select assign_shift(try.s('Ada'), 'org', :bar, jsonb_build_array(:bob), false);
select is(try.plan(), '0 0 0 0', 'what was sent is not sent again');
select try.clock('2026-11-20 18:30+00');
select assign_shift(try.s('Ada'), 'org', :bar, jsonb_build_array(:dora), false);
select is(try.plan(), '0 0 0 0', 'who is assigned after the start is not reminded of it, nor counted as missed');

-- Three days without a planner.
select try.forget(); select try.clock('2026-11-20 18:00+00'); select try.run();
select try.shift('Was', '2026-11-21 10:00+00', '2026-11-21 12:00+00', '{Bob,Cem}'), try.shift('Long', '2026-11-22 20:00+00', '2026-11-23 17:45+00'), try.shift('Soon', '2026-11-23 18:05+00', '2026-11-23 19:00+00') as soon;
select is(try.planned_at('2026-11-23 18:00+00'), '1 1 0 5', 'R-C2 three days without a run: what still helps is planned, what does not is counted');
select is(try.became(), 'Bob Was start_15 r1 expired too_late, Bob Long start_15 r1 expired too_late, Bob Was end r1 expired too_late, Cem Was start_15 r1 expired too_late, Cem Was end r1 expired too_late', '... as expired, in the ledger');
select is(try.waits(), 'Bob Soon start_15 r1, Bob Long end r1', '... these go out');
select is(try.plan(), '0 0 0 0', '... each once');
select is(try.deliver(), 2, '... at once');
select try.shift('Ancient', '2026-11-10 10:00+00', '2026-11-10 12:00+00');
update duty_assignments set assigned_at = '2026-11-01' where schedule_id = (select id from duty_schedules where title = 'Ancient');
update shift_planning set starts_to = '2026-11-01', ends_to = '2026-11-01';
select is(try.plan(), '0 0 0 0', 'of what was more than three days ago nothing is told, nor what is told already');

-- The clock is set two hours back, and on.
select try.forget(); select try.clock('2026-11-20 18:00+00');
select try.shift('Bar', '2026-11-20 17:00+00', '2026-11-20 17:20+00'); update duty_assignments set assigned_at = '2026-11-20 10:00+00';
select is(try.planned_at('2026-11-20 18:00+00'), '0 0 0 0', 'a clock that runs ahead: nothing helps any more');
select is(try.planned_at('2026-11-20 16:50+00'), '1 0 0 0', '... set back, it is due after all');
select is(try.deliver(), 1, '... and leaves');
select is(try.planned_at('2026-11-20 18:55+00'), '0 0 0 0', '... set on again, not a second time');

-- The nights on which clocks change: 02:30 in Berlin is 01:30 UTC, then 00:30.
select try.forget(); select try.clock('2027-03-27 12:00+00'); select try.run(); update try.signed_in set session = try.sign_in(name);
select make_shift(try.s('Ada'), 'org', '{"title": "Night", "start_date": "2027-03-28", "start_time": "01:50", "end_time": "03:10"}') is not null;
select assign_shift(try.s('Ada'), 'org', (select id from duty_schedules), jsonb_build_array(:bob), false);
select try.clock('2027-03-28 00:34+00'); select try.deliver();
select is(try.planned_at('2027-03-28 00:34:59+00') || ', ' || try.planned_at('2027-03-28 00:35+00'), '0 0 0 0, 1 0 0 0', 'R-C2 the night that loses an hour: a quarter of an hour before 01:50');
select is(try.planned_at('2027-03-28 01:09:59+00') || ', ' || try.planned_at('2027-03-28 01:10+00'), '0 0 0 0, 0 1 0 0', '... and at 03:10, twenty minutes after');
select try.forget(); select try.clock('2027-10-30 12:00+00'); select try.run(); update try.signed_in set session = try.sign_in(name);
select make_shift(try.s('Ada'), 'org', '{"title": "Night", "start_date": "2027-10-31", "start_time": "01:50", "end_time": "03:10"}') is not null;
select assign_shift(try.s('Ada'), 'org', (select id from duty_schedules), jsonb_build_array(:bob), false);
select is(try.planned_at('2027-10-30 23:34:59+00') || ', ' || try.planned_at('2027-10-30 23:35+00'), '0 0 0 0, 1 0 0 0', 'R-C2 the night that gains one: before 01:50, which comes once');
select is(try.planned_at('2027-10-31 02:09:59+00') || ', ' || try.planned_at('2027-10-31 02:10+00'), '0 0 0 0, 0 1 0 0', '... and at 03:10, two hours and twenty minutes after');

-- What the mail is made of.
select is((select concat_ws(' ', row_id = a.id, r.generation, r.expires_at) from scheduled_notifications q join duty_assignments a using (schedule_id) cross join lateral shift_reminder_row(q) r where q.kind = 'shift_end'), 't 1 2027-10-31 02:40:00+00', 'R-C6 its link is the assignment''s, until half an hour after the end');
select is((select (shift_display(q) ->> 'when_text') from scheduled_notifications q where q.kind = 'shift_end'), 'Sunday 31 October 2027, 01:50–03:10', 'it tells the time by the person''s clock');

-- Two at once.
select try.forget(); select try.clock('2026-11-20 18:00+00');
select try.shift('Bar', '2026-11-20 18:10+00', '2026-11-20 20:00+00') as bar \gset
select dblink_connect('one', format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()));
select dblink_exec('one', 'begin');
select is((select p from dblink('one', 'select planned_start from enqueue_due_shift_notifications()') d(p int)), 1, 'R-C5 pg_cron and a sweep at once: one plans');
select is(try.plan(), '0 0 0 0', '... the other does not wait, and plans nothing');
select dblink_exec('one', 'commit');
select is(try.plan(), '0 0 0 0', '... nor later');

-- A million shifts.
select try.forget(); select try.clock('2026-11-20 18:00+00');
insert into duty_schedules (org_id, title, start_at, end_at) select :org, 'S' || n, app_now() + n * interval '10 minutes', app_now() + n * interval '10 minutes' + interval '2 hours' from generate_series(-50000, 50000) n;
insert into duty_assignments (org_id, schedule_id, user_id, assigned_at) select :org, id, :bob, '2020-01-01' from duty_schedules;
analyze duty_schedules; analyze duty_assignments;
create function try.explain(query text) returns text language plpgsql as $$
declare line text; said text := '';
begin for line in execute 'explain (costs off) ' || query loop said := said || line || ' '; end loop; return said; end $$;
select ok(try.explain('select from duty_schedules s join duty_assignments a on a.schedule_id = s.id where s.status = ''active'' and s.start_at > app_now() and s.start_at <= app_now() + interval ''15 minutes''') ~ 'duty_schedules_start.*duty_assignments_schedule_id_user_id_key', 'R-C5 what is due is found by index');
select * from finish();
