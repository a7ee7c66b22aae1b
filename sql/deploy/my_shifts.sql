-- Deploy rollcall:my_shifts to pg
-- Shifts for those who take them: what they see and can press, signed in or by
-- the link of a reminder, and shifts that go from one to another.

begin;

create table shift_swaps (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  schedule_id bigint not null references duty_schedules on delete cascade,
  assignment_id bigint not null,
  user_id bigint not null references users on delete cascade,
  offered_at timestamptz not null default app_now(),
  withdrawn_at timestamptz,
  taken_at timestamptz,
  taken_by bigint,
  check ((taken_at is null) = (taken_by is null)),
  check (taken_at is null or withdrawn_at is null)
);

create unique index shift_swaps_open on shift_swaps (assignment_id) where taken_at is null and withdrawn_at is null;
create index shift_swaps_org on shift_swaps (org_id);
create index shift_swaps_schedule on shift_swaps (schedule_id);
create index shift_swaps_person on shift_swaps (user_id);
create index shift_swaps_taken on shift_swaps (taken_by) where taken_by is not null;

comment on table shift_swaps is 'Who offered a shift of theirs to fellow members, and who took it.';
comment on column shift_swaps.assignment_id is
  'The assignment that is offered. No reference: when somebody takes it, or staff take its person off, it is gone and '
  'the offer with it, also when they are assigned again.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('shift_swaps', '{user_id,taken_by}', 'shift_offers; of others'' that they took only that they did',
    'deleted with the account; what they took from others is kept with their number');

-- What a person sees of a shift of theirs -----------------------------------------

create function count_assigned(p_shift bigint) returns int
  language sql stable
  return (select count(*) from duty_assignments a where a.schedule_id = p_shift and a.status = 'assigned');

create function open_offers(p_shift duty_schedules) returns setof shift_swaps
  language plpgsql stable
as $$
begin
  return query
    select w.*
    from shift_swaps w
    join duty_assignments a on a.id = w.assignment_id
    where w.schedule_id = (p_shift).id
      and w.taken_at is null
      and w.withdrawn_at is null
      and (p_shift).status = 'active'
      and (p_shift).start_at > app_now()
      -- Who was assigned again since has a place that they did not offer.
      and w.offered_at >= a.assigned_at
      and (a.status = 'assigned' or coalesce(count_assigned((p_shift).id) < (p_shift).capacity, true))
      and not exists (
        select from attendance_logs l
        where l.schedule_id = w.schedule_id and l.user_id = w.user_id and l.undone_at is null
      )
    order by a.status = 'declined', w.offered_at, w.id;
end
$$;

comment on function open_offers(duty_schedules) is
  'The offers of a shift that can be taken, the first first: before those of people who cannot come, whose place is as '
  'good as free, and taken only where one is.';

