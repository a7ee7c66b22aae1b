-- Deploy rollcall:absences to pg
-- An event is due from the moment of its completion on, when attendance is
-- taken there: what was over before is left alone, however the door stood
-- then. And one that fails holds up no other: it is tried again later.

drop index concurrently if exists events_taking_attendance;

begin;

alter table absence_batches
  drop constraint absence_batches_state_check,
  add constraint absence_batches_state_check
    check (state in ('due', 'asked', 'declined', 'flagging', 'done', 'taking_back', 'taken_back')),
  add column failures int not null default 0,
  add column last_error text,
  add column not_before timestamptz not null default '-infinity';

drop index absence_batches_unfinished;
create index absence_batches_next on absence_batches (not_before, id) where state in ('due', 'flagging', 'taking_back');

comment on column absence_batches.state is
  'due: the event was completed, and nobody looked at it yet; asked: nobody at all was checked in, so that the admins are '
  'asked first; declined: they said no.';
comment on column absence_batches.last_error is 'Why it failed last, as PostgreSQL''s code says; null: it did not, or went on since.';
comment on column absence_batches.not_before is 'When one that failed is tried again.';

update personal_data set columns = '{actor_id,state,back_by,last_error}' where relation = 'absence_batches';

drop function planned_absences(int);
drop function auto_flag_absences(int);
drop function absences_due();

create function absence_is_due(p_batch absence_batches) returns boolean
  language sql stable
  begin atomic
    select exists (
      select from events e
      where e.id = (p_batch).event_id
        and e.revision = (p_batch).revision
        and e.status = 'completed'
        and e.takes_attendance
        and e.deleted_at is null
        and e.effective_end > app_now() - interval '14 days'
    );
  end;

comment on function absence_is_due(absence_batches) is
  'Whether what was due at the event''s completion still is: it was not moved or taken back, and ended within 14 days.';

create function open_absences(p_batch absence_batches) returns absence_batches
  language plpgsql
as $$
declare
  v_batch absence_batches;
begin
  if not absence_is_due(p_batch) then
    delete from absence_batches where id = (p_batch).id;
    return null;
  end if;
  update absence_batches b
  set state = begin_absences(b.event_id)
  where b.id = (p_batch).id
  returning * into v_batch;
  if v_batch.state = 'asked' then
    perform tell_admins(
      v_batch.org_id, 'absence_question', format('absences-%s-r%s', v_batch.event_id, v_batch.revision), v_batch.event_id,
      (select e.effective_end + interval '14 days' from events e where e.id = v_batch.event_id)
    );
  end if;
  return v_batch;
end
$$;

comment on function open_absences(absence_batches) is
  'Begins a batch that is due, by asking where nobody at all was checked in; null: it is not due any more, and gone.';

create function auto_flag_absences(p_max int)
  returns table (
    batch_id bigint, org_id bigint, event_id bigint, state text, scanned int, changed int, total absence_batches
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_before absence_batches;
  v_constraint text;
begin
  loop
    select * into v_before
    from absence_batches b
    where b.state in ('due', 'flagging', 'taking_back')
      and b.not_before <= app_now()
    order by b.not_before, b.id
    limit 1
    for no key update skip locked;
    if not found then
      return;
    end if;
    -- What goes wrong with one is its own: a time limit, too.
    begin
      total := v_before;
      if v_before.state = 'due' then
        total := open_absences(v_before);
      end if;
      if total.state in ('flagging', 'taking_back') then
        total := step_absences(v_before.id, p_max, null);
      end if;
      if total.last_error is not null then
        update absence_batches b set last_error = null, not_before = '-infinity'
        where b.id = total.id
        returning * into total;
      end if;
    exception when others or query_canceled then
      get stacked diagnostics v_constraint = constraint_name;
      update absence_batches b
      set
        failures = b.failures + 1,
        last_error = concat_ws(' ', sqlstate, nullif(v_constraint, '')),
        not_before = app_now() + least(interval '1 minute' * power(2, least(b.failures, 6)), interval '1 hour')
      where b.id = v_before.id
      returning * into total;
    end;
    exit when total.id is not null;
  end loop;
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
  'The next p_max participants of a batch that is not done, one that is due included; to be called again after a row. One '
  'that failed has total.last_error, and is tried again after a minute, then two, up to an hour.';

create function planned_absences(p_max int) returns table (event_id bigint, state text, participants int)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      b.event_id,
      begin_absences(b.event_id),
      (
        select count(*)::int
        from event_participants p
        where p.event_id = b.event_id and p.attendance_status = 'unknown' and p.status = 'registered'
      )
    from absence_batches b
    where b.state = 'due'
      and absence_is_due(b)
    order by b.not_before, b.id
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
  where event_id = p_event and revision = v_event.revision and state in ('asked', 'due')
  returning id into v_batch;
  if not found then
    insert into absence_batches (org_id, event_id, revision, automatic, actor_id, state, decided_at)
    values (v_team.org_id, p_event, v_event.revision, false, v_team.user_id, 'flagging', app_now())
    returning id into v_batch;
  end if;
  return (step_absences(v_batch, 500, p_request_id)).id;
end
$$;

create function door_tally(p_event bigint)
  returns table (
    registered bigint, unmarked bigint, present bigint, late bigint, absent bigint, excused bigint, waitlisted bigint,
    withdrawn bigint
  )
  language sql stable
as $$
  select
    count(*) filter (where p.status = 'registered'),
    count(*) filter (where p.status = 'registered' and p.attendance_status = 'unknown'),
    count(*) filter (where p.attendance_status = 'present'),
    count(*) filter (where p.attendance_status = 'late'),
    count(*) filter (where p.attendance_status = 'absent'),
    count(*) filter (where p.attendance_status = 'excused'),
    count(*) filter (where p.status = 'waitlisted' and p.attendance_status = 'unknown'),
    count(*) filter (where p.status = 'cancelled' and p.attendance_status = 'unknown')
  from event_participants p
  where p.event_id = p_event
$$;

comment on function door_tally(bigint) is
  'What the door has of an event''s people: how many are registered, whom nobody has marked, the door''s words, and who has '
  'neither a place nor a word.';

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
      d.unmarked::int,
      (d.present + d.late)::int,
      d.present::int,
      d.late::int,
      d.absent::int,
      d.excused::int,
      d.waitlisted::int,
      d.withdrawn::int
    from team_org(p_session, p_slug, 'staff') t
    join events e on e.org_id = t.org_id and e.id = p_event
    cross join lateral door_tally(e.id) d
    where e.deleted_at is null;
end
$$;

grant execute on function
  auto_flag_absences(int),
  planned_absences(int)
  to rollcall_sweep;

commit;
