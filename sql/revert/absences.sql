-- Revert rollcall:absences from pg

begin;

delete from absence_batches where state = 'due';
drop function planned_absences(int);
drop function auto_flag_absences(int);
drop function open_absences(absence_batches);
drop function absence_is_due(absence_batches);
drop index absence_batches_next;
create index absence_batches_unfinished on absence_batches (id) where state in ('flagging', 'taking_back');
alter table absence_batches
  drop column not_before,
  drop column last_error,
  drop column failures,
  drop constraint absence_batches_state_check,
  add constraint absence_batches_state_check
    check (state in ('asked', 'declined', 'flagging', 'done', 'taking_back', 'taken_back'));
comment on column absence_batches.state is
  'asked: nobody at all was checked in, so that the admins are asked first; declined: they said no.';
update personal_data set columns = '{actor_id,state,back_by}' where relation = 'absence_batches';
create index events_taking_attendance on events (effective_end) where status = 'completed' and takes_attendance;

create or replace function absences_due() returns setof events
  language sql stable
as $$
  select e.*
  from events e
  where e.status = 'completed'
    and e.takes_attendance
    and e.deleted_at is null
    and e.effective_end > app_now() - interval '14 days'
    and not exists (select from absence_batches b where b.event_id = e.id and b.revision = e.revision)
  order by e.effective_end
$$;

comment on function absences_due() is
  'Events that are completed and take attendance, and whose participants nobody went through yet: of the last 14 days.';

create or replace function auto_flag_absences(p_max int)
  returns table (
    batch_id bigint, org_id bigint, event_id bigint, state text, scanned int, changed int, total absence_batches
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_before absence_batches;
  v_event events;
begin
  select * into v_before
  from absence_batches b
  where b.state in ('flagging', 'taking_back')
  order by b.id
  limit 1
  for no key update skip locked;
  if not found then
    select e.* into v_event from absences_due() e limit 1;
    if not found then
      return;
    end if;
    insert into absence_batches (org_id, event_id, revision, automatic, state)
    values (v_event.org_id, v_event.id, v_event.revision, true, begin_absences(v_event.id))
    -- Another run was faster: what it began, it goes on with.
    on conflict do nothing
    returning * into v_before;
    if not found then
      return;
    end if;
  end if;

  total := v_before;
  if v_before.state = 'asked' then
    perform tell_admins(
      v_event.org_id,
      'absence_question',
      format('absences-%s-r%s', v_event.id, v_event.revision),
      v_event.id,
      v_event.effective_end + interval '14 days'
    );
  else
    total := step_absences(v_before.id, p_max, null);
  end if;
  batch_id := total.id;
  org_id := total.org_id;
  event_id := total.event_id;
  state := total.state;
  scanned := total.scanned - v_before.scanned;
  changed := total.flagged + total.back - v_before.flagged - v_before.back;
  return next;
end
$$;

comment on function auto_flag_absences(int) is
  'The next p_max participants of a batch that is not done, or of the next event that is due; to be called again after '
  'a row.';

create or replace function planned_absences(p_max int) returns table (event_id bigint, state text, participants int)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      e.id,
      begin_absences(e.id),
      (
        select count(*)::int
        from event_participants p
        where p.event_id = e.id and p.attendance_status = 'unknown' and p.status = 'registered'
      )
    from absences_due() e
    limit p_max;
end
$$;

comment on function planned_absences(int) is 'What auto_flag_absences() would begin now. Begins nothing.';

create or replace function start_absences(p_session bytea, p_slug text, p_event bigint, p_request_id text) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_event events;
  v_batch bigint;
begin
  select t.org_id, t.user_id into v_team from require_team(p_session, p_slug, 'admin') t;
  v_event := absence_event(v_team.org_id, p_event);
  if exists (select from absence_batches where event_id = p_event and state in ('flagging', 'taking_back')) then
    raise exception using errcode = 'RC409', message = 'absences_busy';
  end if;
  update absence_batches
  set state = 'flagging', actor_id = v_team.user_id, decided_at = app_now()
  where event_id = p_event and state = 'asked'
  returning id into v_batch;
  if not found then
    insert into absence_batches (org_id, event_id, revision, automatic, actor_id, state, decided_at)
    values (v_team.org_id, p_event, v_event.revision, false, v_team.user_id, 'flagging', app_now())
    returning id into v_batch;
  end if;
  return (step_absences(v_batch, 500, p_request_id)).id;
end
$$;

grant execute on function
  auto_flag_absences(int),
  planned_absences(int)
  to rollcall_sweep;

create or replace function absence_preview(p_session bytea, p_slug text, p_event bigint)
  returns table (
    would_flag int, checked_in int, present int, late int, absent int, excused int, waitlisted int, withdrawn int
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  set jit = off
as $$
begin
  return query
    select
      count(*) filter (where p.status = 'registered' and p.attendance_status = 'unknown')::int,
      count(*) filter (where p.attendance_status in ('present', 'late'))::int,
      count(*) filter (where p.attendance_status = 'present')::int,
      count(*) filter (where p.attendance_status = 'late')::int,
      count(*) filter (where p.attendance_status = 'absent')::int,
      count(*) filter (where p.attendance_status = 'excused')::int,
      count(*) filter (where p.status = 'waitlisted' and p.attendance_status = 'unknown')::int,
      count(*) filter (where p.status = 'cancelled' and p.attendance_status = 'unknown')::int
    from team_org(p_session, p_slug, 'staff') t
    join events e on e.org_id = t.org_id and e.id = p_event
    join event_participants p on p.event_id = e.id
    where e.deleted_at is null;
end
$$;

drop function door_tally(bigint);

commit;