create function shift_seen(p_shift duty_schedules, p_user bigint)
  returns table (
    id bigint, title text, location text, notes text, org_name text, starts_at text, when_text text, zone text,
    local_text text, local_zone text, mark text, status_text text, capacity int, assigned int, is_cancelled boolean,
    is_over boolean, is_declined boolean, is_full boolean, is_offered boolean, can_check_in boolean,
    can_check_out boolean, can_be_late boolean, can_decline boolean, can_come boolean, can_offer boolean,
    opens_text text
  )
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    select
      (p_shift).id,
      (p_shift).title,
      (p_shift).location,
      (p_shift).notes,
      o.name,
      iso_time((p_shift).start_at, z.zone),
      say_shift((p_shift).start_at, (p_shift).end_at, z.zone),
      z.zone,
      case when l.zone <> z.zone then say_shift((p_shift).start_at, (p_shift).end_at, l.zone) end,
      l.zone,
      case
        when so.cancelled then 'cancelled'
        when went.at is not null then 'completed'
        when came.at is not null then 'present'
        when so.declined then 'excused'
        when so.over then 'unknown'
        when a.late_minutes is not null then 'late'
        when so.on_now then 'ongoing'
        else 'published'
      end,
      case
        when so.cancelled then 'Cancelled'
        when went.at is not null then
          concat_ws(', ', 'Checked in ' || say_clock(came.at, (p_shift).start_at, z.zone), 'out ' || say_clock(went.at, (p_shift).start_at, z.zone))
        when came.at is not null then 'Checked in ' || say_clock(came.at, (p_shift).start_at, z.zone)
        when so.declined then 'You can’t come'
        when so.over then 'Not checked in'
        when a.late_minutes is not null then 'Running late, ' || a.late_minutes || ' min'
        when so.on_now then 'On now'
        else 'To come'
      end,
      (p_shift).capacity,
      n.assigned,
      so.cancelled,
      so.over,
      so.declined,
      so.taken,
      offer.is_there,
      so.checking and came.at is null and went.at is null and not so.over,
      so.checking and went.at is null and (came.at is not null or so.over),
      so.waited_for and (p_shift).start_at - interval '12 hours' <= v_now,
      so.waited_for,
      not so.cancelled and not so.over and came.at is null
        and (so.declined and not so.taken or a.late_minutes is not null and not so.on_now),
      so.waited_for and not so.on_now and not offer.is_there,
      case when so.waited_for and not so.checking then say_soon((p_shift).start_at - interval '1 hour', z.zone) end
    from duty_assignments a
    join users u on u.id = a.user_id
    join organizations o on o.id = a.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral safe_zone(o.timezone) as l(zone)
    cross join lateral count_assigned((p_shift).id) as n(assigned)
    left join attendance_logs came
      on came.schedule_id = a.schedule_id and came.user_id = a.user_id and came.type = 'check_in' and came.undone_at is null
    left join attendance_logs went
      on went.schedule_id = a.schedule_id and went.user_id = a.user_id and went.type = 'check_out' and went.undone_at is null
    cross join lateral (
      select
        (p_shift).status = 'cancelled' as cancelled,
        (p_shift).end_at <= v_now as over,
        (p_shift).start_at <= v_now as on_now,
        a.status = 'declined' as declined,
        a.status = 'declined' and coalesce((p_shift).capacity <= n.assigned, false) as taken,
        (p_shift).status = 'active'
          and v_now between (p_shift).start_at - interval '1 hour' and (p_shift).end_at + interval '30 minutes' as checking,
        (p_shift).status = 'active' and (p_shift).end_at > v_now and a.status = 'assigned'
          and came.at is null and went.at is null as waited_for
    ) as so
    cross join lateral (
      select exists (select from open_offers(p_shift) w where w.assignment_id = a.id) as is_there
    ) as offer
    where a.schedule_id = (p_shift).id
      and a.user_id = p_user;
end
$$;

comment on function shift_seen(duty_schedules, bigint) is
  'A shift as somebody who is assigned to it, or said that they cannot come, sees it, and what they can press. is_full: '
  'they cannot come, and their place is somebody else''s by now. opens_text: from when they can check in.';

