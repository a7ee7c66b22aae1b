-- Deploy rollcall:event_life to pg
-- Places that come free, however they do, go to who waits, in order; and people
-- are mailed what they have: a place, or a place on the waiting list.

set client_min_messages = warning;

drop index if exists event_participants_waiting;
create index concurrently event_participants_waiting
  on event_participants (event_id, updated_at, id) where status = 'waitlisted';

begin;

insert into notification_kinds (kind, category, template, recheck, link, display) values
  ('registration', 'event', 'mail_place', 'place_recheck', 'place_row', 'place_display'),
  ('promotion', 'event', 'mail_place', 'place_recheck', 'place_row', 'place_display');

comment on column event_participants.updated_at is 'When the status last changed: who waits, waits in this order.';

create function queue_place_mails(p_event events, p_kind text, p_participants bigint[]) returns void
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
    format('%s-%s-%s', k.kind, p.id, extract(epoch from p.updated_at)::bigint), p.org_id, k.kind, c.urgency, p.event_id,
    p.user_id, p.status, p_event.revision, v_now, v_now, p_event.starts_at, v_now
  from notification_kinds k
  join notification_categories c using (category)
  join event_participants p on p.id = any (p_participants)
  where k.kind = p_kind
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

comment on function queue_place_mails(events, text, bigint[]) is
  'Mails participants of the event what they have there now, unless it has begun.';

create function enroll_people(p_event events, p_users bigint[], p_request_id text)
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
  if v_capacity is not null then
    -- Places are given away one at a time, and nobody passes who waits.
    select e.capacity into v_capacity from events e where e.id = p_event.id for no key update;
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

comment on function enroll_people(events, bigint[], text) is
  'Registers people in this order, puts them on the waiting list when the event is full, mails them, and says what each '
  'has now. Who has a place, or waits, keeps that. Whether it may be done is the caller''s to decide.';

create or replace function register_for_event(p_session bytea, p_event bigint, p_request_id text) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_event events := open_event(v_user, p_event);
begin
  return (select p.status from enroll_people(v_event, array[v_user], p_request_id) p);
end
$$;

create or replace function withdraw_from_event(p_session bytea, p_event bigint, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_event events := open_event(v_user, p_event);
begin
  -- The event first, as who registers does, so that nobody waits in a circle.
  perform from events where id = v_event.id and capacity is not null for no key update;
  update event_participants
  set status = 'cancelled', request_id = left(p_request_id, 64), updated_at = app_now()
  where event_id = v_event.id
    and user_id = v_user
    and status <> 'cancelled';
end
$$;

-- Whoever takes somebody off the list, or makes room, does no more than that.

create function promote_waiting(p_event bigint) returns int
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
  ), next as (
    select p.id
    from event_participants p
    where p.event_id = p_event and p.status = 'waitlisted'
    order by p.updated_at, p.id
    limit (select free.places from free)
    for no key update
  ), promoted as (
    update event_participants p
    set status = 'registered', request_id = null, updated_at = app_now()
    from next
    where p.id = next.id
    returning p.id
  )
  select array_agg(promoted.id) into v_ids from promoted;
  perform queue_place_mails(v_event, 'promotion', v_ids);
  return coalesce(cardinality(v_ids), 0);
end
$$;

comment on function promote_waiting(bigint) is
  'Gives free places of an event that has not begun to who waits longest, and mails them: how many.';

create function place_freed() returns trigger
  language plpgsql
as $$
begin
  if exists (
    select from events where id = old.event_id and capacity is not null and starts_at > app_now()
  ) then
    perform promote_waiting(old.event_id);
  end if;
  return null;
end
$$;

create function room_made() returns trigger
  language plpgsql
as $$
begin
  perform promote_waiting(new.id);
  return null;
end
$$;

create function waiting_place(p_session bytea, p_event bigint) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select count(*)
    from event_participants own
    join event_participants w on w.event_id = own.event_id
    where own.event_id = p_event
      and own.user_id = session_user_id(p_session)
      and own.status = 'waitlisted'
      and w.status = 'waitlisted'
      and (w.updated_at, w.id) <= (own.updated_at, own.id)
    having count(*) > 0
  );
