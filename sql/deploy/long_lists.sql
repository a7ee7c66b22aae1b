-- Deploy rollcall:long_lists to pg
-- Long lists of the team are read a page at a time, by their indexes.

begin;

create index mismatches_event_page on mismatches (event_id, is_decided, id);
drop index mismatches_event;

create function tally_event(p_event bigint) returns setof event_tallies
  language sql stable
as $$
  select t.*
  from event_tallies t
  where t.event_id = p_event
    and not exists (select from event_changes c where c.event_id = p_event)
  union all
  select c.*
  from count_event(p_event) c
  where not exists (select from event_tallies t where t.event_id = p_event)
    or exists (select from event_changes c where c.event_id = p_event)
$$;

comment on function tally_event(bigint) is 'The count of an event''s people that is kept, or, where they have changed since, a new one.';

create or replace function event_report(p_session bytea, p_slug text, p_event bigint)
  returns table (
    takes_attendance boolean, is_taken boolean, registered int, expected int, came int, excused int, besides int,
    asked int, answered int, rated int, points int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    e.takes_attendance,
    e.takes_attendance and c.present + c.late + c.absent + c.excused + c.besides > 0,
    c.registered, c.registered - c.excused, c.present + c.late, c.excused, c.besides, c.asked, c.answered, c.rated,
    c.points
  from events e
  cross join lateral tally_event(e.id) c
  where e.id = team_event_id(p_session, p_slug, p_event)
$$;

create or replace function event_people(p_session bytea, p_slug text, p_event bigint, p_door text, p_most int)
  returns table (
    participant_id bigint, user_id bigint, name text, is_member boolean, registration text, door text,
    marked_at timestamptz, answer text, rating int
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- A few of thousands, or all of them: each has its own plan.
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_event bigint := team_event_id(p_session, p_slug, p_event);
  v_org bigint := (select e.org_id from events e where e.id = v_event);
begin
  return query
    select
      p.id, p.user_id, p.name, m.user_id is not null, p.status, p.attendance_status, p.attendance_marked_at, a.status,
      a.feedback_rating::int
    from (
      select p.id, p.user_id, u.name, p.status, p.attendance_status, p.attendance_marked_at
      from event_participants p
      join users u on u.id = p.user_id
      where p.event_id = v_event
        and (p_door is null or p.attendance_status = p_door)
      order by lower(u.name), p.id
      limit p_most
    ) p
    left join attendance a on a.event_id = v_event and a.user_id = p.user_id
    left join memberships m on m.org_id = v_org and m.user_id = p.user_id
    order by lower(p.name), p.id;
end
$$;

create or replace function team_mismatches(
  p_session bytea, p_slug text, p_event bigint, p_decided boolean, p_before bigint, p_most int
)
  returns table (
    id bigint, event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text,
    participant_id bigint, user_id bigint, name text, is_member boolean, door text, door_at timestamptz, answer text,
    answered_at timestamptz, decision text, decided_by text, decided_at timestamptz
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- In the index's order: who has told otherwise than the door is not known to
  -- the planner, which would read all that wait and sort them.
  set enable_sort = off
  set enable_hashjoin = off
  set enable_mergejoin = off
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_org bigint;
  v_own_zone text;
  v_zone text;
begin
  select t.org_id, o.timezone, safe_zone(coalesce(u.timezone, o.timezone)) into v_org, v_own_zone, v_zone
  from team_org(p_session, p_slug, 'staff') t
  join organizations o on o.id = t.org_id
  join users u on u.id = t.user_id;
  if not found then
    return;
  end if;
  -- Made for what is asked, so that a page is read by an index in its order.
  return query execute concat(
    'select
      m.id, e.id, e.title, e.starts_at, e.all_day, coalesce(e.timezone, $4), $5, m.participant_id, u.id, u.name,
      exists (select from memberships h where h.user_id = u.id and h.org_id = m.org_id),',
    case
      when p_decided then 'm.door, m.door_at, m.answer, m.answered_at,'
      else 'p.attendance_status, p.attendance_marked_at, a.status, a.responded_at,'
    end,
    ' m.decision, d.name, m.decided_at
    from mismatches m
    join event_participants p on p.id = m.participant_id
    join attendance a on a.event_id = m.event_id and a.user_id = m.user_id
    join events e on e.id = m.event_id
    join users u on u.id = m.user_id
    left join users d on d.id = m.decided_by
    where m.org_id = $1
      and e.takes_attendance
      and e.deleted_at is null',
    case when p_decided then ' and m.is_decided' else
      -- What the person asked about waits there, or was denied and is no other
      -- disagreement since.
      ' and not m.is_decided
      and disagrees(p.attendance_status, a.status)
      and not exists (
        select from attendance_requests r
        where r.participant_id = m.participant_id
          and p.attendance_status = ''absent''
          and (r.outcome is null or r.outcome = ''denied'' and r.decided_at >= p.attendance_updated_at)
      )'
    end,
    case when p_event is not null then ' and m.event_id = $2' end,
    case when p_before is not null then ' and m.id < $3' end,
    ' order by m.id desc',
    ' limit ' || p_most
  ) using v_org, p_event, p_before, v_own_zone, v_zone;
end
$$;

commit;
