-- B5: who was registered and not marked by the end is absent: in batches, once,
-- with an audit row each; asked first when nobody at all was checked in; and
-- taken back as a whole.
\ir fixture.sql
select * from no_plan();

create function try.people(event text, count int, first int default 1) returns void language sql as $$
  with u as (insert into users (email, name, quiet) select event || i || '@example.org', event || i, false from generate_series(first, first + count - 1) i returning id)
  insert into event_participants (event_id, org_id, user_id) select e.id, e.org_id, u.id from u, events e where e.title = event
$$;
create function try.held(title text, people int, takes boolean default true, org text default 'org') returns bigint language plpgsql as $$
begin
  insert into events (org_id, title, starts_at, ends_at, status, takes_attendance)
  select o.id, held.title, '2026-11-20 14:00+00', '2026-11-20 16:00+00', 'ongoing', takes from organizations o where o.slug = org;
  perform advance_events();
  return try.event_id(title);
end $$;
create function try.door(event text, person text, word text) returns void language sql as $$
  update event_participants set attendance_status = word, attendance_marked_at = app_now() where event_id = try.event_id(event) and user_id = try.user_id(person)
$$;
-- One run of the sweep: how many calls, and what the last one said.
create function try.sweep(max int default 500) returns text language plpgsql as $$
declare
  r record;
  said text;
  calls int := 0;
begin
  loop
    select * into r from auto_flag_absences(max);
    exit when not found;
    calls := calls + 1;
    said := concat_ws(' ', r.state, (r.total).scanned, (r.total).flagged, (r.total).batches);
  end loop;
  return calls || coalesce(': ' || said, '');
end $$;
create function try.words(event text) returns text language sql stable as $$
  select string_agg(w || ' ' || n, ', ' order by w) from (
    select attendance_status as w, count(*) as n from event_participants where event_id = try.event_id(event) group by 1) s
$$;
create function try.state(event text) returns text language sql stable as $$
  select string_agg(state, ', ' order by id) from absence_batches where event_id = try.event_id(event)
$$;

select try.person('Amy', null, 'org', 'admin'), try.person('Sid', null, 'org', 'staff'), try.org('other'), try.person('Eve', null, 'other', 'admin');
select try.sign_in('Amy') as amy, try.sign_in('Sid') as sid, try.sign_in('Eve') as eve \gset

-- By itself, on completion.
select try.held('Talk', 7) as talk, try.people('Talk', 7) \gset
select try.door('Talk', 'Talk1', 'present'), try.door('Talk', 'Talk2', 'late'), try.door('Talk', 'Talk3', 'excused');
update event_participants set status = 'waitlisted' where user_id = try.user_id('Talk4');
update event_participants set status = 'cancelled' where user_id = try.user_id('Talk5');
select is(try.sweep(), '1: done 7 2 1', 'R-B5 who was registered and not marked is absent');
select is(try.words('Talk'), 'absent 2, excused 1, late 1, present 1, unknown 2', '... and nobody else');
select results_eq(
  'select scanned, flagged, skipped_present, skipped_late, skipped_excused, skipped_absent, skipped_waitlisted, skipped_withdrawn from absence_batches',
  'values (7, 2, 1, 1, 1, 0, 1, 1)', 'R-B5 the others are counted by why they are not'
);
select results_eq(
  'select action, previous_status, new_status, actor_id, reason_code, count(distinct dedupe_key)::int, count(*)::int from event_attendance_audit group by 1, 2, 3, 4, 5',
  $$ values ('mark_absent', 'unknown', 'absent', null::bigint, 'not_checked_in', 2, 2) $$, 'R-B5 an audit row each, by the system, with its reason and a key'
);
select is((select count(*)::int from event_participants where attendance_status = 'absent' and attendance_marked_by is null and attendance_marked_at = app_now()), 2, '... the system marked them');
select is(try.sweep(), '0', 'R-B5 again nothing is done');
select is((select count(*) from event_attendance_audit), 2::bigint, '... or written');

-- Batches.
select try.held('Many', 0) as many, try.people('Many', 25) \gset
select try.door('Many', 'Many3', 'present');
select is(try.sweep(10), '3: done 25 24 3', 'R-B5 in batches of so many');
select is(try.words('Many'), 'absent 24, present 1', '... all of them');
select try.held('Full', 0), try.people('Full', 20);
select try.door('Full', 'Full20', 'late');
select is(try.sweep(10), '3: done 20 19 2', '... the last batch a full one');
select is((select count(*) from event_attendance_audit a join absence_batches b using (event_id) group by b.event_id having count(*) > 0 limit 1) > 0, true, '... audited');

