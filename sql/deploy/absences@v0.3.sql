-- Deploy rollcall:absences to pg
-- Who was registered and did not come, and taking that back.

begin;

-- A batch is one going through an event's participants, by the sweep or
-- because an admin said so, in short transactions of so many at a time. It is
-- taken back by going through them once more.

create table absence_batches (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  event_id bigint not null references events on delete cascade,
  revision int not null,
  automatic boolean not null,
  actor_id bigint,
  state text not null check (state in ('asked', 'declined', 'flagging', 'done', 'taking_back', 'taken_back')),
  position bigint not null default 0,
  scanned int not null default 0,
  flagged int not null default 0,
  skipped_present int not null default 0,
  skipped_late int not null default 0,
  skipped_absent int not null default 0,
  skipped_excused int not null default 0,
  skipped_waitlisted int not null default 0,
  skipped_withdrawn int not null default 0,
  batches int not null default 0,
  back int not null default 0,
  back_by bigint,
  created_at timestamptz not null default app_now(),
  decided_at timestamptz,
  finished_at timestamptz,
  back_at timestamptz
);

create unique index absence_batches_automatic on absence_batches (event_id, revision) where automatic;
create index absence_batches_event on absence_batches (event_id);
create index absence_batches_unfinished on absence_batches (id) where state in ('flagging', 'taking_back');
create index absence_batches_asked on absence_batches (org_id) where state = 'asked';
create index events_taking_attendance on events (effective_end) where status = 'completed' and takes_attendance;

comment on table absence_batches is
  'Each time the participants of an event that nobody had marked became absent. What was done to whom stands in the audit.';
comment on column absence_batches.revision is 'The event''s: one that was moved is gone through again after its new end.';
comment on column absence_batches.automatic is 'Begun by the sweep, once; else by an admin.';
comment on column absence_batches.actor_id is 'Which admin said so; null: the system.';
comment on column absence_batches.state is
  'asked: nobody at all was checked in, so that the admins are asked first; declined: they said no.';
comment on column absence_batches.position is 'The last person who was looked at, in the order of their numbers.';
comment on column absence_batches.batches is 'In how many transactions.';
comment on column absence_batches.back is 'How many were taken back: who was marked otherwise since is left alone.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('absence_batches', '{actor_id,state,back_by}', 'no: audit has what was done about them, and by them',
    'stays: a number');

create function step_absences(p_batch bigint, p_max int, p_request_id text) returns absence_batches
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_batch absence_batches;
  v_people bigint[];
  v_last bigint;
  v_marks attendance_mark[];
  v_changed int;
