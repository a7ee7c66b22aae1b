-- Revert rollcall:long_lists from pg

begin;

create or replace function team_mismatches(
  p_session bytea, p_slug text, p_event bigint, p_decided boolean, p_before bigint, p_most int
)
  returns table (
    id bigint, event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text,
    participant_id bigint, user_id bigint, name text, is_member boolean, door text, door_at timestamptz, answer text,
    answered_at timestamptz, decision text, decided_by text, decided_at timestamptz
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    m.id, e.id, e.title, e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone, m.participant_id, u.id, u.name,
    exists (select from memberships h where h.user_id = u.id and h.org_id = m.org_id),
    case when p_decided then m.door else p.attendance_status end,
    case when p_decided then m.door_at else p.attendance_marked_at end,
    case when p_decided then m.answer else a.status end,
    case when p_decided then m.answered_at else a.responded_at end,
    m.decision, d.name, m.decided_at
  from mismatches m
  join organizations o on o.id = m.org_id
  cross join lateral (
    select safe_zone(coalesce(reader.timezone, o.timezone)) as zone
    from users reader
    where reader.id = (select t.user_id from team_org(p_session, p_slug, 'staff') t)
    offset 0
  ) z
  join event_participants p on p.id = m.participant_id
  join attendance a on a.event_id = m.event_id and a.user_id = m.user_id
  join events e on e.id = m.event_id
  join users u on u.id = m.user_id
  left join users d on d.id = m.decided_by
  -- One organisation, said so that the index gives them in their order.
  where m.org_id = (select t.org_id from team_org(p_session, p_slug, 'staff') t)
    and m.is_decided = p_decided
    and (p_decided or disagrees(p.attendance_status, a.status))
    -- What the person asked about waits there, or was denied and is no other
    -- disagreement since.
    and (p_decided or not exists (
      select from attendance_requests r
      where r.participant_id = m.participant_id
        and p.attendance_status = 'absent'
        and (r.outcome is null or r.outcome = 'denied' and r.decided_at >= p.attendance_updated_at)
    ))
    and (p_event is null or m.event_id = p_event)
    and (p_before is null or m.id < p_before)
    and e.takes_attendance
    and e.deleted_at is null
  order by m.id desc
  limit p_most
$$;

create or replace function event_people(p_session bytea, p_slug text, p_event bigint, p_door text, p_most int)
  returns table (
    participant_id bigint, user_id bigint, name text, is_member boolean, registration text, door text,
    marked_at timestamptz, answer text, rating int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    p.id,
    u.id,
    u.name,
    exists (select from memberships m where m.user_id = u.id and m.org_id = p.org_id),
    p.status,
    p.attendance_status,
    p.attendance_marked_at,
    a.status,
    a.feedback_rating::int
  from event_participants p
  join users u on u.id = p.user_id
  left join attendance a on a.event_id = p.event_id and a.user_id = p.user_id
  where p.event_id = team_event_id(p_session, p_slug, p_event)
    and (p_door is null or p.attendance_status = p_door)
  order by lower(u.name), p.id
  limit p_most
$$;

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
  cross join lateral count_event(e.id) c
  where e.id = team_event_id(p_session, p_slug, p_event)
$$;

drop function tally_event(bigint);
create index mismatches_event on mismatches (event_id);
drop index mismatches_event_page;

commit;
