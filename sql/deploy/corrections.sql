-- Deploy rollcall:corrections to pg
-- Who is corrected to have come has no time of arrival: attendance_updated_at
-- says when it was corrected.

begin;

comment on column event_participants.attendance_marked_at is
  'Present or late: when they came, as the door saw it, and null when it did not; absent or excused: when it was decided.';

create or replace function patch_attendance(
  p_session bytea, p_slug text, p_event bigint, p_who jsonb, p_status text, p_reason_code text, p_reason text,
  p_request_id text
) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_team record;
  v_event events;
  v_marks attendance_mark[];
  v_found boolean;
  v_changed_meanwhile boolean;
begin
  select t.org_id, t.user_id into v_team from require_team(p_session, p_slug, 'staff') t;
  select * into v_event from events where id = p_event and org_id = v_team.org_id and deleted_at is null;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_status is null or p_status not in ('unknown', 'present', 'late', 'absent', 'excused') then
    raise exception using errcode = 'RC422', message = 'bad_door_status', detail = 'status';
  elsif coalesce(jsonb_array_length(p_who), 0) = 0 then
    raise exception using errcode = 'RC422', message = 'nobody_ticked', detail = 'who';
  end if;
  perform require_reason(v_event, p_reason_code, p_reason);

  -- Held in the order that mark_attendance() takes them in, so that what is
  -- decided here still is so there.
  select
    bool_and(p.id is not null),
    bool_or(p.attendance_status not in (t.seen, p_status)),
    array_agg(row(
      p.id,
      p_status,
      case
        -- When they came is not known from when it was corrected.
        when p_status in ('present', 'late') then
          case when p.attendance_status in ('present', 'late') then p.attendance_marked_at end
        when p_status in ('absent', 'excused') then app_now()
      end,
      'correction',
      p_reason_code,
      null
    )::attendance_mark) filter (where p.attendance_status <> p_status)
  into v_found, v_changed_meanwhile, v_marks
  from (
    select (w ->> 'participant')::bigint as id, min(w ->> 'seen') as seen
    from jsonb_array_elements(p_who) w
    group by 1
  ) t
  left join (
    select p.id, p.attendance_status, p.attendance_marked_at
    from event_participants p
    where p.id = any (array(select (w ->> 'participant')::bigint from jsonb_array_elements(p_who) w))
      and p.event_id = p_event
    order by p.id
    for no key update
  ) p on p.id = t.id;
  if not v_found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_changed_meanwhile then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  return (
    select count(*)
    from mark_attendance(v_team.org_id, v_team.user_id, v_marks, p_reason, p_request_id)
  );
end
$$;

comment on function patch_attendance(bytea, text, bigint, jsonb, text, text, text, text) is
  'Corrects the door''s word on one participant of an event or many, all or none: how many changed. p_who: [{participant, '
  'seen}], seen being the word that was there when it was decided (left out: whatever is there); one that has another '
  'meanwhile, and not the wanted one, raises 409. Who came keeps the time they came; who is said afterwards to have come has none.';

commit;