-- Only where it is wanted.
select try.held('Open', 0, false), try.people('Open', 2);
select try.door('Open', 'Open1', 'present');
select is(try.sweep() || try.words('Open'), '0present 1, unknown 1', 'R-B5 not where no attendance is taken');
select try.held('Empty', 0);
select is(try.sweep(), '1: done 0 0 0', 'where nobody was registered nobody is asked about it');
select try.held('Old', 0), try.people('Old', 2);
update events set starts_at = '2026-11-01 10:00+00', ends_at = '2026-11-01 12:00+00' where title = 'Old';
select try.door('Old', 'Old1', 'present');
select is(try.sweep(), '0', 'R-A4 not of events that ended more than 14 days ago');

-- Nobody at all was checked in.
select try.held('Quiet', 0) as quiet, try.people('Quiet', 3) \gset
select is((select string_agg(concat_ws(' ', state, participants), ', ') from planned_absences(10) p), 'asked 3', 'R-B5 the sweep''s dry run says what it would begin');
select is(try.sweep(), '1: asked 0 0 0', 'R-B5 where nobody at all was checked in, the admins are asked first');
select is(try.words('Quiet'), 'unknown 3', '... and nobody is flagged');
select is(try.sweep(), '0', '... nor asked about again');
select is((select string_agg(u.name || ' ' || q.kind, ', ') from scheduled_notifications q join users u on u.id = q.user_id), 'Amy absence_question', 'R-B5 ... by one mail to each admin');
select is((select absence_question_display(q) ->> 'unmarked' from scheduled_notifications q), '3', '... which says how many');
select is((select absence_question_recheck(q) from scheduled_notifications q), null, '... and is wanted');
select is(start_absences(:'amy', 'org', :quiet, 'req-1') > 0, true, '... until an admin says so');
select is(try.words('Quiet') || ', ' || try.state('Quiet'), 'absent 3, done', '... then they are absent');
select is((select absence_question_recheck(q) from scheduled_notifications q), 'absences_decided', '... and the mail is not wanted any more');
select is((select bool_and(actor_id = try.user_id('Amy') and request_id = 'req-1') from event_attendance_audit where event_id = :quiet), true, '... by that admin');
select try.held('Still', 0) as still, try.people('Still', 3) \gset
select is(try.sweep(), '1: asked 0 0 0', 'asked about another');
select decline_absences(:'amy', 'org', :still);
select is(try.words('Still') || ', ' || try.state('Still') || ', ' || try.sweep(), 'unknown 3, declined, 0', 'R-B5 or an admin says no, and they stay');

-- By hand.
select try.held('Hand', 0) as hand, try.people('Hand', 3) \gset
select try.door('Hand', 'Hand1', 'present');
update events set status = 'ongoing', starts_at = '2026-11-20 17:00+00', ends_at = '2026-11-20 19:00+00' where id = :hand;
select is(try.sweep(), '0', 'what was due is not after the event was moved ahead');
select throws_ok(format('select start_absences(%L, ''org'', %s, null)', :'amy', :hand), 'RC425', 'absences_early', 'R-B5 by hand not before the end');
select results_eq(format('select would_flag, checked_in, present from absence_preview(%L, ''org'', %s)', :'sid', :hand), 'values (2, 1, 1)', 'R-B5 a dry run says what would be done');
select is(try.words('Hand') || (select count(*) from absence_batches where event_id = :hand), 'present 1, unknown 20', '... and changes nothing');
select try.clock('2026-11-20 19:00+00');
select is(start_absences(:'amy', 'org', :hand, null) > 0, true, '... at the end');
select is(try.words('Hand'), 'absent 2, present 1', '... they are absent');
select advance_events();
select is(try.sweep() || ' ' || try.state('Hand'), '0 done', 'R-B5 ... and completion does it no second time');
update events set takes_attendance = false where id = :hand;
select throws_ok(format('select start_absences(%L, ''org'', %s, null)', :'amy', :hand), 'RC409', 'attendance_not_taken', 'not where no attendance is taken');
update events set status = 'cancelled' where id = :still;
select throws_ok(format('select start_absences(%L, ''org'', %s, null)', :'amy', :still), 'RC409', 'event_not_held', 'nor of a cancelled event');
select throws_ok(format('select start_absences(%L, ''org'', %s, null)', :'sid', :quiet), 'RC404', 'absent', 'R-O1 staff cannot start it');
select throws_ok(format('select start_absences(%L, ''org'', %s, null)', :'eve', :quiet), 'RC404', 'absent', 'R-O2 nor another organisation''s admin');
select throws_ok(format('select start_absences(%L, ''other'', %s, null)', :'eve', :quiet), 'RC404', 'absent', 'R-O2 ... as if it were theirs');
select is((select count(*) from absence_preview(:'eve', 'other', :quiet) where would_flag + absent > 0), 0::bigint, 'R-O2 nor look');

