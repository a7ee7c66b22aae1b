-- Deploy rollcall:corrections to pg
-- The door's word corrected, one or many, with a reason; and what was done
-- about a participant, as staff read it.

begin;

create table reason_codes (
  code text primary key check (code ~ '^[a-z][a-z0-9_]{0,63}$'),
  words text not null,
  place smallint unique
);

comment on table reason_codes is
  'Why the door''s word was changed, as the audit''s reason_code has it. Codes are never taken away: the audit keeps them.';
comment on column reason_codes.place is 'Where it stands among those that staff choose from; null: Rollcall gives it by itself.';

insert into reason_codes (code, words, place) values
  ('not_marked', 'Was there, and nobody marked it', 1),
  ('marked_wrongly', 'Somebody else was meant', 2),
  ('not_there', 'Was not there after all', 3),
  ('excused', 'Had excused themselves', 4),
  ('own_word', 'Told us themselves', 5),
  ('other', 'Another reason, in your words', 6),
  ('offline_sync', 'Was checked in earlier, without a network', null),
  ('not_checked_in', 'Was not checked in by the end', null),
  ('taken_back', 'The absences were taken back', null),
  ('request_approved', 'What they asked for was approved', null),
  ('request_denied', 'What they asked for was denied', null);

insert into personal_data (relation, columns, downloaded, erased) values
  ('reason_codes', '{code,words}', 'no: about no person', 'stays: about no person');

create function require_reason(p_event events, p_code text, p_reason text) returns void
  language plpgsql stable
as $$
begin
  if p_code is null and p_event.status = 'completed' then
    raise exception using errcode = 'RC422', message = 'reason_missing', detail = 'reason_code';
  elsif p_code is not null and not exists (select from reason_codes where code = p_code and place is not null) then
    raise exception using errcode = 'RC422', message = 'bad_reason', detail = 'reason_code';
  elsif p_code = 'other' and nullif(btrim(p_reason), '') is null then
    raise exception using errcode = 'RC422', message = 'reason_words_missing', detail = 'reason';
  elsif length(btrim(p_reason)) > 500 then
    raise exception using errcode = 'RC422', message = 'reason_long', detail = 'reason';
  end if;
end
$$;

comment on function require_reason(events, text, text) is
  'Refuses a reason that a correction at that event cannot do with: what is completed is changed for a reason only.';

create function patch_attendance(
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
        when p_status = 'unknown' then null
        when p_status in ('present', 'late') and p.attendance_status in ('present', 'late') then p.attendance_marked_at
        else app_now()
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
  'meanwhile, and not the wanted one, raises 409. Who came keeps the time they came.';

-- As staff read it.

create function registration_text(p_status text) returns text
  language sql immutable parallel safe
  return case p_status
    when 'registered' then 'Registered'
    when 'waitlisted' then 'On the waiting list'
    when 'cancelled' then 'Withdrew'
  end;

create function team_participants(
  p_session bytea, p_slug text, p_event bigint, p_show text, p_words text, p_after bigint, p_only jsonb
)
  returns table (
    place bigint, id bigint, user_id bigint, name text, status text, attendance_status text, marked_at timestamptz
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  set jit = off
as $$
#variable_conflict use_column
declare
  v_after text;
begin
  select lower(u.name) into v_after
  from event_participants p
  join users u on u.id = p.user_id
  where p.id = p_after and p.event_id = p_event;
  return query
    select
      row_number() over (order by lower(u.name), p.id), p.id, u.id, u.name, p.status, p.attendance_status,
      p.attendance_marked_at
    from team_org(p_session, p_slug, 'staff') t
    join events e on e.org_id = t.org_id and e.id = p_event
    join event_participants p on p.event_id = e.id
    join users u on u.id = p.user_id
    where e.deleted_at is null
      and (p_show = 'all' or p.attendance_status = p_show)
      and (p_show <> 'unknown' or p.status = 'registered')
      and strpos(lower(u.name), lower(p_words)) > 0
      and (v_after is null or (lower(u.name), p.id) > (v_after, p_after))
      and (
        p_only is null
        or p.id = any (array(select (w ->> 'participant')::bigint from jsonb_array_elements(p_only) w))
      )
    order by lower(u.name), p.id
    limit 26;
end
$$;

comment on function team_participants(bytea, text, bigint, text, text, bigint, jsonb) is
  'The participants of an event by name, from after that one on, who have those letters in it: all, or those of one word '
  'of the door; without a word of it (unknown), those who are registered. 26 of them: the last says that there are more. '
  'p_only: of those in [{participant}] only.';

create function team_participant(p_session bytea, p_slug text, p_event bigint, p_participant bigint)
  returns table (
    id bigint, user_id bigint, name text, is_member boolean, status text, attendance_status text, marked_at timestamptz,
    marked_by text, answer text, answered_at timestamptz
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      p.id,
      u.id,
      u.name,
      exists (select from memberships m where m.org_id = p.org_id and m.user_id = u.id),
      p.status,
      p.attendance_status,
      p.attendance_marked_at,
      b.name,
      a.status,
      a.responded_at
    from team_org(p_session, p_slug, 'staff') t
    join events e on e.org_id = t.org_id and e.id = p_event
    join event_participants p on p.event_id = e.id and p.id = p_participant
    join users u on u.id = p.user_id
    left join users b on b.id = p.attendance_marked_by
    left join attendance a on a.event_id = e.id and a.user_id = u.id
    where e.deleted_at is null;
end
$$;

comment on function team_participant(bytea, text, bigint, bigint) is
  'One participant of an event: the door''s word and their own.';

create function participant_audit(p_session bytea, p_slug text, p_participant bigint)
  returns table (
    seq bigint, action text, previous_status text, new_status text, actor_name text, by_system boolean, reason_words text,
    reason text, reason_erased boolean, at timestamptz
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      a.seq,
      a.action,
      a.previous_status,
      a.new_status,
      u.name,
      a.actor_id is null,
      c.words,
      r.reason,
      a.reason_hash is not null and r.reason is null,
      a.performed_at
    from team_org(p_session, p_slug, 'staff') t
    join event_participants p on p.id = p_participant and p.org_id = t.org_id
    -- By the person, whose rows stay few however many came.
    join event_attendance_audit a on a.user_id = p.user_id and a.event_id = p.event_id
    left join users u on u.id = a.actor_id
    left join reason_codes c on c.code = a.reason_code
    left join audit_reason r on r.org_id = a.org_id and r.seq = a.seq
    order by a.seq desc
    limit 100;
end
$$;

comment on function participant_audit(bytea, text, bigint) is
  'What was done about one participant of an event, the last first, a hundred at most.';

grant select on reason_codes to rollcall_staff;
grant execute on function
  patch_attendance(bytea, text, bigint, jsonb, text, text, text, text),
  registration_text(text),
  team_participants(bytea, text, bigint, text, text, bigint, jsonb),
  team_participant(bytea, text, bigint, bigint),
  participant_audit(bytea, text, bigint)
  to rollcall_staff;

commit;
