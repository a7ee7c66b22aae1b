-- Revert rollcall:mismatches from pg

begin;

drop index mismatches_open;
drop index mismatches_participant;
delete from mismatches m
using mismatches later
where later.participant_id = m.participant_id
  and later.door_has_them = m.door_has_them
  and later.id > m.id;
alter table mismatches add unique (participant_id, door_has_them);
comment on table mismatches is
  'A participant whom the door and their own answer tell otherwise of. One that was decided stays, with both as they were '
  'then, and does not come again; one that is not goes when they agree.';

create or replace function find_mismatches(p_events bigint[]) returns void
  language sql
as $$
  with found as materialized (
    select
      p.org_id, p.event_id, p.id as participant_id, p.user_id, p.attendance_status as door,
      p.attendance_marked_at as door_at, a.status as answer, a.responded_at as answered_at
    from event_participants p
    join attendance a on a.event_id = p.event_id and a.user_id = p.user_id
    where p.event_id = any (p_events)
      and disagrees(p.attendance_status, a.status)
  ), agreed as (
    delete from mismatches m
    where m.event_id = any (p_events)
      and m.decided_at is null
      and not exists (
        select from found f
        where f.participant_id = m.participant_id
          and (f.door in ('present', 'late')) = m.door_has_them
      )
  )
  insert into mismatches (org_id, event_id, participant_id, user_id, door, door_at, answer, answered_at)
  select f.org_id, f.event_id, f.participant_id, f.user_id, f.door, f.door_at, f.answer, f.answered_at
  from found f
  order by f.participant_id
  on conflict (participant_id, door_has_them) do update set
    door = excluded.door,
    door_at = excluded.door_at,
    answer = excluded.answer,
    answered_at = excluded.answered_at
  where mismatches.decided_at is null
    and (mismatches.door, mismatches.door_at, mismatches.answer, mismatches.answered_at)
      is distinct from (excluded.door, excluded.door_at, excluded.answer, excluded.answered_at);
$$;

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
    -- What the person asked about waits, or was denied, there.
    and (p_decided or not exists (
      select from attendance_requests r
      where r.participant_id = m.participant_id
        and (r.outcome is null or r.outcome = 'denied')
    ))
    and (p_event is null or m.event_id = p_event)
    and (p_before is null or m.id < p_before)
    and e.takes_attendance
    and e.deleted_at is null
  order by m.id desc
  limit p_most
$$;

create or replace function decide_mismatch(
  p_session bytea, p_slug text, p_mismatch bigint, p_decision text, p_door text, p_answer text, p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_mismatch mismatches;
  v_door event_participants;
  v_own attendance;
begin
  select t.org_id, t.user_id into v_team from require_team(p_session, p_slug, 'staff') t;
  select * into v_mismatch from mismatches where id = p_mismatch and org_id = v_team.org_id for update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_decision is null or p_decision not in ('door', 'answer') then
    raise exception using errcode = 'RC422', message = 'bad_decision', detail = 'decision';
  elsif v_mismatch.decided_at is not null then
    raise exception using errcode = 'RC409', message = 'mismatch_decided';
  end if;
  select * into v_door from event_participants where id = v_mismatch.participant_id for no key update;
  select * into v_own from attendance where event_id = v_mismatch.event_id and user_id = v_mismatch.user_id for share;
  if (v_door.attendance_status, v_own.status) is distinct from (p_door, p_answer) or not disagrees(p_door, p_answer) then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  if p_decision = 'answer' then
    perform patch_attendance(
      p_session, p_slug, v_mismatch.event_id, jsonb_build_array(jsonb_build_object('participant', v_door.id, 'seen', p_door)),
      case when p_answer = 'not_attended' then 'absent' else 'present' end, 'own_word', null, p_request_id
    );
  end if;
  update mismatches
  set
    door = v_door.attendance_status,
    door_at = v_door.attendance_marked_at,
    answer = v_own.status,
    answered_at = v_own.responded_at,
    decision = p_decision,
    decided_by = v_team.user_id,
    decided_at = app_now()
  where id = v_mismatch.id;
end
$$;

drop function agreed_since(mismatches);

commit;
