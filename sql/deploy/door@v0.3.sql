-- Deploy rollcall:door to pg
-- Checking in at the door, and every attempt to.

begin;

create function door_status_text(p_status text) returns text
  language sql immutable parallel safe
  return case p_status
    when 'unknown' then 'Not marked'
    when 'present' then 'Present'
    when 'late' then 'Late'
    when 'absent' then 'Absent'
    when 'excused' then 'Excused'
  end;

comment on function door_status_text(text) is 'The door''s word on a participant, in words.';

-- Every attempt ---------------------------------------------------------------

create table door_attempts (
  org_id bigint not null references organizations on delete cascade,
  key uuid not null,
  event_id bigint not null references events on delete cascade,
  participant_id bigint references event_participants on delete cascade,
  actor_id bigint not null,
  what text not null check (what in ('check_in', 'walk_in', 'undo', 'excuse')),
  result text not null check (result in (
    'present', 'late', 'excused', 'undone', 'moved', 'already', 'superseded', 'too_early', 'closed', 'cancelled',
    'not_registered', 'not_found', 'other_event', 'revoked', 'not_yours', 'not_allowed', 'bad_person'
  )),
  was text check (was in ('none', 'waitlisted', 'cancelled')),
  device uuid,
  device_at timestamptz,
  contact uuid,
  made_at timestamptz not null,
  at timestamptz not null,
  request_id text check (length(request_id) <= 64),
  primary key (org_id, key)
);

create index door_attempts_event on door_attempts (event_id, at);
create index door_attempts_participant on door_attempts (participant_id, at);
create index door_attempts_request on door_attempts (request_id);
create index door_attempts_actor on door_attempts (actor_id);

comment on table door_attempts is 'Whatever was tried at a door, done or not: each attempt once, by the key that it was given where it was made.';
comment on column door_attempts.participant_id is 'Null when nobody of that event was meant.';
comment on column door_attempts.actor_id is 'Who tried.';
comment on column door_attempts.was is 'Of somebody who was let in without being registered: what they were before.';
comment on column door_attempts.device_at is 'When it was, by the clock of the device; null when the device was not asked.';
comment on column door_attempts.contact is 'The device''s contact with the server that it was made under.';
comment on column door_attempts.made_at is 'When it was made, as far as it is believed: what the rules go by.';
comment on column door_attempts.at is 'When it arrived.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('door_attempts', '{actor_id,what,result,was,request_id}',
    'door_attempts; of whom they checked in only that they did',
    'deleted with the account; where they checked in others, their number stays');

-- What becomes of one -----------------------------------------------------------

create function door_opens(p_event events) returns timestamptz
  language sql stable
as $$
  select (p_event).starts_at - coalesce((p_event).check_in_opens, interval '15 minutes');
$$;

create function door_shut(p_event events, p_what text, p_made_at timestamptz, p_arrived timestamptz) returns text
  language sql stable
as $$
  select case
    when (p_event).status = 'cancelled' then 'cancelled'
    when p_what in ('check_in', 'walk_in') and p_made_at < door_opens(p_event) then 'too_early'
    when (p_event).status = 'completed' and (
      p_made_at >= (p_event).effective_end
      or p_arrived > (p_event).effective_end + interval '48 hours'
    ) then 'closed'
  end;
$$;

comment on function door_shut(events, text, timestamptz, timestamptz) is
  'Why the door was not open for it when it was made; null when it was. What was made before the event''s end may arrive '
  'until 48 hours after it.';

create type door_verdict as (result text, status text, marked_at timestamptz, action text, reason_code text);

create function door_verdict(
  p_event events, p_participant event_participants, p_decided_at timestamptz, p_what text, p_made_at timestamptz,
  p_arrived timestamptz, p_actor bigint, p_staff boolean
) returns door_verdict
  language plpgsql stable
as $$
declare
  v_is text := p_participant.attendance_status;
  v_came boolean := v_is in ('present', 'late');
  v_refusal text := door_shut(p_event, p_what, p_made_at, p_arrived);
  v_to text := case
    when p_event.all_day or p_made_at <= p_event.starts_at + coalesce(p_event.grace, interval '10 minutes') then 'present'
    else 'late'
  end;
  v_late_code text := case when p_event.status = 'completed' then 'offline_sync' end;
  -- By a batch, whether an admin began it or nobody did.
  v_automatic boolean := v_is = 'absent' and exists (
    select from event_attendance_audit a
    where a.user_id = p_participant.user_id
      and a.event_id = p_event.id
      and a.action = 'mark_absent'
      and a.performed_at = p_participant.attendance_updated_at
  );
