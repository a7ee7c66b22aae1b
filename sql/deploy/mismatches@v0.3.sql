-- Deploy rollcall:mismatches to pg
-- Where the door and the person's own answer disagree, each of them once.

begin;

create function disagrees(p_door text, p_answer text) returns boolean
  language sql immutable parallel safe
  return p_door in ('present', 'late') and p_answer = 'not_attended'
    or p_door in ('absent', 'excused') and p_answer in ('attended', 'partial');

comment on function disagrees(text, text) is
  'Whether the door and the person say otherwise about their coming. Who came for a part of it, came.';

create table mismatches (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  event_id bigint not null references events on delete cascade,
  participant_id bigint not null references event_participants on delete cascade,
  user_id bigint not null references users on delete cascade,
  door text not null,
  door_at timestamptz,
  answer text not null,
  answered_at timestamptz,
  door_has_them boolean not null generated always as (door in ('present', 'late')) stored,
  found_at timestamptz not null default app_now(),
  decision text check (decision in ('door', 'answer')),
  decided_by bigint,
  decided_at timestamptz,
  is_decided boolean not null generated always as (decided_at is not null) stored,
  unique (participant_id, door_has_them),
  check (disagrees(door, answer)),
  check ((decision is null) = (decided_at is null))
);

create index mismatches_org on mismatches (org_id, is_decided, id);
create index mismatches_event on mismatches (event_id);
create index mismatches_user on mismatches (user_id);
create index mismatches_decider on mismatches (decided_by) where decided_by is not null;

comment on table mismatches is
  'A participant whom the door and their own answer tell otherwise of. One that was decided stays, with both as they were '
  'then, and does not come again; one that is not goes when they agree.';
comment on column mismatches.decision is 'Which of them staff took to be right; the other was left as it is.';
comment on column mismatches.decided_by is 'Which of the staff.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('mismatches', '{user_id,door,answer,decision,decided_by}', 'mismatches; of who decided only whether it was they themselves',
    'deleted with the account; where they decided about others, their number stays');

create function find_mismatches(p_events bigint[]) returns void
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

create function review_events(p_max int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_events bigint[];
begin
  -- One at a time, or an earlier count might take the place of a later one.
  if not pg_try_advisory_xact_lock(hashtextextended('review_events', 0)) then
    return 0;
  end if;
  v_events := array(select distinct c.event_id from event_changes c limit p_max);
  -- Gone before they are counted: what changes meanwhile makes a new row.
  delete from event_changes where event_id = any (v_events);
  insert into event_tallies
  select c.*
  from events e
  cross join lateral count_event(e.id) c
  where e.id = any (v_events)
  on conflict (event_id) do update set
    registered = excluded.registered,
    present = excluded.present,
    late = excluded.late,
    absent = excluded.absent,
    excused = excluded.excused,
    besides = excluded.besides,
    asked = excluded.asked,
    answered = excluded.answered,
    attended = excluded.attended,
    partial = excluded.partial,
    not_attended = excluded.not_attended,
    told = excluded.told,
    rated = excluded.rated,
    points = excluded.points;
  perform find_mismatches(v_events);
  return cardinality(v_events);
end
$$;

comment on function review_events(int) is
  'Counts the people of up to p_max events that have changed, finds the mismatches of each, and says how many events there '
  'were: to be called again while it is p_max.';

create function team_mismatches(
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

comment on function team_mismatches(bytea, text, bigint, boolean, bigint, int) is
  'What waits for a decision, as it is now, or what was decided, as it was then: the last found first.';

create function count_mismatches(p_session bytea, p_slug text) returns int
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select count(*)::int from team_mismatches(p_session, p_slug, null, false, null, 1000)
$$;

create function decide_mismatch(
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

comment on function decide_mismatch(bytea, text, bigint, text, text, text, text) is
  'Staff take the door to be right, which changes nothing else, or the person, which corrects the door''s word. p_door and '
  'p_answer are what was there when it was decided; what they were then is kept. A person''s answer is never changed.';

grant execute on function review_events(int) to rollcall_sweep;
grant execute on function
  team_mismatches(bytea, text, bigint, boolean, bigint, int),
  count_mismatches(bytea, text),
  decide_mismatch(bytea, text, bigint, text, text, text, text)
  to rollcall_staff;

commit;