begin
  select * into v_batch from absence_batches where id = p_batch;
  select array_agg(p.id), max(p.user_id)
  into v_people, v_last
  from (
    select p.id, p.user_id
    from event_participants p
    join events e on e.id = p.event_id
    where p.event_id = v_batch.event_id
      and p.user_id > v_batch.position
      -- Moved to where it is still to come, or taken back, it is left alone.
      and (v_batch.state = 'taking_back' or (e.effective_end <= v_now and e.status <> 'cancelled' and e.deleted_at is null))
    order by p.user_id
    limit p_max
  ) p;

  -- Held in the order that mark_attendance() takes them in, so that nobody
  -- checks in between the look and the mark.
  with held as materialized (
    select p.id, p.status, p.attendance_status, p.attendance_updated_at
    from event_participants p
    where p.id = any (v_people)
    order by p.id
    for no key update
  ), looked_at as (
    select
      h.*,
      case
        when h.attendance_status <> 'unknown' then h.attendance_status
        when h.status = 'waitlisted' then 'waitlisted'
        when h.status = 'cancelled' then 'withdrawn'
      end as skipped
    from held h
    where v_batch.state = 'flagging'
  ), counted as (
    update absence_batches b
    set
      scanned = b.scanned + c.scanned,
      flagged = b.flagged + c.flagged,
      skipped_present = b.skipped_present + c.present,
      skipped_late = b.skipped_late + c.late,
      skipped_absent = b.skipped_absent + c.absent,
      skipped_excused = b.skipped_excused + c.excused,
      skipped_waitlisted = b.skipped_waitlisted + c.waitlisted,
      skipped_withdrawn = b.skipped_withdrawn + c.withdrawn
    from (
      select
        count(*) as scanned,
        count(*) filter (where l.skipped is null) as flagged,
        count(*) filter (where l.skipped = 'present') as present,
        count(*) filter (where l.skipped = 'late') as late,
        count(*) filter (where l.skipped = 'absent') as absent,
        count(*) filter (where l.skipped = 'excused') as excused,
        count(*) filter (where l.skipped = 'waitlisted') as waitlisted,
        count(*) filter (where l.skipped = 'withdrawn') as withdrawn
      from looked_at l
    ) c
    where b.id = p_batch
  )
  select array_agg(m.mark)
  into v_marks
  from (
    select row(
      l.id, 'absent', v_now, 'mark_absent', 'not_checked_in', format('absence-%s-%s', v_batch.id, l.id)
    )::attendance_mark
    from looked_at l
    where l.skipped is null
    union all
    select row(
      h.id, 'unknown', null, 'revert', 'taken_back', format('absence-%s-%s-back', v_batch.id, h.id)
    )::attendance_mark
    from held h
    join event_attendance_audit a
      on a.org_id = v_batch.org_id and a.dedupe_key = format('absence-%s-%s', v_batch.id, h.id)
    where v_batch.state = 'taking_back'
      and h.attendance_status = 'absent'
      -- That mark is the last one.
      and a.performed_at = h.attendance_updated_at
  ) m(mark);

  select count(*)
  into v_changed
  from mark_attendance(
    v_batch.org_id,
    case v_batch.state when 'taking_back' then v_batch.back_by else v_batch.actor_id end,
    v_marks,
    null,
    p_request_id
  );
  update absence_batches b
  set
    position = coalesce(v_last, b.position),
    batches = b.batches + case when b.state = 'flagging' and v_last is not null then 1 else 0 end,
    back = b.back + case when b.state = 'taking_back' then v_changed else 0 end,
    finished_at = case when cardinality(v_people) = p_max then b.finished_at else v_now end,
    state = case
      when cardinality(v_people) = p_max then b.state
      when b.state = 'taking_back' then 'taken_back'
      else 'done'
    end
  where b.id = p_batch
  returning * into v_batch;
  return v_batch;
end
$$;

comment on function step_absences(bigint, int, text) is
  'Goes through the next p_max participants of a batch that the caller holds: those whom nobody has marked become absent, '
  'or those whom it made absent, and whom nobody has marked since, are without a word of the door again.';

-- Asking the admins.

create function admin_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when m.user_id is null then 'not_admin'
    end
    from users u
    left join memberships m on m.user_id = u.id and m.org_id = (p_row).org_id and m.role = 'admin'
    where u.id = (p_row).user_id
  );
end
$$;

create function tell_admins(p_org bigint, p_kind text, p_key text, p_event bigint, p_expires timestamptz) returns void
  language sql
  begin atomic
    insert into scheduled_notifications (
      notification_id, org_id, kind, urgency, event_id, user_id, scheduled_for, not_before, expires_at, created_at
    )
    select
      format('%s-%s', p_key, m.user_id),
      p_org,
      k.kind,
      c.urgency,
      p_event,
      m.user_id,
      app_now(),
      app_now(),
      p_expires,
      app_now()
    from memberships m
    cross join notification_kinds k
    join notification_categories c using (category)
    where m.org_id = p_org
      and m.role = 'admin'
      and k.kind = p_kind
    on conflict (notification_id) do nothing;
  end;

comment on function tell_admins(bigint, text, text, bigint, timestamptz) is
  'Mails each admin of the organisation once for that key.';

create function absence_question_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return coalesce(
    admin_recheck(p_row),
    case
      when not exists (select from absence_batches b where b.event_id = (p_row).event_id and b.state = 'asked')
      then 'absences_decided'
    end
  );
end
$$;