begin
  if v_came and p_what in ('check_in', 'walk_in') and v_refusal is distinct from 'cancelled' then
    -- What is done now was not there before: it only waited for somebody.
    if v_refusal is not null or p_made_at >= least(p_participant.attendance_marked_at, p_arrived) then
      return row('already', null, null, null, null)::door_verdict;
    end if;
    return row(
      'moved', case when v_is = 'present' then v_is else v_to end, p_made_at, 'correction', 'offline_sync'
    )::door_verdict;
  elsif v_refusal is not null then
    return row(v_refusal, null, null, null, null)::door_verdict;
  elsif p_what = 'excuse' and not p_staff then
    return row('not_allowed', null, null, null, null)::door_verdict;
  elsif (p_what = 'undo' and v_is not in ('present', 'late', 'excused'))
    or (p_what = 'excuse' and (v_came or v_is = 'excused'))
  then
    return row('already', null, null, null, null)::door_verdict;
  elsif p_decided_at > p_made_at and not v_automatic then
    return row('superseded', null, null, null, null)::door_verdict;
  elsif p_what = 'undo' then
    if not p_staff and p_participant.attendance_marked_by is distinct from p_actor then
      return row('not_yours', null, null, null, null)::door_verdict;
    end if;
    return row('undone', 'unknown', null, 'undo', v_late_code)::door_verdict;
  elsif p_participant.status <> 'registered' and p_what <> 'walk_in' then
    return row('not_registered', null, null, null, null)::door_verdict;
  elsif p_what = 'excuse' then
    return row('excused', 'excused', p_made_at, 'correction', v_late_code)::door_verdict;
  end if;
  return row(
    v_to, v_to, p_made_at, case when v_late_code is not null then 'correction' else p_what end, v_late_code
  )::door_verdict;
end
$$;

comment on function door_verdict(
  events, event_participants, timestamptz, text, timestamptz, timestamptz, bigint, boolean
) is
  'What becomes of one attempt: its result, and what the door says from then on (status null: as before). p_decided_at: when '
  'the door''s word was last decided; what was made before that is too late to change it, but for an absence that nobody '
  'decided about them. Somebody who is here already was here from the earlier moment.';

-- Reading attempts ----------------------------------------------------------------

create type door_attempt as (
  place bigint, key uuid, what text, participant_id bigint, generation bigint, user_id bigint, email text, name text,
  device uuid, device_at timestamptz, contact uuid, made_at timestamptz
);

create function read_number(p_text text) returns bigint
  language sql immutable parallel safe
  return case when p_text ~ '^[0-9]{1,18}$' then p_text::bigint end;

create function read_uuid(p_text text) returns uuid
  language sql immutable parallel safe
  return case when p_text ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then p_text::uuid end;

create function read_attempts(p_attempts jsonb) returns door_attempt[]
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  if jsonb_typeof(p_attempts) <> 'array' or jsonb_array_length(p_attempts) > 1000 or exists (
    select from jsonb_array_elements(p_attempts) a
    where jsonb_typeof(a) <> 'object'
      or coalesce(a ->> 'what', '') not in ('check_in', 'walk_in', 'undo', 'excuse')
  ) then
    raise exception using errcode = 'RC422', message = 'bad_attempts';
  end if;
  return array(
    select row(
      t.place,
      coalesce(read_uuid(a ->> 'key'), gen_random_uuid()),
      a ->> 'what',
      read_number(a ->> 'participant'),
      read_number(a ->> 'generation'),
      read_number(a ->> 'user'),
      a ->> 'email',
      a ->> 'name',
      read_uuid(a ->> 'device'),
      (a ->> 'device_at')::timestamptz,
      read_uuid(a ->> 'contact'),
      coalesce((a ->> 'made_at')::timestamptz, v_now)
    )::door_attempt
    from jsonb_array_elements(p_attempts) with ordinality as t(a, place)
  );
