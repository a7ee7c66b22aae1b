-- Deploy rollcall:event_life to pg
-- When an event was completed, which is when its door closed and its absences
-- are due; places are given in the order of all locks; and each change of
-- somebody's place has its own mail.

begin;

alter table events add column completed_at timestamptz;

comment on column events.completed_at is
  'When it was completed last, which is its end or what the sweep was late; null: not yet, or before this was kept.';

create or replace function queue_place_mails(p_event events, p_kind text, p_participants bigint[]) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  if p_event.starts_at <= v_now or p_participants is null then
    return;
  end if;
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, event_id, user_id, notify_type, revision, scheduled_for, not_before,
    expires_at, created_at
  )
  select
    format('%s-%s-%s', k.kind, p.id, (extract(epoch from p.updated_at) * 1000000)::bigint), p.org_id, k.kind, c.urgency, p.event_id,
    p.user_id, p.status, p_event.revision, v_now, v_now, p_event.starts_at, v_now
  from notification_kinds k
  join notification_categories c using (category)
  join event_participants p on p.id = any (p_participants)
  where k.kind = p_kind
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

create or replace function enroll_people(p_event events, p_users bigint[], p_request_id text)
  returns table (user_id bigint, status text)
  language plpgsql
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_capacity int := p_event.capacity;
  v_free bigint;
  v_ids bigint[];
begin
  if v_capacity is not null or cardinality(p_users) > 1 then
    -- Places are given away one at a time, and nobody passes who waits.
    select e.capacity into v_capacity from events e where e.id = p_event.id for no key update;
    perform from event_participants p
    where p.event_id = p_event.id
      and p.user_id = any (p_users)
    order by p.id
    for no key update;
    select
      case when count(*) filter (where p.status = 'waitlisted') > 0 then 0
      else greatest(v_capacity - count(*) filter (where p.status = 'registered'), 0) end
    into v_free
    from event_participants p
    where p.event_id = p_event.id
      and v_capacity is not null;
  end if;
  with wanted as (
    select w.id, row_number() over (order by min(w.place)) as place
    from unnest(p_users) with ordinality as w(id, place)
    where not exists (
      select from event_participants p
      where p.event_id = p_event.id
        and p.user_id = w.id
        and p.status <> 'cancelled'
    )
    group by w.id
  ), put as (
    insert into event_participants as p (event_id, org_id, user_id, status, request_id, created_at, updated_at)
    select
      p_event.id, p_event.org_id, w.id,
      case when v_capacity is null or w.place <= v_free then 'registered' else 'waitlisted' end,
      left(p_request_id, 64), v_now, v_now
    from wanted w
    order by w.place
    on conflict (event_id, user_id) do update
    set status = excluded.status, request_id = excluded.request_id, updated_at = excluded.updated_at
    where p.status = 'cancelled'
    returning p.id
  )
  select array_agg(put.id) into v_ids from put;
  perform queue_place_mails(p_event, 'registration', v_ids);
  return query
    select p.user_id, p.status
    from event_participants p
    where p.event_id = p_event.id
      and p.user_id = any (p_users);
end
$$;

create or replace function promote_waiting(p_event bigint) returns int
  language plpgsql
as $$
declare
  v_event events;
  v_ids bigint[];
begin
  select * into v_event
  from events
  where id = p_event
    and status = 'published'
    and deleted_at is null
    and starts_at > app_now()
  for no key update;
  if not found then
    return 0;
  end if;
  with free as (
    select case when v_event.capacity is not null then greatest(v_event.capacity - count(*), 0) end as places
    from event_participants
    where event_id = p_event and status = 'registered'
  )
  select array(
    select p.id
    from event_participants p
    where p.event_id = p_event and p.status = 'waitlisted'
    order by p.updated_at, p.id
    limit (select free.places from free)
  ) into v_ids;
  -- Held by their numbers; who was let in at the door meanwhile has a place.
  perform from event_participants where id = any (v_ids) order by id for no key update;
  with promoted as (
    update event_participants p
    set status = 'registered', request_id = null, updated_at = app_now()
    where p.id = any (v_ids) and p.status = 'waitlisted'
    returning p.id
  )
  select array_agg(promoted.id) into v_ids from promoted;
  perform queue_place_mails(v_event, 'promotion', v_ids);
  return coalesce(cardinality(v_ids), 0);
end
$$;


create or replace function advance_events() returns table (started int, completed int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
begin
  update events set status = 'ongoing', updated_at = v_now
  where id in (
    select e.id
    from events e
    where e.status = 'published'
      and e.starts_at <= v_now
      and e.deleted_at is null
    for no key update skip locked
  );
  get diagnostics started = row_count;
  with done as (
    update events e set status = 'completed', completed_at = v_now, updated_at = v_now
    where e.id in (
      select over.id
      from events over
      where over.status = 'ongoing'
        and over.effective_end <= v_now
        and over.deleted_at is null
      for no key update skip locked
    )
    returning e.*
  ), due as (
    insert into absence_batches (org_id, event_id, revision, automatic, state)
    select d.org_id, d.id, d.revision, true, 'due'
    from done d
    where d.takes_attendance
      and d.effective_end > v_now - interval '14 days'
      -- By hand it may have been done since the end.
      and not exists (select from absence_batches b where b.event_id = d.id and b.revision = d.revision)
    order by d.effective_end, d.id
    on conflict do nothing
  )
  select count(*) into completed from done;
  return next;
end
$$;

comment on function advance_events() is
  'Published events go on at their start and are completed at their end, however late this runs; those that somebody '
  'is changing just then the next time. Where attendance is taken, absences are due from then on.';

commit;
