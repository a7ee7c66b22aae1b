-- Deploy rollcall:reminders to pg
-- Reminders of shifts: a quarter of an hour before the start, and at the end.
-- What is due and missing is planned; what came too late is counted.

begin;

create function shift_reminder_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when s.status = 'cancelled' then 'shift_cancelled'
      when s.revision <> (p_row).revision then 'moved'
      when a.status is distinct from 'assigned' then 'not_assigned'
      when u.suppressed_at is not null then 'suppressed'
      else shift_time_refusal(s.id, u.id, (p_row).notify_type)
    end
    from users u
    join duty_schedules s on s.id = (p_row).schedule_id
    left join duty_assignments a on a.schedule_id = s.id and a.user_id = u.id
    where u.id = (p_row).user_id
  );
end
$$;

create function shift_time_refusal(p_schedule bigint, p_user bigint, p_type text) returns text
  language plpgsql stable
as $$
begin
  return (
    select case l.type when 'check_in' then 'checked_in' when 'check_out' then 'checked_out' end
    from attendance_logs l
    where l.schedule_id = p_schedule
      and l.user_id = p_user
      and l.undone_at is null
      and (l.type = 'check_out' or p_type = 'start_15')
    order by l.type
    limit 1
  );
end
$$;

comment on function shift_time_refusal(bigint, bigint, text) is
  'Why this person needs no such reminder of this shift: checked_in, of the start; checked_out; or null.';

create function shift_reminder_row(
  p_row scheduled_notifications, out row_id bigint, out generation int, out expires_at timestamptz
)
  language plpgsql stable
as $$
begin
  select a.id, a.generation, s.end_at + interval '30 minutes' into row_id, generation, expires_at
  from duty_assignments a
  join duty_schedules s on s.id = a.schedule_id
  where a.schedule_id = p_row.schedule_id
    and a.user_id = p_row.user_id;
end
$$;

insert into notification_kinds (kind, category, template, recheck, link, display) values
  ('shift_start', 'shift', 'mail_shift_reminder', 'shift_reminder_recheck', 'shift_reminder_row', 'shift_display'),
  ('shift_end', 'shift', 'mail_shift_reminder', 'shift_reminder_recheck', 'shift_reminder_row', 'shift_display');

-- Planning ------------------------------------------------------------------------

create table shift_planning (
  id int primary key default 1 check (id = 1),
  starts_to timestamptz not null,
  ends_to timestamptz not null
);

insert into shift_planning (starts_to, ends_to) values (app_now(), app_now());

comment on table shift_planning is
  'Up to which start, and which end, shifts have been looked at for reminders that came too late: what was missed while no '
  'planner ran is counted once. It decides nothing about what can still be sent.';

create function shift_reminders(p_type text, p_from timestamptz, p_to timestamptz)
  returns table (
    notification_id text, org_id bigint, schedule_id bigint, user_id bigint, revision int, due timestamptz,
    expires_at timestamptz
  )
  language plpgsql stable
  -- From one shift to the next by index, whatever the plan was made for.
  set enable_hashjoin = off
  set enable_mergejoin = off
  set enable_seqscan = off
  set jit = off
as $$
#variable_conflict use_column
begin
  if p_type = 'start_15' then
    return query
      select
        format('shift-%s-%s-start_15-r%s', s.id, a.user_id, s.revision), s.org_id, s.id, a.user_id, s.revision,
        s.start_at - interval '15 minutes', s.start_at
      from duty_schedules s
      join duty_assignments a on a.schedule_id = s.id
      where s.status = 'active'
        and s.start_at > p_from
        and s.start_at <= p_to
        and a.status = 'assigned'
        and a.assigned_at < s.start_at;
  else
    return query
      select
        format('shift-%s-%s-end-r%s', s.id, a.user_id, s.revision), s.org_id, s.id, a.user_id, s.revision,
        s.end_at, s.end_at + interval '30 minutes'
      from duty_schedules s
      join duty_assignments a on a.schedule_id = s.id
      where s.status = 'active'
        and s.end_at > p_from
        and s.end_at <= p_to
        and a.status = 'assigned'
        and a.assigned_at < s.end_at;
  end if;
end
$$;