-- A whole batch is taken back.
select id as batch from absence_batches where event_id = :many \gset
select try.clock('2026-11-20 19:10+00');
select try.sign_in('Amy') as amy \gset
create function try.correct(person text, event text, word text) returns int language sql as $$
  select count(*)::int from mark_attendance((select org_id from events where title = event), try.user_id('Sid'),
    array(select row(p.id, word, app_now(), 'correction', 'own_word', null)::attendance_mark from event_participants p where p.event_id = try.event_id(event) and p.user_id = try.user_id(person)), null, null)
$$;
select try.correct('Many1', 'Many', 'present'), try.correct('Many2', 'Many', 'present');
select try.clock('2026-11-20 19:11+00');
select try.correct('Many2', 'Many', 'absent');
select throws_ok(format('select take_absences_back(%L, ''org'', %s, %s, null)', :'sid', :many, :batch), 'RC404', 'absent', 'R-O1 staff take nothing back');
select throws_ok(format('select take_absences_back(%L, ''org'', %s, %s, null)', :'amy', :talk, :batch), 'RC404', 'absent', 'a batch of another event is none of this one');
select take_absences_back(:'amy', 'org', :many, :batch, 'req-2');
select is(try.words('Many'), 'absent 1, present 2, unknown 22', 'R-B5 a whole batch is taken back, but for whom staff have marked since');
select results_eq(
  format('select action, previous_status, new_status, reason_code, actor_id = try.user_id(''Amy''), request_id, count(*)::int from event_attendance_audit where event_id = %s and action = ''revert'' group by 1, 2, 3, 4, 5, 6', :many),
  $$ values ('revert', 'absent', 'unknown', 'taken_back', true, 'req-2', 22) $$, 'R-B5 ... audited, row by row');
select is((select state || ' ' || back from absence_batches where id = :batch), 'taken_back 22', '... and counted');
select throws_ok(format('select take_absences_back(%L, ''org'', %s, %s, null)', :'amy', :many, :batch), 'RC409', 'absences_back', 'the second press says so');
select is(try.sweep(), '0', '... and they are not flagged again by themselves');
select is(start_absences(:'amy', 'org', :many, null) > 0, true, '... but by hand they can be');
select is(try.words('Many'), 'absent 23, present 2', '... again');

-- Large ones: the first 500 at once, the rest by the sweep.
select try.held('Big', 0) as big, try.people('Big', 1200) \gset
select try.door('Big', 'Big1', 'present');
select start_absences(:'amy', 'org', :big, null) as batch \gset
select is(try.words('Big') || ' ' || try.state('Big'), 'absent 499, present 1, unknown 700 flagging', 'R-B5 by hand, the first 500 at once');
select throws_ok(format('select start_absences(%L, ''org'', %s, null)', :'amy', :big), 'RC409', 'absences_busy', 'the second press begins no second batch');
select is(try.sweep(), '2: done 1200 1199 3', '... the rest by the sweep');
select take_absences_back(:'amy', 'org', :big, :batch, null);
select is(try.words('Big') || ' ' || try.state('Big'), 'absent 700, present 1, unknown 499 taking_back', '... and back');
select is(try.sweep(), '2: taken_back 1200 1199 3', '... the rest by the sweep');
select is(try.words('Big'), 'present 1, unknown 1199', '... all of them');

-- Moved to where it is still to come, a batch ends.
select try.held('Moved', 0) as moved, try.people('Moved', 30) \gset
select try.door('Moved', 'Moved1', 'present');
select count(*) from auto_flag_absences(10);
update events set starts_at = '2026-11-27 14:00+00', ends_at = '2026-11-27 16:00+00' where id = :moved;
select is(try.sweep(10) || ' ' || try.words('Moved'), '1: done 10 9 1 absent 9, present 1, unknown 20', 'an event that was moved ahead is left alone');
select try.clock('2026-11-27 16:00+00');
select advance_events(), advance_events();
select is(try.sweep(), '1: done 30 20 1', '... until its new end');
select is((select count(*) from verify_audit(null)), 0::bigint, 'R-B6 the chain is sound');