create function own_shift(p_session bytea, p_shift bigint)
  returns table (
    id bigint, title text, location text, notes text, org_name text, starts_at text, when_text text, zone text,
    local_text text, local_zone text, mark text, status_text text, capacity int, assigned int, is_cancelled boolean,
    is_over boolean, is_declined boolean, is_full boolean, is_offered boolean, can_check_in boolean,
    can_check_out boolean, can_be_late boolean, can_decline boolean, can_come boolean, can_offer boolean,
    opens_text text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select seen.*
    from live_sessions n
    join duty_schedules s on s.id = p_shift
    cross join lateral shift_seen(s, n.user_id) seen
    where n.hash = p_session;
end
$$;

comment on function own_shift(bytea, bigint) is 'A shift of whoever is signed in, as shift_seen() has it: no row when it is none of theirs.';

create function own_shift_list(p_session bytea, p_before timestamptz, p_before_shift bigint, p_most int, p_past int)
  returns table (
    id bigint, title text, location text, org_name text, starts_at text, when_text text, zone text, mark text,
    status_text text, is_over boolean, is_offered boolean, start_at timestamptz
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_user bigint := (select n.user_id from live_sessions n where n.hash = p_session);
begin
  return query
    with mine as (
      select s.*
      from duty_assignments a
      join duty_schedules s on s.id = a.schedule_id
      where a.user_id = v_user
    ), listed as (
      (
        select s.id, s.start_at, false as is_over
        from mine s
        where s.end_at > app_now()
          and p_before is null
        order by s.start_at, s.id
        limit p_most
      )
      union all
      (
        select s.id, s.start_at, true
        from mine s
        where s.end_at <= app_now()
          and (p_before is null or (s.start_at, s.id) < (p_before, coalesce(p_before_shift, 0)))
        order by s.start_at desc, s.id desc
        limit p_past
      )
    )
    select
      seen.id, seen.title, seen.location, seen.org_name, seen.starts_at, seen.when_text, seen.zone, seen.mark,
      seen.status_text, l.is_over, seen.is_offered, l.start_at
    from listed l
    join duty_schedules s on s.id = l.id
    cross join lateral shift_seen(s, v_user) seen
    order by
      l.is_over,
      case when not l.is_over then l.start_at end,
      case when not l.is_over then l.id end,
      l.start_at desc,
      l.id desc;
end
$$;

comment on function own_shift_list(bytea, timestamptz, bigint, int, int) is
  'Shifts of whoever is signed in: up to p_most that are not over, the next first, then up to p_past that are, the last '
  'first; after one that is over, those before it.';

create function has_shifts(p_user bigint) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (select from duty_assignments a where a.user_id = p_user)
    or exists (
      select
      from memberships m
      where m.user_id = p_user
        and exists (select from duty_schedules s where s.org_id = m.org_id)
    );
end
$$;

comment on function has_shifts(bigint) is 'Whether shifts concern the person: any of theirs, or any in an organisation of theirs.';

-- The link of a reminder -----------------------------------------------------------

create function shift_link(p_assignment bigint, p_generation int, p_expires timestamptz)
  returns table (
    state text, id bigint, title text, location text, notes text, org_name text, starts_at text, when_text text,
    zone text, local_text text, local_zone text, mark text, status_text text, capacity int, assigned int,
    is_cancelled boolean, is_over boolean, is_declined boolean, is_full boolean, is_offered boolean,
    can_check_in boolean, can_check_out boolean, can_be_late boolean, can_decline boolean, can_come boolean,
    can_offer boolean, opens_text text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      case
        when s.status = 'cancelled' then 'cancelled'
        when s.end_at + interval '30 minutes' < app_now() then 'over'
        when p_expires < app_now() then 'old'
        else 'open'
      end,
      seen.*
    from duty_assignments a
    join duty_schedules s on s.id = a.schedule_id
    cross join lateral shift_seen(s, a.user_id) seen
    where a.id = p_assignment
      and a.generation = p_generation;
end
$$;

comment on function shift_link(bigint, int, timestamptz) is
  'What the page behind the link of a reminder shows and offers: no row when the link is forged or revoked. Changes nothing.';

create function linked_shift(
  p_assignment bigint, p_generation int, p_expires timestamptz, out shift duty_schedules, out assignment duty_assignments
)
  language plpgsql
as $$
declare
  v_of record;
begin
  select a.schedule_id, a.user_id into v_of
  from duty_assignments a
  where a.id = p_assignment
    and a.generation = p_generation;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  v_of := shift_of(v_of.schedule_id, v_of.user_id);
  shift := v_of.shift;
  assignment := v_of.assignment;
  if (assignment.id, assignment.generation) is distinct from (p_assignment, p_generation) then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_expires < app_now() then
    raise exception using errcode = 'RC410', message = 'shift_link_old';
  end if;
end
$$;

comment on function linked_shift(bigint, int, timestamptz) is
  'The shift and the assignment of a reminder''s link, both held; raises 404 when it is forged or revoked, 410 when it is too old.';

create function check_linked_shift(p_assignment bigint, p_generation int, p_expires timestamptz, p_type text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := linked_shift(p_assignment, p_generation, p_expires);
begin
  if p_type is null or p_type not in ('check_in', 'check_out') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'type';
  end if;
  perform shift_times_open(v_of.shift, interval '30 minutes');
  return put_shift_time(v_of.assignment, p_type, (v_of.assignment).user_id);
end
$$;

create function say_linked_shift(
  p_assignment bigint, p_generation int, p_expires timestamptz, p_word text, p_minutes int
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := linked_shift(p_assignment, p_generation, p_expires);
begin
  perform put_shift_word(v_of.shift, v_of.assignment, p_word, p_minutes, (v_of.assignment).user_id);
end
$$;

comment on function check_linked_shift(bigint, int, timestamptz, text) is 'As check_shift(), by the link of a reminder.';
comment on function say_linked_shift(bigint, int, timestamptz, text, int) is 'As say_shift_word(), by the link of a reminder.';

-- From one to another ----------------------------------------------------------------

create function swap_of(p_notification_id text) returns bigint
  language sql immutable parallel safe
  return case when p_notification_id like 'swap-%' then split_part(p_notification_id, '-', 2)::bigint end;

comment on function swap_of(text) is 'The swap that a swap-SWAP-USER tells of.';

create function shift_swap_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when s.status = 'cancelled' then 'shift_cancelled'
      when w.user_id is distinct from u.id and not exists (
        select from memberships m
        where m.user_id = u.id and m.org_id = (p_row).org_id and m.role in ('staff', 'admin')
      ) then 'not_staff'
      when not exists (
        select from duty_assignments a
        where a.schedule_id = s.id and a.user_id = w.taken_by and a.status = 'assigned'
      ) then 'replaced'
    end
    from users u
    join duty_schedules s on s.id = (p_row).schedule_id
    left join shift_swaps w on w.id = swap_of((p_row).notification_id)
    where u.id = (p_row).user_id
  );
end
$$;

create function shift_swap_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'shift_id', s.id,
      'shift_title', shorten(s.title, 80),
      'when_text', say_shift(s.start_at, s.end_at, z.zone),
      'zone', z.zone,
      'location', shorten(s.location, 80),
      'is_yours', coalesce(w.user_id = u.id, false),
      'person_name', shorten(giver.name, 50),
      'taker_name', shorten(taker.name, 50)
    )
    from users u
    join duty_schedules s on s.id = (p_row).schedule_id
    join organizations o on o.id = s.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    left join shift_swaps w on w.id = swap_of((p_row).notification_id)
    left join users giver on giver.id = w.user_id
    left join users taker on taker.id = w.taken_by
    where u.id = (p_row).user_id
  );
end
$$;

insert into notification_kinds (kind, category, template, recheck, display) values
  ('shift_swap', 'shift', 'mail_shift_swap', 'shift_swap_recheck', 'shift_swap_display');

create function tell_swap(p_swap shift_swaps, p_shift duty_schedules, p_taker bigint) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, schedule_id, user_id, notify_type, revision, scheduled_for, not_before,
    expires_at, created_at
  )
  select
    format('swap-%s-%s', (p_swap).id, told.id), (p_shift).org_id, k.kind, c.urgency, (p_shift).id, told.id, 'taken',
    (p_shift).revision, v_now, v_now, (p_shift).end_at, v_now
  from (
    select m.user_id
    from memberships m
    where m.org_id = (p_shift).org_id and m.role in ('staff', 'admin')
    union
    select (p_swap).user_id
  ) as told(id)
  cross join notification_kinds k
  join notification_categories c using (category)
  where k.kind = 'shift_swap'
    and told.id <> p_taker
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

comment on function tell_swap(shift_swaps, duty_schedules, bigint) is
  'Tells who offered a shift, and the organisation''s staff, who has taken it; but not who did.';

create function offer_shift(p_session bytea, p_shift bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_of record := shift_of(p_shift, v_user);
begin
  perform open_shift(v_of.shift);
  if (v_of.shift).start_at <= app_now() or shift_time_refusal(p_shift, v_user, 'start_15') is not null then
    raise exception using errcode = 'RC410', message = 'shift_begun';
  elsif (v_of.assignment).status <> 'assigned' then
    raise exception using errcode = 'RC409', message = 'shift_not_yours';
  end if;
  insert into shift_swaps (org_id, schedule_id, assignment_id, user_id)
  values ((v_of.shift).org_id, p_shift, (v_of.assignment).id, v_user)
  on conflict (assignment_id) where taken_at is null and withdrawn_at is null
  do update set offered_at = excluded.offered_at where shift_swaps.offered_at < (v_of.assignment).assigned_at;
end
$$;

comment on function offer_shift(bytea, bigint) is
  'Whoever is signed in offers a shift of theirs to fellow members, until it begins. They stay assigned until somebody takes it.';

create function withdraw_shift_offer(p_session bytea, p_shift bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := shift_of(p_shift, require_session(p_session));
begin
  update shift_swaps
  set withdrawn_at = app_now()
  where assignment_id = (v_of.assignment).id
    and taken_at is null
    and withdrawn_at is null;
  if not found then
    raise exception using errcode = 'RC409', message = 'offer_gone';
  end if;
end
$$;

comment on function withdraw_shift_offer(bytea, bigint) is
  'They keep it after all; 404 or, who said that they cannot come, 409 when somebody has taken it.';

create function take_shift(p_session bytea, p_shift bigint, p_anyway boolean) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_shift duty_schedules;
  v_swap shift_swaps;
begin
  -- Whoever assigns people, or takes one too, holds the shift first.
  select s.* into v_shift
  from duty_schedules s
  join memberships m on m.org_id = s.org_id and m.user_id = v_user
  where s.id = p_shift
    and exists (select from shift_swaps w where w.schedule_id = s.id)
  for no key update of s;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  perform open_shift(v_shift);
  if exists (
    select from duty_assignments a
    where a.schedule_id = p_shift and a.user_id = v_user and a.status = 'assigned'
  ) then
    raise exception using errcode = 'RC409', message = 'shift_yours';
  end if;
  select w.* into v_swap from open_offers(v_shift) w where w.user_id <> v_user limit 1;
  if not found then
    raise exception using errcode = 'RC409', message = 'offer_gone';
  elsif not coalesce(p_anyway, false) and exists (select from shift_clashes(v_shift, array[v_user])) then
    raise exception using errcode = 'RC422', message = 'shift_overlap_own', detail = 'press';
  end if;

  update shift_swaps set taken_at = app_now(), taken_by = v_user where id = v_swap.id;
  -- Who said that they cannot come has given up the place already. What they
  -- are told is tell_swap()'s.
  if exists (select from duty_assignments a where a.id = v_swap.assignment_id and a.status = 'assigned') then
    perform unassign_people(v_shift, array[v_swap.user_id], v_swap.user_id);
  end if;
  perform assign_people(v_shift, array[v_user], v_user);
  perform tell_swap(v_swap, v_shift, v_user);
end
$$;

comment on function take_shift(bytea, bigint, boolean) is
  'Whoever is signed in takes a shift that a fellow member offers, the first of them, in their place. Who has another '
  'then is refused once (shift_overlap_own), and takes it with p_anyway. Who comes second is told: 409.';

create function offered_shifts(p_session bytea, p_shift bigint, p_most int)
  returns table (
    id bigint, title text, location text, org_name text, person_name text, starts_at text, when_text text, zone text,
    local_text text, local_zone text, capacity int, assigned int, clash text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      s.id,
      s.title,
      s.location,
      o.name,
      giver.name,
      iso_time(s.start_at, z.zone),
      say_shift(s.start_at, s.end_at, z.zone),
      z.zone,
      case when l.zone <> z.zone then say_shift(s.start_at, s.end_at, l.zone) end,
      l.zone,
      s.capacity,
      count_assigned(s.id),
      c.clash
    from live_sessions n
    join users u on u.id = n.user_id
    join memberships m on m.user_id = u.id
    join organizations o on o.id = m.org_id
    -- Those to come, of which there are few, and not all that were ever offered.
    cross join lateral (
      select d.id
      from duty_schedules d
      where p_shift is null and d.org_id = o.id and d.start_at > app_now()
      union all
      select d.id
      from duty_schedules d
      where d.id = p_shift and d.org_id = o.id and d.start_at > app_now()
    ) soon
    join duty_schedules s on s.id = soon.id
    cross join lateral (select w.user_id from open_offers(s) w where w.user_id <> u.id limit 1) w
    join users giver on giver.id = w.user_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral safe_zone(o.timezone) as l(zone)
    left join lateral (
      select coalesce(shorten(x.title, 60) || ', ' || say_shift(x.start_at, x.end_at, z.zone), '') as clash
      from shift_clashes(s, array[u.id]) x
      limit 1
    ) c on true
    where n.hash = p_session
      and exists (
        select from shift_swaps x where x.schedule_id = s.id and x.taken_at is null and x.withdrawn_at is null
      )
      and not exists (
        select from duty_assignments a
        where a.schedule_id = s.id and a.user_id = u.id and a.status = 'assigned'
      )
    order by s.start_at, s.id
    limit p_most;
end
$$;

comment on function offered_shifts(bytea, bigint, int) is
  'Shifts of others that whoever is signed in may take, or one of them, the next first, with who offers it first. clash: '
  'what they have at that time already, empty when that is another organisation''s; null: nothing.';

create function is_offered(p_assignment bigint) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (
    select
    from duty_assignments a
    join duty_schedules s on s.id = a.schedule_id
    cross join lateral open_offers(s) w
    where a.id = p_assignment
      and w.assignment_id = a.id
  );
end
$$;

comment on function is_offered(bigint) is 'Whether fellow members may take it.';

-- What a person takes along.

create function own_offers(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'shift_offers', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'shift', w.schedule_id, 'organisation', o.name, 'by', who_text(w.user_id, p_user),
          'offered_at', both_times(w.offered_at, p_zone), 'withdrawn_at', both_times(w.withdrawn_at, p_zone),
          'taken_by', case when w.taken_by is not null then who_text(w.taken_by, p_user) end,
          'taken_at', both_times(w.taken_at, p_zone)
        ) order by w.id), '[]')
        from shift_swaps w
        join organizations o on o.id = w.org_id
        where w.user_id = p_user or w.taken_by = p_user
      )
    );
  end;

-- Who may call what.

grant execute on function has_shifts(bigint) to rollcall_member, rollcall_staff;
grant execute on function is_offered(bigint) to rollcall_staff;
grant execute on function
  own_shift(bytea, bigint),
  own_shift_list(bytea, timestamptz, bigint, int, int),
  offer_shift(bytea, bigint),
  withdraw_shift_offer(bytea, bigint),
  take_shift(bytea, bigint, boolean),
  offered_shifts(bytea, bigint, int)
  to rollcall_member;
grant execute on function
  shift_link(bigint, int, timestamptz),
  check_linked_shift(bigint, int, timestamptz, text),
  say_linked_shift(bigint, int, timestamptz, text, int)
  to rollcall_answer;

commit;