end
$$;

comment on function waiting_place(bytea, bigint) is 'The person''s place on the waiting list, 1 is next; null: on none.';

-- Its mails.

create function place_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when e.id is null or e.deleted_at is not null or e.status = 'cancelled' then 'event_cancelled'
      when e.status = 'draft' then 'event_draft'
      when e.starts_at <= app_now() then 'too_late'
      when coalesce(p.status, 'cancelled') = 'cancelled' then 'withdrawn'
      when p.status <> (p_row).notify_type then 'place_changed'
      when u.suppressed_at is not null then 'suppressed'
    end
    from users u
    left join events e on e.id = (p_row).event_id
    left join event_participants p on p.event_id = e.id and p.user_id = u.id
    where u.id = (p_row).user_id
  );
end
$$;

comment on function place_recheck(scheduled_notifications) is
  'Why the mail about somebody''s place is not wanted any more, or null. One that tells of another place than they have '
  'now is not: there is a mail about that.';

create function place_row(
  p_row scheduled_notifications, out row_id bigint, out generation int, out expires_at timestamptz
)
  language plpgsql stable
as $$
begin
  select p.id, p.generation, e.effective_end + interval '7 days' into row_id, generation, expires_at
  from event_participants p
  join events e on e.id = p.event_id
  where p.event_id = p_row.event_id
    and p.user_id = p_row.user_id
    and p.status = 'registered';
end
$$;

create function place_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', u.name,
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'event_id', e.id,
      'event_title', shorten(e.title, 150),
      'starts_text', say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      'zone', z.zone,
      'location', shorten(e.location, 200),
      'is_virtual', e.is_virtual,
      'is_registered', p.status = 'registered',
      'is_promoted', (p_row).kind = 'promotion',
      'waiting_place', (
        select count(*)
        from event_participants w
        where w.event_id = e.id
          and w.status = 'waitlisted'
          and (w.updated_at, w.id) <= (p.updated_at, p.id)
      )
    )
    from events e
    join organizations o on o.id = e.org_id
    join users u on u.id = (p_row).user_id
    join event_participants p on p.event_id = e.id and p.user_id = u.id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where e.id = (p_row).event_id
  );
end
$$;

create or replace function held_until(p_row scheduled_notifications) returns timestamptz
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.quiet
        and (
          c.quiet_hours = 'held'
          or (c.quiet_hours = 'held_unless_soon' and e.starts_at > app_now() + interval '24 hours')
        )
      then quiet_until(app_now(), safe_zone(coalesce(u.timezone, o.timezone)), u.quiet_from, u.quiet_to)
      else app_now()
    end
    from notification_kinds k
    join notification_categories c using (category)
    join users u on u.id = (p_row).user_id
    left join organizations o on o.id = (p_row).org_id
    left join events e on e.id = (p_row).event_id
    where k.kind = (p_row).kind
  );
end
$$;

grant execute on function waiting_place(bytea, bigint) to rollcall_member;

commit;

-- Last, and alone: these tables are in use, and nobody waits long behind it.
do $$
begin
  perform set_config('lock_timeout', '80ms', true);
  for v_try in 1..100 loop
    begin
      alter table event_participants add column generation int not null default 1;
      comment on column event_participants.generation is 'Raising it revokes the code of the registration.';
      create trigger event_participants_freed
        after update of status on event_participants
        for each row when (old.status = 'registered' and new.status <> 'registered')
        execute function place_freed();
      create trigger event_participants_gone
        after delete on event_participants
        for each row when (old.status = 'registered')
        execute function place_freed();
      create trigger events_room
        after update of capacity, status, starts_at, deleted_at on events
        for each row when (
          (old.capacity, old.status, old.starts_at, old.deleted_at)
          is distinct from (new.capacity, new.status, new.starts_at, new.deleted_at)
        )
        execute function room_made();
      return;
    exception when lock_not_available then
      if v_try = 100 then
        raise;
      end if;
    end;
    perform pg_sleep(0.2);
  end loop;
end
$$;
