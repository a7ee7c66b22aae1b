-- Revert rollcall:door from pg

begin;

create or replace function door_shut(p_event events, p_what text, p_made_at timestamptz, p_arrived timestamptz) returns text
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

create or replace function door_verdict(
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

create or replace function door_round(
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

create or replace function told_attempts(p_org bigint, p_keys uuid[], p_staff boolean)
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

create or replace function record_attempts(
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

drop function other_claim(events, event_participants, bigint, timestamptz);
drop function door_word(events, timestamptz);

create or replace function door_event(p_session bytea, p_slug text, p_event bigint)
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

create or replace function door_people(
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

drop function name_words(text);

create or replace function record_door(p_session bytea, p_slug text, p_event bigint, p_attempts jsonb, p_request_id text)
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

commit;