end
$$;

comment on function read_attempts(jsonb) is
  'Attempts as they come, at most 1,000: {key, what, participant|user|email and name, generation of a code, device, '
  'contact}. device_at and made_at are the caller''s, who has looked at them.';

-- Doing them ------------------------------------------------------------------------

create function add_walk_ins(
  p_event events, p_actor bigint, p_attempts door_attempt[], p_request_id text,
  out attempts door_attempt[], out added bigint[]
)
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  -- Those of whom the address is not one are left without a number.
  attempts := array(
    select row(
      a.place, a.key, a.what, a.participant_id, a.generation,
      case
        when a.email is null then a.user_id
        when a.what = 'walk_in' and valid_email(a.email) and coalesce(valid_line(a.name, 200), false)
          and door_shut(p_event, a.what, a.made_at, v_now) is null
        then person_by_email(a.email, a.name, null)
      end,
      a.email, a.name, a.device, a.device_at, a.contact, a.made_at
    )::door_attempt
    from unnest(p_attempts) a
    order by a.place
  );
  if exists (select from unnest(attempts) a where a.email is not null and a.user_id is not null) then
    perform act_as(p_actor, p_request_id);
    insert into memberships (user_id, org_id)
    select distinct a.user_id, p_event.org_id
    from unnest(attempts) a
    where a.email is not null
      and a.user_id is not null
    on conflict (user_id, org_id) do nothing;
  end if;

  with let_in as (
    insert into event_participants (event_id, org_id, user_id, status, request_id, created_at, updated_at)
    select distinct p_event.id, p_event.org_id, m.user_id, 'registered', left(p_request_id, 64), v_now, v_now
    from unnest(attempts) a
    join memberships m on m.org_id = p_event.org_id and m.user_id = a.user_id
    where a.what = 'walk_in'
      and door_shut(p_event, a.what, a.made_at, v_now) is null
    order by m.user_id
    on conflict (event_id, user_id) do nothing
    returning id
  )
  select array_agg(id) into added from let_in;
end
$$;

comment on function add_walk_ins(events, bigint, door_attempt[], text) is
  'Makes those participants who are none yet, and people who are new: which, and the attempts with their numbers.';

create function door_round(
  p_event events, p_actor bigint, p_staff boolean, p_attempts door_attempt[], p_added bigint[], p_request_id text
) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_rows door_attempts[];
  v_marks attendance_mark[];
begin
  select
    array_agg(row(
      p_event.org_id, a.key, p_event.id, p.id, p_actor, a.what,
      coalesce((v).result, case
        when a.generation is not null and p.id is null then 'other_event'
        when p.id is not null then 'revoked'
        when a.email is not null then coalesce(door_shut(p_event, a.what, a.made_at, v_now), 'bad_person')
        when a.what = 'walk_in' then coalesce(door_shut(p_event, a.what, a.made_at, v_now), 'not_found')
        else 'not_found'
      end),
      case
        when (v).result not in ('present', 'late') then null
        when p.id = any(p_added) then 'none'
        when p.status <> 'registered' then p.status
      end,
      a.device, a.device_at, a.contact, a.made_at, v_now, left(p_request_id, 64)
    )::door_attempts),
    array_agg(row(p.id, (v).status, (v).marked_at, (v).action, (v).reason_code, null)::attendance_mark)
      filter (where (v).status is not null)
  into v_rows, v_marks
  from unnest(p_attempts) a
  left join event_participants p on p.id = a.participant_id
  left join lateral (
    select coalesce(
      (
        select d.made_at
        from door_attempts d
        where d.participant_id = p.id
          and d.at = p.attendance_updated_at
          and d.result in ('present', 'late', 'excused', 'undone', 'moved')
        order by d.made_at desc
        limit 1
      ),
      p.attendance_updated_at
    )
  ) as decided(at) on true
  left join lateral (
    select door_verdict(p_event, p, decided.at, a.what, a.made_at, v_now, p_actor, p_staff)
    where p.id is not null
      and coalesce(a.generation = p.generation, true)
  ) as verdict(v) on true;

  -- Who is let in is registered from now on; an undone letting in is, too.
  update event_participants p
  set
    status = case
      when r.result <> 'undone' then 'registered'
      when r.was = 'waitlisted' then 'waitlisted'
      else 'cancelled'
    end,
    request_id = left(p_request_id, 64),
    -- Who waited has their place, should it be undone.
    updated_at = case when r.was = 'waitlisted' then p.updated_at else v_now end
  from (
    select a.participant_id, a.result, coalesce(a.was, last.was) as was
    from unnest(v_rows) a
    left join lateral (
      select d.was, d.request_id
      from door_attempts d
      where a.result = 'undone'
        and d.participant_id = a.participant_id
        and d.result in ('present', 'late')
      order by d.at desc
      limit 1
    ) last on true
    join event_participants now_is on now_is.id = a.participant_id
    where (a.was in ('waitlisted', 'cancelled'))
      or (a.result = 'undone' and last.was is not null and last.request_id = now_is.request_id)
  ) r
  where p.id = r.participant_id;

  perform mark_attendance(p_event.org_id, p_actor, v_marks, null, p_request_id);
  insert into door_attempts select (unnest(v_rows)).* on conflict (org_id, key) do nothing;
