-- Deploy rollcall:shift_times to pg
-- From when until when somebody is checked in to a shift, and out, stands in
-- one place.

begin;

drop function shift_times_open(duty_schedules, interval);

create function shift_times(p_shift duty_schedules, p_by_team boolean) returns tstzrange
  language sql stable
as $$
  select tstzrange(
    (p_shift).start_at - interval '1 hour',
    (p_shift).end_at + case when p_by_team then interval '336 hours' else interval '30 minutes' end,
    '[]'
  );
$$;

comment on function shift_times(duty_schedules, boolean) is
  'When people may be checked in to a shift and out of it, by themselves or by the team, which has 14 days to write it down.';

create function shift_times_open(p_shift duty_schedules, p_by_team boolean) returns void
  language plpgsql stable
as $$
begin
  if (p_shift).status = 'cancelled' then
    raise exception using errcode = 'RC410', message = 'shift_cancelled';
  elsif app_now() < lower(shift_times(p_shift, p_by_team)) then
    raise exception using errcode = 'RC425', message = 'shift_early';
  elsif app_now() > upper(shift_times(p_shift, p_by_team)) then
    raise exception using errcode = 'RC410', message = 'shift_over';
  end if;
end
$$;

comment on function shift_times_open(duty_schedules, boolean) is
  'Raises unless somebody may be checked in or out now: see shift_times().';

create or replace function staff_check_shift(
  p_session bytea, p_slug text, p_shift bigint, p_user bigint, p_type text, p_undo boolean
) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_shift duty_schedules;
  v_of record;
begin
  select * into v_team from require_team(p_session, p_slug, 'staff');
  if p_type is null or p_type not in ('check_in', 'check_out') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'type';
  end if;
  v_shift := team_shift(v_team.org_id, p_shift);
  v_of := shift_of(p_shift, p_user);
  perform shift_times_open(v_shift, true);
  if not p_undo then
    return put_shift_time(v_of.assignment, p_type, v_team.user_id);
  end if;
  update attendance_logs
  set undone_at = app_now(), undone_by = v_team.user_id
  where schedule_id = p_shift
    and user_id = p_user
    and type = p_type
    and undone_at is null;
  return found;
end
$$;

create or replace function check_shift(p_session bytea, p_shift bigint, p_type text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_of record := shift_of(p_shift, v_user);
begin
  if p_type is null or p_type not in ('check_in', 'check_out') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'type';
  end if;
  perform shift_times_open(v_of.shift, false);
  return put_shift_time(v_of.assignment, p_type, v_user);
end
$$;

create or replace function shift_seen(p_shift duty_schedules, p_user bigint)
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
      case when so.waited_for and not so.checking then say_soon(lower(shift_times(p_shift, false)), z.zone) end
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
          and v_now <@ shift_times(p_shift, false) as checking,
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

create or replace function shift_link(p_assignment bigint, p_generation int, p_expires timestamptz)
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
        when upper(shift_times(s, false)) < app_now() then 'over'
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

create or replace function check_linked_shift(p_assignment bigint, p_generation int, p_expires timestamptz, p_type text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := linked_shift(p_assignment, p_generation, p_expires);
begin
  if p_type is null or p_type not in ('check_in', 'check_out') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'type';
  end if;
  perform shift_times_open(v_of.shift, false);
  return put_shift_time(v_of.assignment, p_type, (v_of.assignment).user_id);
end
$$;

grant execute on function shift_times(duty_schedules, boolean) to rollcall_staff;

commit;