create function absence_question_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'event_id', e.id,
      'event_title', shorten(e.title, 150),
      'starts_text', say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      'zone', z.zone,
      'unmarked', (
        select count(*)
        from event_participants p
        where p.event_id = e.id and p.attendance_status = 'unknown' and p.status = 'registered'
      )
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    join events e on e.id = (p_row).event_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

insert into notification_kinds (kind, category, template, recheck, display) values
  ('absence_question', 'shift', 'mail_absence', 'absence_question_recheck', 'absence_question_display');

create function absences_due() returns setof events
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

create function begin_absences(p_event bigint) returns text
  language sql stable
  begin atomic
    select case
      when exists (
        select from event_participants p
        where p.event_id = p_event and p.attendance_status in ('present', 'late')
      ) or not exists (
        select from event_participants p
        where p.event_id = p_event and p.attendance_status = 'unknown' and p.status = 'registered'
      ) then 'flagging'
      else 'asked'
    end;
  end;

comment on function begin_absences(bigint) is
  'How a batch by itself begins: where nobody at all was checked in, by asking.';

create function auto_flag_absences(p_max int)
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

create function planned_absences(p_max int) returns table (event_id bigint, state text, participants int)
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

-- What admins do.

create function absence_event(p_org bigint, p_event bigint) returns events
  language plpgsql
as $$
declare
  v_event events := team_event(p_org, p_event);
begin
  if v_event.status in ('draft', 'cancelled') then
    raise exception using errcode = 'RC409', message = 'event_not_held';
  elsif v_event.effective_end > app_now() then
    raise exception using errcode = 'RC425', message = 'absences_early';
  elsif not v_event.takes_attendance then
    raise exception using errcode = 'RC409', message = 'attendance_not_taken';
  end if;
  return v_event;
end
$$;

create function start_absences(p_session bytea, p_slug text, p_event bigint, p_request_id text) returns bigint
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

comment on function start_absences(bytea, text, bigint, text) is
  'An admin has those marked absent whom nobody has marked: the first 500 at once, the others by the sweep.';

create function decline_absences(p_session bytea, p_slug text, p_event bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
begin
  select t.org_id, t.user_id into v_team from require_team(p_session, p_slug, 'admin') t;
  perform team_event(v_team.org_id, p_event);
  update absence_batches
  set state = 'declined', actor_id = v_team.user_id, decided_at = app_now()
  where event_id = p_event and state = 'asked';
end
$$;

comment on function decline_absences(bytea, text, bigint) is
  'The admins say that nobody is to be marked absent where nobody was checked in. Again, or where nothing was asked, it '
  'changes nothing.';

create function take_absences_back(p_session bytea, p_slug text, p_event bigint, p_batch bigint, p_request_id text)
  returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_batch absence_batches;
begin
  select t.org_id, t.user_id into v_team from require_team(p_session, p_slug, 'admin') t;
  perform team_event(v_team.org_id, p_event);
  select * into v_batch from absence_batches where id = p_batch and event_id = p_event for no key update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_batch.state not in ('flagging', 'done') then
    raise exception using errcode = 'RC409', message = 'absences_back';
  end if;
  update absence_batches
  set state = 'taking_back', position = 0, back_by = v_team.user_id, back_at = app_now()
  where id = p_batch;
  perform step_absences(p_batch, 500, p_request_id);
end
$$;

comment on function take_absences_back(bytea, text, bigint, bigint, text) is
  'An admin takes a whole batch back, so far as nobody has marked them since: the first 500 at once, the others by the sweep.';

-- What they look at first.

create function absence_preview(p_session bytea, p_slug text, p_event bigint)
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

comment on function absence_preview(bytea, text, bigint) is
  'What start_absences() would do now, and whom it would leave alone, and why. Changes nothing.';

grant select on absence_batches to rollcall_staff;
grant execute on function
  start_absences(bytea, text, bigint, text),
  decline_absences(bytea, text, bigint),
  take_absences_back(bytea, text, bigint, bigint, text),
  absence_preview(bytea, text, bigint)
  to rollcall_staff;
grant execute on function
  auto_flag_absences(int),
  planned_absences(int)
  to rollcall_sweep;

commit;