end
$$;

comment on function door_round(events, bigint, boolean, door_attempt[], bigint[], text) is
  'Attempts about as many participants, all of them held: decided, done and kept.';

create function record_attempts(
  p_org bigint, p_actor bigint, p_staff boolean, p_event bigint, p_attempts jsonb, p_request_id text
) returns uuid[]
  language plpgsql
as $$
declare
  v_event events;
  v_attempts door_attempt[] := read_attempts(p_attempts);
  v_keys uuid[] := array(select a.key from unnest(v_attempts) a order by a.place);
  v_added bigint[];
  v_these door_attempt[];
begin
  select * into v_event
  from events
  where id = p_event
    and org_id = p_org
    and deleted_at is null
    and status <> 'draft';
  -- Who is new comes in by staff.
  if not found or (not p_staff and exists (select from unnest(v_attempts) a where a.email is not null)) then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  v_attempts := array(
    select a
    from unnest(v_attempts) a
    where not exists (select from door_attempts d where d.org_id = p_org and d.key = a.key)
  );
  select w.attempts, w.added into v_attempts, v_added
  from add_walk_ins(v_event, p_actor, v_attempts, p_request_id) w;

  -- Held in the order of their numbers, as everybody takes them.
  v_attempts := array(
    select row(
      a.place, a.key, a.what, p.id, a.generation, a.user_id, a.email, a.name, a.device, a.device_at,
      a.contact, a.made_at
    )::door_attempt
    from unnest(v_attempts) a
    left join event_participants p
      on p.event_id = p_event
      and case when a.participant_id is not null then p.id = a.participant_id else p.user_id = a.user_id end
  );
  perform
  from event_participants
  where id = any(array(select a.participant_id from unnest(v_attempts) a))
  order by id
  for no key update;

  -- Those about one person come one after the other. What somebody else sent
  -- meanwhile under the same key is done.
  for v_turn in 1 .. coalesce((
    select max(t.turns)
    from (select count(*) as turns from unnest(v_attempts) a group by coalesce(a.participant_id, -a.place)) t
  ), 0) loop
    v_these := array(
      select row(
        n.place, n.key, n.what, n.participant_id, n.generation, n.user_id, n.email, n.name, n.device,
        n.device_at, n.contact, n.made_at
      )::door_attempt
      from (
        select
          a.*,
          row_number() over (partition by coalesce(a.participant_id, -a.place) order by a.made_at, a.place) as turn
        from unnest(v_attempts) a
      ) n
      where n.turn = v_turn
        and not exists (select from door_attempts d where d.org_id = p_org and d.key = n.key)
    );
    perform door_round(v_event, p_actor, p_staff, v_these, v_added, p_request_id);
  end loop;
  return v_keys;
end
$$;

comment on function record_attempts(bigint, bigint, boolean, bigint, jsonb, text) is
  'Does what was tried at an event''s door, for whoever may, and keeps it; what was kept under its key before is not done '
  'again. The keys, for told_attempts(). Attempts may carry made_at here: when they were made, bounded by the caller.';

-- What is told of them ---------------------------------------------------------------

