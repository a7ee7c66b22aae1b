-- R-C1, R-C4, R-C6, R-O1, R-O2: shifts as staff make, move, cancel and fill
-- them, and what people say of theirs.
\ir fixture.sql
select plan(80);
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Stu', null, 'org', 'staff') as stu,
  try.person('Bob') as bob, try.person('Cem', 'America/New_York') as cem, try.person('Dora', null, 'org', 'door') as dora \gset
select try.org('club') as club \gset
select try.person('Zoe', null, 'club', 'admin') as zoe \gset
insert into memberships (user_id, org_id) values (:bob, :club);
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Stu', 'Bob', 'Cem', 'Dora', 'Zoe']) n;
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = s.name and s.name = $1 $$;
-- A form; more: what is otherwise.
create function try.form(title text, day text, starts text, ends text, more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('title', title, 'start_date', day, 'start_time', starts, 'end_time', ends) || more $$;
create function try.made(title text, day text, starts text, ends text, more jsonb default '{}', who text default 'Ada', org text default 'org') returns bigint language sql as $$
  select shift_id from make_shift(try.s(who), org, try.form(title, day, starts, ends, more)) $$;
create function try.refusal(call text) returns text language plpgsql as $$
  declare v_detail text;
  begin execute 'select ' || call; return 'taken';
  exception when others then get stacked diagnostics v_detail = pg_exception_detail; return concat_ws(' ', sqlstate, sqlerrm, nullif(v_detail, '')); end $$;
create function try.hours(shift bigint) returns text language sql stable as $$
  select to_char(start_at at time zone 'Europe/Berlin', 'DD HH24:MI') || '-' || to_char(end_at at time zone 'Europe/Berlin', 'DD HH24:MI') || ' ' || (end_at - start_at) from duty_schedules where id = shift $$;
-- Mails about changes that wait: "Bob moved".
create function try.told() returns text language sql stable as $$
  select coalesce(string_agg(u.name || ' ' || q.notify_type, ', ' order by u.name, q.id), '') from scheduled_notifications q join users u on u.id = q.user_id where q.kind in ('shift_change', 'shift_news') $$;
create function try.people(shift bigint) returns text language sql stable as $$
  select coalesce(string_agg(u.name || ' ' || a.status || coalesce(' ' || a.late_minutes, ''), ', ' order by u.name), '') from duty_assignments a join users u on u.id = a.user_id where a.schedule_id = shift $$;
create function try.version(shift bigint) returns int language sql stable as $$ select version from duty_schedules where id = shift $$;
create function try.assign(shift bigint, who bigint[], anyway boolean default false, by text default 'Stu') returns int language sql as $$
  select assign_shift(try.s(by), 'org', shift, to_jsonb(who), anyway) $$;

-- Forms. It is Friday 20 November 2026, 19:00 in Berlin.
select try.made('Bar', '2026-11-27', '18:00', '22:00', '{"location": "Hall", "capacity": "2"}') as bar \gset
select is(try.hours(:bar), '27 18:00-27 22:00 04:00:00', 'R-C1 a shift is entered by the clocks of its organisation');
select is((select concat_ws(' ', title, location, capacity, status, revision) from duty_schedules where id = :bar), 'Bar Hall 2 active 1', '... with what the form says');
select is(try.refusal($$try.made('Bar', '2026-11-27', '18:00', '17:00')$$), 'RC422 end_before_start end_time', 'one that ends before it starts is refused');
select is(try.refusal($$try.made('Bar', '2026-11-27', '18:00', '18:00')$$), 'RC422 end_before_start end_time', '... or takes no time');
select is(try.refusal($$try.made('Bar', '2026-11-27', '18:00', '18:01', '{"end_date": "2026-11-29"}')$$), 'RC422 shift_too_long end_date', '... or more than 48 hours');
select is(try.refusal($$try.made('Bar', '2026-11-27', '18:00', '02:00', '{"end_date": "2026-11-28"}')$$), 'taken', 'it may end on another day');
select is(try.refusal($$try.made('Bar', '2026-11-20', '18:00', '18:59')$$), 'RC422 shift_past start_date', 'one that is over already is refused');
select is(try.refusal($$try.made('Bar', '2026-11-20', '18:00', '19:01')$$), 'taken', '... one that has begun is not');
select is(try.refusal($$try.made(E'Bar\r\nBcc: x', '2026-11-27', '18:00', '19:00')$$), 'RC422 bad_title title', 'a title that would inject a header is refused');
select is(try.refusal($$try.made('Bar', '2026-11-27', '18:00', '19:00', '{"location": "Hall\r\nBcc: x"}')$$), 'RC422 bad_place location', '... and a place');
select is(try.refusal($$try.made('Bar', '2026-02-30', '18:00', '19:00')$$), 'RC422 bad_date start_date', '... a day that is none');
select is(try.refusal($$try.made('Bar', '2026-11-27', '25:00', '26:00')$$), 'RC422 bad_time start_time', '... an hour');
select is(try.refusal($$try.made('Bar', '2026-11-27', '18:00', '19:00', '{"capacity": "0"}')$$), 'RC422 bad_capacity capacity', '... a capacity of nobody');

-- The two nights on which clocks change.
select try.made('Spring', '2027-03-27', '22:00', '06:00', '{"end_date": "2027-03-28"}') as spring,
  try.made('Autumn', '2027-10-30', '22:00', '06:00', '{"end_date": "2027-10-31"}') as autumn,
  try.made('Doubled', '2027-10-31', '02:30', '03:30') as doubled \gset
select is(try.hours(:spring), '27 22:00-28 06:00 07:00:00', 'a night shift across the hour that is left out takes an hour less');
select is(try.hours(:autumn), '30 22:00-31 06:00 09:00:00', '... across the one that comes twice an hour more');
select is(try.hours(:doubled), '31 02:30-31 03:30 02:00:00', 'an hour that comes twice means the first');
select is(try.refusal($$try.made('Gap', '2027-03-28', '02:30', '04:00')$$), 'RC422 time_skipped start_time', 'one that is left out is refused');

-- Repeats.
create function try.days(of_shift bigint) returns text language sql stable as $$
  select string_agg(to_char(r.start_at at time zone 'Europe/Berlin', 'MM-DD HH24'), ', ' order by r.start_at) from duty_schedules s join duty_schedules r on r.series_id = s.series_id where s.id = of_shift $$;
select try.made('Weekly', '2027-03-21', '02:30', '04:00', '{"repeats": "weekly", "times": "3"}') as weekly,
  try.made('Fifth', '2026-11-30', '09:00', '10:00', '{"repeats": "monthly_weekday", "times": "3"}') as fifth,
  try.made('Work', '2026-11-26', '09:00', '10:00', '{"repeats": "workdays", "until": "2026-12-01"}') as work,
  try.made('Last day', '2026-12-31', '09:00', '10:00', '{"repeats": "monthly_date", "times": "3"}') as last_day \gset
select is(try.days(:weekly), '03-21 02, 03-28 03, 04-04 02', 'a repeat whose hour is left out that night comes an hour on');
select is(try.days(:fifth), '11-30 09, 12-28 09, 01-25 09', 'the last Monday of a month');
select is(try.days(:work), '11-26 09, 11-27 09, 11-30 09, 12-01 09', 'each workday until a day');
select is(try.days(:last_day), '12-31 09, 01-31 09, 03-31 09', 'day 31 of the months that have one');
select is(try.refusal($$try.made('Many', '2026-11-27', '09:00', '10:00', '{"repeats": "daily", "until": "2027-11-27"}')$$), 'RC422 too_many_shifts until', 'no more than 200 at once');
select is(try.refusal($$try.made('Many', '2026-11-27', '09:00', '10:00', '{"repeats": "daily", "times": "201"}')$$), 'RC422 bad_shift_times times', '... by their number');
select is(try.refusal($$try.made('Many', '2026-11-27', '09:00', '10:00', '{"repeats": "daily"}')$$), 'RC422 repeats_endless until', '... and none without an end');
select is((select made from make_shift(try.s('Ada'), 'org', try.form('Many', '2026-11-27', '07:00', '08:00', '{"repeats": "daily", "times": "200"}'))), 200, '200 are made');

-- Who may.
select is(try.refusal(format('try.made(%L, %L, %L, %L, %L, %L)', 'Bar', '2026-11-27', '18:00', '19:00', '{}', who)), 'RC404 absent', 'R-O1 shifts are an admin''s to make, not for ' || who) from unnest(array['Stu', 'Dora', 'Bob', 'Zoe']) who;
select is(try.refusal(format('cancel_shift(try.s(%L), %L, %s, 1, null)', who, org, :bar)), 'RC404 absent', 'R-O2 nor ' || who || ' of ' || org || ' to cancel') from (values ('Stu', 'org'), ('Zoe', 'club'), ('Zoe', 'org')) w(who, org);
select is(try.refusal(format('change_shift(try.s(''Zoe''), ''club'', %s, 1, try.form(''Bar'', ''2026-11-28'', ''18:00'', ''22:00''))', :bar)), 'RC404 absent', 'R-O2 another organisation''s shift is not there');
select is(try.refusal(format('assign_shift(try.s(''Zoe''), ''club'', %s, %L, true)', :bar, jsonb_build_array(:bob))), 'RC404 absent', '... to assign anybody to');
select is(try.refusal(format('staff_check_shift(try.s(''Zoe''), ''club'', %s, %s, ''check_in'', false)', :bar, :bob)), 'RC404 absent', '... or check in');
select is(try.refusal(format('try.assign(%s, %L, true, ''Dora'')', :bar, array[:bob])), 'RC404 absent', 'who stands at the door assigns nobody');

-- Assigning.
select is(try.refusal(format('try.assign(%s, %L)', :bar, array[:zoe])), 'RC422 nobody_ticked who', 'R-O2 only members of the organisation are assigned');
select is(try.assign(:bar, array[:bob, :cem]), 2, 'R-O1 staff assign many at once');
select is(try.told(), 'Bob assigned, Cem assigned', '... who are told');
select is(try.assign(:bar, array[:bob]), 0, '... once');
select is(try.refusal(format('try.assign(%s, %L)', :bar, array[:dora])), 'RC422 shift_full who', 'no more than there are places');
select try.made('Late bar', '2026-11-27', '21:00', '23:00') as late_bar, try.made('After', '2026-11-27', '22:00', '23:00') as after \gset
select is(try.refusal(format('try.assign(%s, %L)', :after, array[:cem])), 'taken', 'one that begins when the other ends is no overlap');
select is(try.refusal(format('try.assign(%s, %L)', :late_bar, array[:bob])), 'RC422 shift_overlap who', 'who has another shift then is asked about once more');
select is(try.assign(:late_bar, array[:bob], true), 1, '... and assigned all the same');
select try.made('Theirs', '2026-11-27', '18:30', '19:00', '{}', 'Zoe', 'club') as theirs \gset
select assign_shift(try.s('Zoe'), 'club', :theirs, jsonb_build_array(:bob), true);
select is((select string_agg(coalesce(title, '(another)'), ', ') from shift_clashes((select s from duty_schedules s where id = :bar), array[:bob])), '(another), Late bar', 'R-O2 of another organisation''s shift only that there is one');
select is((select string_agg(name || coalesce(': ' || clash, ''), '; ') from people_to_assign(try.s('Stu'), 'org', :late_bar, 'c', null, 10)), 'Cem: Bar, Friday 27 November 2026, 18:00–22:00', 'who is sought is shown with what they have then');
select unassign_shift(try.s('Stu'), 'org', :late_bar, :bob);
select is((select string_agg(u.name || ' ' || q.notify_type, ', ') from scheduled_notifications q join users u on u.id = q.user_id where schedule_id = :late_bar), null, 'who is taken off before they were told is told neither');
select is(try.refusal(format('unassign_shift(try.s(''Stu''), ''org'', %s, %s)', :late_bar, :bob)), 'RC404 absent', '... and is not there any more');

-- Moving: several changes, one mail.
select try.clock('2026-11-20 18:02+00');
select try.deliver();
select is(try.told(), '', 'the mails about being assigned have left');
select change_shift(try.s('Ada'), 'org', :bar, 1, try.form('Bar', '2026-11-28', '18:00', '22:00', '{"location": "Hall", "capacity": "2"}'));
select is(try.told(), 'Bob moved, Cem moved', 'R-C4 who is assigned is told that it moved');
select is(try.refusal(format('change_shift(try.s(''Ada''), ''org'', %s, 1, try.form(''Bar'', ''2026-11-29'', ''18:00'', ''22:00''))', :bar)), 'RC409 changed_meanwhile', 'nobody overwrites what another admin changed meanwhile');
select change_shift(try.s('Ada'), 'org', :bar, 2, try.form('Bar', '2026-11-29', '19:00', '22:00', '{"location": "Hall", "capacity": "2"}'));
select is(try.told(), 'Bob moved, Cem moved', 'moved twice is one mail');
select is((select shift_display(q) ->> 'when_text' from scheduled_notifications q where user_id = :cem and kind = 'shift_change'), 'Sunday 29 November 2026, 13:00–16:00', '... with the last time, by the person''s clock');
select is((select revision from duty_schedules where id = :bar), 3, 'R-C4 the revision rises each time');
select change_shift(try.s('Ada'), 'org', :bar, 3, try.form('Bar!', '2026-11-29', '19:00', '22:00', '{"location": "Hall", "capacity": "2", "notes": "Bring gloves"}'));
select is((select revision || ' ' || version from duty_schedules where id = :bar), '3 4', '... but not with its words');
select is(try.refusal(format('change_shift(try.s(''Ada''), ''org'', %s, 4, try.form(''Bar'', ''2026-11-29'', ''19:00'', ''22:00'', ''{"capacity": "1"}''))', :bar)), 'RC422 capacity_below capacity', 'nobody is put out by making it smaller');
select unassign_shift(try.s('Stu'), 'org', :bar, :cem);
select is(try.told(), 'Bob moved, Cem unassigned', 'taken off after it moved: told only that');
select is(cancel_shift(try.s('Ada'), 'org', :bar, 4, null), 1, 'it is cancelled');
select is(try.told(), 'Bob cancelled, Cem unassigned', '... and who was assigned is told that in place of the rest');
select is(try.refusal(format('try.assign(%s, %L)', :bar, array[:cem])), 'RC410 shift_cancelled', 'nobody is assigned to a cancelled shift');

-- This and following.
select try.assign(id, array[:bob], true) from duty_schedules where series_id = :weekly;
select try.clock('2026-11-20 18:10+00'); select try.deliver();
select is(change_shift(try.s('Ada'), 'org', (select id from duty_schedules where series_id = :weekly order by start_at offset 1 limit 1), 1, try.form('Weekly', '2027-03-29', '22:00', '06:00', '{"end_date": "2027-03-30", "scope": "following"}')), 2, 'this one and the following');
select is(try.days(:weekly), '03-21 02, 03-29 22, 04-05 22', '... move by as many days and to the new hours; what was before stays');
select is(try.told(), 'Bob moved_following', '... and who is assigned to all of them gets one mail');
select is(cancel_shift(try.s('Ada'), 'org', :weekly, 1, 'following'), 3, 'all of them are cancelled');
select is((select string_agg(notify_type || coalesce(' ' || shift_change_recheck(q), ''), ', ' order by id) from scheduled_notifications q), 'moved_following shift_cancelled, cancelled_following', '... which one mail tells');

-- Coming, late, and not.
select try.made('Now', '2026-11-20', '20:00', '21:00', '{"capacity": "1"}') as now \gset
select try.assign(:now, array[:bob]);
select is((select not_before from scheduled_notifications where schedule_id = :now), app_now(), 'what begins within the hour is told at once');
delete from scheduled_notifications;
select is(try.refusal(format('check_shift(try.s(''Cem''), %s, ''check_in'')', :now)), 'RC404 absent', 'who is not assigned cannot check in');
select say_shift_word(try.s('Bob'), :now, 'late', 15);
select is(try.people(:now), 'Bob assigned 15', 'R-C6 running late stands at the shift');
select is(try.told(), 'Ada late, Stu late', 'R-C6 and the team is told at once: staff and admins, nobody else');
select say_shift_word(try.s('Bob'), :now, 'late', 15);
select is(try.told(), 'Ada late, Stu late', '... once');
select try.clock('2026-11-20 18:11+00');
select say_shift_word(try.s('Bob'), :now, 'declined', null);
select is(try.people(:now), 'Bob declined', 'R-C6 so does: cannot come');
select try.assign(:now, array[:cem]);
select is(try.people(:now), 'Bob declined, Cem assigned', '... which frees the place');
select is(try.refusal(format('say_shift_word(try.s(''Bob''), %s, ''coming'', null)', :now)), 'RC422 shift_full who', '... for good once somebody else has it');
select is((select string_agg(concat_ws(' ', u.name, q.notify_type, shift_news_recheck(q)), ', ' order by q.id) from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'shift_news'), 'Ada late replaced, Stu late replaced, Ada declined, Stu declined', 'only what is so still leaves');
select is(check_shift(try.s('Cem'), :now, 'check_in')::text || check_shift(try.s('Cem'), :now, 'check_in'), 'truefalse', 'checked in once, however often it is pressed');
select is(staff_check_shift(try.s('Stu'), 'org', :now, :cem, 'check_in', true), true, 'staff take back what was wrong');
select is((select count(*)::int || ' ' || count(undone_at) from attendance_logs), '1 1', '... and the row stays, marked');
select is(try.refusal(format('check_shift(try.s(''Bob''), %s, ''check_in'')', :after)), 'RC404 absent', 'nobody checks in where they are not');
select is(try.refusal(format('check_shift(try.s(''Cem''), %s, ''check_in'')', :after)), 'RC425 shift_early', 'nor a week before');
delete from memberships where user_id = :cem and org_id = :org;
select is(try.people(:now) || '/' || try.people(:after), 'Bob declined/', 'who leaves the organisation has no shifts there to come');
select * from finish();