comment on function shift_reminders(text, timestamptz, timestamptz) is
  'The reminders of shifts that start (start_15), or end (end), after p_from and no later than p_to.';

create function shift_reminder_decided(p_notification_id text) returns boolean
  language plpgsql stable
as $$
begin
  return exists (select from scheduled_notifications q where q.notification_id = p_notification_id)
    or exists (select from notification_pushes p where p.notification_id = p_notification_id)
    or exists (
      select from notification_log l
      where l.notification_id = p_notification_id
        -- Of these it is looked at whether they still hold.
        and coalesce(l.cause not in ('checked_in', 'checked_out', 'not_assigned', 'too_late', 'shift_cancelled'), true)
    );
end
$$;

comment on function shift_reminder_decided(text) is
  'Whether a reminder is on its way, or was sent or given up: not when it was not wanted for what may have changed back '
  'since, as who was taken off a shift and put on it again.';

create function plan_shift_reminders(p_type text, p_from timestamptz, p_to timestamptz, out planned int, out skipped int)
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  with wanted as materialized (
    select
      r.*, k.kind, c.urgency, nextval(pg_get_serial_sequence('public.scheduled_notifications', 'id')) as id,
      shift_time_refusal(r.schedule_id, r.user_id, p_type) as refusal
    from shift_reminders(p_type, p_from, p_to) r
    join notification_kinds k on k.kind = case p_type when 'start_15' then 'shift_start' else 'shift_end' end
    join notification_categories c using (category)
    where not shift_reminder_decided(r.notification_id)
  ), put as (
    insert into scheduled_notifications (
      notification_id, org_id, kind, urgency, schedule_id, user_id, notify_type, revision, scheduled_for, not_before,
      expires_at, created_at
    )
    select
      w.notification_id, w.org_id, w.kind, w.urgency, w.schedule_id, w.user_id, p_type, w.revision, w.due, w.due,
      w.expires_at, v_now
    from wanted w
    where w.refusal is null
    order by w.schedule_id, w.user_id
    on conflict (notification_id) do nothing
    returning 1
  ), left_out as (
    insert into notification_log (
      id, notification_id, org_id, kind, schedule_id, user_id, notify_type, revision, scheduled_for, state, cause,
      retry_count, created_at, processed_at
    )
    select
      w.id, w.notification_id, w.org_id, w.kind, w.schedule_id, w.user_id, p_type, w.revision, w.due, 'skipped',
      w.refusal, 0, v_now, v_now
    from wanted w
    where w.refusal is not null
      and not exists (select from notification_log l where l.notification_id = w.notification_id)
    returning 1
  )
  select (select count(*) from put), (select count(*) from left_out) into planned, skipped;
end
$$;

comment on function plan_shift_reminders(text, timestamptz, timestamptz) is
  'Plans those that are missing; one that its person needs no more is kept as skipped, with the reason, once.';

create function log_missed_reminders(
  p_type text, p_from timestamptz, p_to timestamptz, out expired int, out done_to timestamptz
)
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  -- So many shifts at a time, and those that start, or end, together together.
  if p_type = 'start_15' then
    select f.start_at into done_to
    from duty_schedules f
    where f.status = 'active' and f.start_at > p_from and f.start_at <= p_to
    order by f.start_at
    offset 1999 limit 1;
  else
    select f.end_at into done_to
    from duty_schedules f
    where f.status = 'active' and f.end_at > p_from and f.end_at <= p_to
    order by f.end_at
    offset 1999 limit 1;
  end if;
  done_to := coalesce(done_to, p_to);
  insert into notification_log (
    id, notification_id, org_id, kind, schedule_id, user_id, notify_type, revision, scheduled_for, state, cause,
    retry_count, created_at, processed_at
  )
  select
    nextval(pg_get_serial_sequence('public.scheduled_notifications', 'id')), r.notification_id, r.org_id,
    case p_type when 'start_15' then 'shift_start' else 'shift_end' end, r.schedule_id, r.user_id, p_type, r.revision,
    r.due, 'expired', 'too_late', 0, v_now, v_now
  from shift_reminders(p_type, p_from, done_to) r
  where not exists (select from scheduled_notifications q where q.notification_id = r.notification_id)
    and not exists (select from notification_log l where l.notification_id = r.notification_id);
  get diagnostics expired = row_count;