create function told_attempts(p_org bigint, p_keys uuid[], p_staff boolean)
  returns table (
    key uuid, what text, result text, is_done boolean, participant_id bigint, name text, status text,
    status_text text, marked_at text, marked_text text, by_name text, said text
  )
  language plpgsql stable
as $$
begin
  return query
    select
      d.key,
      d.what,
      d.result,
      d.result in ('present', 'late', 'excused', 'undone', 'moved'),
      p.id,
      shorten(u.name, 200),
      p.attendance_status,
      door_status_text(p.attendance_status),
      iso_time(p.attendance_marked_at, z.zone),
      to_char(p.attendance_marked_at at time zone z.zone, 'HH24:MI'),
      shorten(coalesce(b.name, case when p.attendance_marked_by is not null then 'someone who has left' end), 200),
      case d.result
        when 'present' then format('%s is here.', who.name)
        when 'late' then format('%s is here, late.', who.name)
        when 'moved' then format('%s was here before that already. We kept the earlier time.', who.name)
        when 'excused' then format('%s is excused.', who.name)
        when 'undone' then format('Undone. %s is not marked.', who.name)
        when 'already' then case
          when p.attendance_status in ('present', 'late') then format(
            '%s has been here since %s, checked in by %s.',
            who.name,
            to_char(p.attendance_marked_at at time zone z.zone, 'HH24:MI'),
            shorten(coalesce(b.name, 'someone who has left'), 200)
          )
          when p.attendance_status = 'excused' then format('%s is excused already.', who.name)
          else format('%s is not marked, so there is nothing to undo.', who.name)
        end
        when 'superseded' then format('Something newer is known about %s. Nothing was changed.', coalesce(shorten(u.name, 200), 'this person'))
        when 'too_early' then format('Check-in opens at %s.', to_char(door_opens(e) at time zone z.zone, 'HH24:MI'))
        when 'closed' then 'The event is over and its door is closed. Staff can still correct who was there.'
        when 'cancelled' then 'The event is cancelled. Nobody can be checked in.'
        when 'not_registered' then format('%s is not registered. Let them in as a walk-in.', who.name)
        when 'not_found' then 'We could not find that person here.'
        when 'other_event' then 'This code is for another event.'
        when 'revoked' then format('%s has a newer code. Ask for that one, or search for the name.', who.name)
        when 'not_yours' then 'Only who marked it, or staff, can undo it.'
        when 'not_allowed' then 'Only staff can do that.'
        when 'bad_person' then 'To let in somebody new we need a name and a mail address.'
      end
    from unnest(p_keys) with ordinality as k(key, place)
    join door_attempts d on d.org_id = p_org and d.key = k.key
    join events e on e.id = d.event_id
    join organizations o on o.id = p_org
    cross join lateral safe_zone(coalesce(e.timezone, o.timezone)) as z(zone)
    -- The door has no lists: whoever tries numbers in turn learns no name by it.
    left join event_participants p on p.id = d.participant_id and (
      p_staff
      or d.result in ('present', 'late', 'excused', 'undone', 'moved')
      or (d.result = 'already' and d.what in ('check_in', 'walk_in'))
    )
    left join users u on u.id = p.user_id
    left join users b on b.id = p.attendance_marked_by
    cross join lateral (select coalesce(shorten(u.name, 200), 'This person')) as who(name)
    order by k.place;
end
$$;

comment on function told_attempts(bigint, uuid[], boolean) is
  'What became of each, and how it is with the person now: in words too, for who stands at the door. Times are the event''s. '
  'To the door role (not p_staff) somebody is named only of whom something was done, or who is here already.';