-- Only from completion on: not what was over before Rollcall kept that.
insert into events (org_id, title, starts_at, ends_at, status, takes_attendance) values (:org, 'Before', '2026-11-26 14:00+00', '2026-11-26 16:00+00', 'completed', true);
select try.people('Before', 3), try.door('Before', 'Before1', 'present');
select try.sweep() as said \gset
select is(:'said' || ', ' || try.words('Before'), '0, present 1, unknown 2', 'R-B5 what was over before is left alone, and nobody asked');
select try.held('Late', 0, false), try.people('Late', 3), try.door('Late', 'Late1', 'present');
update events set takes_attendance = true where title = 'Late';
select is(try.sweep(), '0', 'R-B5 ... so is what takes attendance only since it was over');

-- One that fails holds up no other.
create function try.refuse() returns trigger language plpgsql as $$ begin
  if (select title from events where id = new.event_id) = 'Bad' and try.bad() then raise exception 'secret words'; end if;
  return new;
end $$;
create function try.bad() returns boolean language sql as $$ select app_now() < '2026-11-27 16:02+00' $$;
create trigger refuse before update on event_participants for each row execute function try.refuse();
select try.held('Bad', 0) as bad, try.people('Bad', 3), try.held('Good', 0), try.people('Good', 3) \gset
set session_replication_role = replica;
select try.door('Bad', 'Bad1', 'present');
reset session_replication_role;
select try.door('Good', 'Good1', 'late');
select try.sweep() as said \gset
select is(:'said' || ', ' || try.words('Good') || ', ' || try.words('Bad'), '2: done 3 2 1, absent 2, late 1, present 1, unknown 2', 'R-B5 one event that fails holds up no other');
select is((select concat_ws(' ', state, failures, last_error, not_before) from absence_batches where event_id = :bad), 'due 1 P0001 2026-11-27 16:01:00+00', '... it is remembered by the error''s code, with no word of it');
select is((select count(*)::int from absence_batches b where b.event_id = :bad and (b.scanned > 0 or b.flagged > 0)), 0, '... and nothing of it was done');
select is(try.sweep(), '0', '... nor tried again at once');
select try.clock('2026-11-27 16:01+00');
select is(try.sweep(), '1: due 0 0 0', '... but after a minute');
select try.clock('2026-11-27 16:03+00');
select try.sweep() as said \gset
select is(:'said' || ', ' || try.words('Bad'), '1: done 3 2 1, absent 2, present 1', '... then two, and it is done');
select is((select concat_ws(' ', state, failures, last_error) from absence_batches where event_id = :bad), 'done 2', '... what failed is counted');

-- After a long time without a sweep: each event costs the same, however many are due.
insert into events (org_id, title, starts_at, ends_at, status, takes_attendance)
select :org, 'Down ' || n, '2026-11-27 10:00+00', '2026-11-27 12:00+00', 'ongoing', true from generate_series(1, 400) n;
insert into event_participants (event_id, org_id, user_id, attendance_status)
select e.id, e.org_id, u.id, case when u.name = 'Bad1' then 'present' else 'unknown' end from events e, users u where e.title like 'Down %' and u.name in ('Bad1', 'Bad2');
select advance_events();
analyze absence_batches, events;
create function try.reads() returns bigint language sql volatile as $$
  select pg_stat_force_next_flush();
  select sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint from pg_stat_user_tables where relname in ('events', 'absence_batches')
$$;
select pg_stat_force_next_flush();
select try.reads() as before \gset
select 'select count(*) from auto_flag_absences(500)' from generate_series(1, 100) \gexec
select pg_stat_force_next_flush();
select try.reads() as first \gset
select 'select count(*) from auto_flag_absences(500)' from generate_series(1, 200) \gexec
select pg_stat_force_next_flush();
select try.reads() as between \gset
select 'select count(*) from auto_flag_absences(500)' from generate_series(1, 100) \gexec
select pg_stat_force_next_flush();
select try.reads() as last \gset
select is((select count(*)::int from absence_batches b join events e on e.id = b.event_id where e.title like 'Down %' and b.state = 'done'), 400, 'R-B5 all are done after a long time without a sweep');
select ok(:last - :between < 2 * (:first - :before), format('... the last hundred reads no more than the first: %s rows and %s', :last - :between, :first - :before));
select * from finish();