end
$$;

comment on function log_missed_reminders(text, timestamptz, timestamptz) is
  'Writes into the ledger what was never planned and is of no more use: how many, and up to when it came.';

create function enqueue_due_shift_notifications()
  returns table (planned_start int, planned_end int, skipped int, expired int, more boolean)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_at shift_planning;
  v_start record;
  v_end record;
  v_missed record;
begin
  planned_start := 0;
  planned_end := 0;
  skipped := 0;
  expired := 0;
  more := false;
  if not pg_try_advisory_xact_lock(hashtextextended('enqueue_due_shift_notifications', 0)) then
    return next;
    return;
  end if;
  v_start := plan_shift_reminders('start_15', v_now, v_now + interval '15 minutes');
  v_end := plan_shift_reminders('end', v_now - interval '30 minutes', v_now);
  planned_start := v_start.planned;
  planned_end := v_end.planned;
  skipped := v_start.skipped + v_end.skipped;

  select * into v_at from shift_planning;
  if v_at.starts_to < v_now then
    v_missed := log_missed_reminders('start_15', greatest(v_at.starts_to, v_now - interval '3 days'), v_now);
    update shift_planning set starts_to = v_missed.done_to;
    expired := v_missed.expired;
    more := v_missed.done_to < v_now;
  end if;
  if v_at.ends_to < v_now - interval '30 minutes' then
    v_missed := log_missed_reminders(
      'end', greatest(v_at.ends_to, v_now - interval '3 days'), v_now - interval '30 minutes'
    );
    update shift_planning set ends_to = v_missed.done_to;
    expired := expired + v_missed.expired;
    more := more or v_missed.done_to < v_now - interval '30 minutes';
  end if;
  if planned_start + planned_end > 0 then
    notify rollcall_queue, '';
  end if;
  return next;
end
$$;

comment on function enqueue_due_shift_notifications() is
  'Plans the reminders of shifts that are due and missing, and keeps as expired those of the last 3 days that nobody '
  'planned in time; to be called each minute, by the sweep or by pg_cron, and again while more. One works at a time: a '
  'second plans nothing.';

create function planned_shift_reminders(p_max int)
  returns table (notification_id text, schedule_id bigint, user_id bigint, scheduled_for timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    select r.notification_id, r.schedule_id, r.user_id, r.due
    from (
      select 'start_15' as type, s.* from shift_reminders('start_15', v_now, v_now + interval '15 minutes') s
      union all
      select 'end', e.* from shift_reminders('end', v_now - interval '30 minutes', v_now) e
    ) r
    where not shift_reminder_decided(r.notification_id)
      and shift_time_refusal(r.schedule_id, r.user_id, r.type) is null
    order by r.due, r.notification_id
    limit p_max;
end
$$;

comment on function planned_shift_reminders(int) is 'What enqueue_due_shift_notifications() would plan now, without planning it.';

create function wake_sweeps() returns trigger
  language plpgsql
as $$
begin
  notify rollcall_queue, '';
  return null;
end
$$;

comment on function wake_sweeps() is 'Sweeps that follow look again at when the next reminder is due.';

create trigger wake_sweeps after insert or update of start_at, end_at, status on duty_schedules
  for each statement execute function wake_sweeps();

-- Lines that wait for a digest have an urgency of their own, and are no messages.
create function next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select least(
      (
        select min(first.not_before)
        from generate_series(0, 3) u (urgency)
        cross join lateral (
          select q.not_before
          from scheduled_notifications q
          where q.urgency = u.urgency and q.not_before > app_now()
          order by q.not_before
          limit 1
        ) first
      ),
      (
        select min(s.start_at) - interval '15 minutes'
        from duty_schedules s
        where s.status = 'active' and s.start_at > app_now() + interval '15 minutes'
      ),
      (
        select min(s.end_at)
        from duty_schedules s
        where s.status = 'active' and s.end_at > app_now()
      )
    );
  end;

comment on function next_due() is
  'When, after now, the next message of the queue may go, or the next reminder of a shift is due; null: of none that '
  'is known.';

grant execute on function
  enqueue_due_shift_notifications(),
  planned_shift_reminders(int),
  next_due()
  to rollcall_sweep;

commit;