create function record_door(p_session bytea, p_slug text, p_event bigint, p_attempts jsonb, p_request_id text)
  returns table (
    key uuid, what text, result text, is_done boolean, participant_id bigint, name text, status text,
    status_text text, marked_at text, marked_text text, by_name text, said text
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_keys uuid[];
begin
  perform require_team(p_session, p_slug, 'door');
  select t.org_id, t.user_id, role_rank(t.role) >= role_rank('staff') as is_staff
  into v_team
  from team_org(p_session, p_slug, 'door') t;
  -- When it was made, and how that is known, is not the sender's to say.
  v_keys := record_attempts(v_team.org_id, v_team.user_id, v_team.is_staff, p_event, (
    select coalesce(
      jsonb_agg(case when jsonb_typeof(t.a) = 'object' then t.a - '{made_at,device_at,contact}'::text[] else t.a end order by t.place),
      '[]'
    )
    from jsonb_array_elements(p_attempts) with ordinality as t(a, place)
  ), p_request_id);
  return query select * from told_attempts(v_team.org_id, v_keys, v_team.is_staff);
end
$$;

comment on function record_door(bytea, text, bigint, jsonb, text) is
  'What the door''s page does, one person or many, now: see read_attempts() and told_attempts(). Raises 404, and 422 for what is '
  'no list of attempts; all else is told of each.';

create function check_in_participant(
  p_session bytea, p_slug text, p_event bigint, p_participant bigint, p_request_id text
) returns text
  language sql security definer set search_path = pg_catalog, public, pg_temp
as $$
  select result
  from record_door(
    p_session, p_slug, p_event,
    jsonb_build_array(jsonb_build_object('what', 'check_in', 'participant', p_participant)), p_request_id
  );
$$;

comment on function check_in_participant(bytea, text, bigint, bigint, text) is 'One person: what became of it.';

-- The page -------------------------------------------------------------------------------

create function door_event(p_session bytea, p_slug text, p_event bigint)
  returns table (
    id bigint, title text, starts_at text, starts_text text, opens_text text, location text, is_virtual boolean,
    is_cancelled boolean, is_early boolean, is_closed boolean, takes_attendance boolean, registered bigint,
    present bigint, late bigint, excused bigint, unmarked bigint, capacity int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    e.id,
    e.title,
    iso_time(e.starts_at, z.zone),
    say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
    say_time(door_opens(e), z.zone),
    shorten(e.location, 200),
    e.is_virtual,
    e.status = 'cancelled',
    coalesce(door_shut(e, 'check_in', app_now(), app_now()) = 'too_early', false),
    e.status = 'completed',
    e.takes_attendance,
    p.registered,
    p.present,
    p.late,
    p.excused,
    p.unmarked,
    e.capacity
  from team_org(p_session, p_slug, 'door') t
  join organizations o on o.id = t.org_id
  join events e on e.org_id = o.id and e.id = p_event
  cross join lateral safe_zone(coalesce(e.timezone, o.timezone)) as z(zone)
  cross join lateral (
    select
      count(*) filter (where p.status = 'registered') as registered,
      count(*) filter (where p.attendance_status = 'present') as present,
      count(*) filter (where p.attendance_status = 'late') as late,
      count(*) filter (where p.attendance_status = 'excused') as excused,
      count(*) filter (where p.status = 'registered' and p.attendance_status = 'unknown') as unmarked
    from event_participants p
    where p.event_id = e.id
  ) p
  where e.deleted_at is null
    and e.status <> 'draft';
$$;

comment on function door_event(bytea, text, bigint) is
  'The event as its door shows it, with the counts; times are where the event is.';

create function door_done(p_session bytea, p_slug text, p_event bigint, p_request_id text)
  returns table (
    key uuid, what text, result text, is_done boolean, participant_id bigint, name text, status text,
    status_text text, marked_at text, marked_text text, by_name text, said text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
begin
  select t.org_id, t.user_id, role_rank(t.role) >= role_rank('staff') as is_staff
  into v_team
  from team_org(p_session, p_slug, 'door') t;
  return query
    select *
    from told_attempts(v_team.org_id, array(
      select d.key
      from door_attempts d
      where d.request_id = p_request_id
        and d.event_id = p_event
        and d.org_id = v_team.org_id
        and d.actor_id = v_team.user_id
        and d.at > app_now() - interval '10 minutes'
      limit 1000
    ), v_team.is_staff);
end
$$;

comment on function door_done(bytea, text, bigint, text) is
  'What became of a request that whoever is signed in made just now.';

create function door_people(
  p_session bytea, p_slug text, p_event bigint, p_search text, p_participant bigint, p_generation int,
  p_unmarked boolean, p_after bigint
)
  returns table (
    participant_id bigint, user_id bigint, name text, is_waiting boolean, has_left boolean, status text,
    status_text text, marked_text text, by_name text, can_check_in boolean, can_let_in boolean, can_undo boolean,
    can_excuse boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- By the indexes; a name may be rare or everybody's: each search has its own
  -- plan.
  set plan_cache_mode = force_custom_plan
  set enable_seqscan = off
  set jit = off
as $$
#variable_conflict use_column
declare
  v_team record;
  v_zone text;
  v_search text := lower(btrim(coalesce(p_search, '')));
  v_plain text := regexp_replace(v_search, '[^[:alnum:]]+', ' ', 'g');
  -- Beginnings of words, as patterns: thousands of names are gone through.
  v_words text[] := (
    select array_agg('% ' || word || '%') from regexp_split_to_table(btrim(v_plain), ' ') word where word <> ''
  );
  v_looks boolean := v_search <> '' or p_participant is not null;
  v_key text;
begin
  select t.org_id, t.user_id, role_rank(t.role) >= role_rank('staff') as is_staff
  into v_team
  from team_org(p_session, p_slug, 'door') t;
  select safe_zone(coalesce(e.timezone, o.timezone)) into v_zone
  from events e
  join organizations o on o.id = e.org_id
  where e.id = p_event
    and e.org_id = v_team.org_id
    and e.deleted_at is null
    and e.status <> 'draft';
  -- At the door one finds who stands there, and has no lists.
  if v_zone is null or (not v_team.is_staff and not v_looks) then
    return;
  elsif not v_team.is_staff and v_plain !~ '[[:alnum:]]{3}' then
    v_words := null;
  end if;
  select coalesce(m.sort_key, person_sort_key(p.user_id)) into v_key
  from event_participants p
  left join memberships m on m.org_id = p.org_id and m.user_id = p.user_id
  where p.id = p_after
    and p.event_id = p_event;

  return query
    with found as (
      select p.id, p.user_id, coalesce(m.sort_key, person_sort_key(p.user_id)) as sort_key
      from event_participants p
      left join memberships m on m.org_id = p.org_id and m.user_id = p.user_id
      where p.event_id = p_event
        and case
          when p_participant is not null then p.id = p_participant and p.generation = p_generation
          when v_search <> '' then
            ' ' || translate(coalesce(m.sort_key, person_sort_key(p.user_id)), '-.,''’', '     ') like all (v_words)
            or m.sort_key = v_search
            or p.user_id = (select u.id from users u where lower(u.email) = v_search)
          else p.status <> 'cancelled' or p.attendance_status <> 'unknown'
        end
        and (not p_unmarked or (p.status = 'registered' and p.attendance_status = 'unknown'))
        and (
          v_key is null
          or (coalesce(m.sort_key, person_sort_key(p.user_id)), p.id) > (v_key, p_after)
        )
      order by 3, 1
      limit case when p_unmarked then 101 when v_looks then 20 else 51 end
    ), named as materialized (
      select m.user_id, m.sort_key
      from memberships m
      where v_search <> ''
        and p_participant is null
        and not p_unmarked
        and org_words(m.org_id, m.sort_key) @@ case
          when v_words is not null then word_search(v_team.org_id || ':', v_plain)
        end
      limit 1000
    ), others as (
      select n.user_id, n.sort_key
      from named n
      where not exists (select from event_participants p where p.event_id = p_event and p.user_id = n.user_id)
      limit 10
    )
    select
      p.id,
      u.id,
      shorten(u.name, 200),
      coalesce(p.status = 'waitlisted', false),
      coalesce(p.status = 'cancelled', false),
      p.attendance_status,
      door_status_text(p.attendance_status),
      to_char(p.attendance_marked_at at time zone v_zone, 'HH24:MI'),
      shorten(b.name, 200),
      coalesce(p.status = 'registered' and p.attendance_status not in ('present', 'late'), false),
      coalesce(p.status <> 'registered' and p.attendance_status not in ('present', 'late'), true),
      coalesce(p.attendance_status in ('present', 'late', 'excused'), false)
        and (v_team.is_staff or coalesce(p.attendance_marked_by = v_team.user_id, false)),
      v_team.is_staff and coalesce(p.status = 'registered' and p.attendance_status in ('unknown', 'absent'), false)
    from (
      select f.id, f.user_id, f.sort_key from found f
      union all
      select null, o.user_id, o.sort_key from others o
    ) f
    join users u on u.id = f.user_id
    left join event_participants p on p.id = f.id
    left join users b on b.id = p.attendance_marked_by
    order by p.id is null, f.sort_key, p.id, u.id;
end
$$;

comment on function door_people(bytea, text, bigint, text, bigint, int, boolean, bigint) is
  'Who is meant at an event''s door: who registered there and has a word of the name, that address, or that code; then '
  'members who did not register, who can be let in. Whoever has only the door needs three letters of a name, or all of it. '
  'Without a search, for staff, all of them by name, from after that participant on: 51, or 101 of those who are not marked; the last says that there are more.';

-- Tickets -----------------------------------------------------------------------------------

create function ticket_end(p_event events) returns bigint
  language sql stable
as $$
  select extract(epoch from (p_event).effective_end + interval '7 days')::bigint;
$$;

comment on function ticket_end(events) is 'Until when the codes of an event''s registrations open something, in Unix seconds.';

create function own_ticket(p_session bytea, p_event bigint)
  returns table (
    id bigint, generation int, expires bigint, event_title text, starts_at text, starts_text text, zone text,
    location text, is_virtual boolean, org_name text, user_name text, is_waiting boolean, is_cancelled boolean,
    attendance_status text, attendance_text text
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    p.id,
    p.generation,
    ticket_end(e),
    e.title,
    iso_time(e.starts_at, z.zone),
    say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
    z.zone,
    e.location,
    e.is_virtual,
    o.name,
    u.name,
    p.status = 'waitlisted',
    e.status = 'cancelled',
    p.attendance_status,
    door_status_text(p.attendance_status)
  from live_sessions s
  join users u on u.id = s.user_id
  join event_participants p on p.event_id = p_event and p.user_id = u.id and p.status <> 'cancelled'
  join events e on e.id = p.event_id
  join organizations o on o.id = e.org_id
  join memberships m on m.org_id = o.id and m.user_id = u.id
  cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
  where s.hash = p_session
    and e.deleted_at is null
    and e.status <> 'draft';
$$;

comment on function own_ticket(bytea, bigint) is 'Of whoever is signed in: their registration, and what its code says.';

create function renew_ticket(p_session bytea, p_event bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update event_participants p
  set
    generation = p.generation + 1,
    -- Who waits, waits in the order of it.
    updated_at = case when p.status = 'waitlisted' then p.updated_at else app_now() end
  from memberships m
  where p.event_id = p_event
    and p.user_id = require_session(p_session)
    and p.status <> 'cancelled'
    and m.org_id = p.org_id
    and m.user_id = p.user_id;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

comment on function renew_ticket(bytea, bigint) is 'Another code; the one before opens nothing any more.';

create function ticket_link(p_session bytea, p_participant bigint, p_generation int)
  returns table (event_id bigint, org_slug text, is_own boolean, is_over boolean, is_old boolean)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    e.id,
    case when team.org_id is not null then o.slug end,
    p.user_id = s.user_id,
    ticket_end(e) < extract(epoch from app_now()),
    p.generation <> p_generation
  from live_sessions s
  join event_participants p on p.id = p_participant
  join events e on e.id = p.event_id
  join organizations o on o.id = e.org_id
  left join lateral team_org(p_session, o.slug, 'door') team on true
  where s.hash = p_session
    and e.deleted_at is null
    and e.status <> 'draft'
    and (team.org_id is not null or p.user_id = s.user_id);
$$;

comment on function ticket_link(bytea, bigint, int) is
  'What the code of a registration opens: for who has the door of its organisation, the door; for its holder, the ticket. '
  'Nobody else gets a row.';

grant execute on function door_status_text(text), own_ticket(bytea, bigint), renew_ticket(bytea, bigint)
  to rollcall_member;
grant execute on function
  door_status_text(text),
  record_door(bytea, text, bigint, jsonb, text),
  check_in_participant(bytea, text, bigint, bigint, text),
  door_event(bytea, text, bigint),
  door_people(bytea, text, bigint, text, bigint, int, boolean, bigint),
  door_done(bytea, text, bigint, text),
  ticket_link(bytea, bigint, int)
  to rollcall_staff;

commit;
