-- Deploy rollcall:planning to pg
-- First prompts are found by going through an event's audience and what is
-- planned about it side by side, and planned many at once.

begin;

create function in_hours(p_at time, p_from time, p_to time) returns boolean
  language sql immutable parallel safe
  return case
    when p_from < p_to then p_at >= p_from and p_at < p_to
    when p_from > p_to then p_at >= p_from or p_at < p_to
    else false
  end;

comment on function in_hours(time, time, time) is
  'Whether the clock is between two times of a day, maybe past midnight.';

drop function schedule_post_event_prompts(int);
drop function plan_event_prompts(bigint, bigint, int);
drop function first_prompts(events, organizations, bigint, timestamptz);
drop function prompt_audience(bigint, text, bigint);

create function prompt_audience(p_event bigint, p_audience text, p_after bigint, p_max int) returns bigint[]
  language plpgsql stable
  -- What the tables held when the plan was made says nothing of what they hold
  -- now. Rows that are compared as (event_id, user_id), and wanted in that
  -- order without sorting, have one way only: the index that has it.
  set enable_sort = off
  set enable_incremental_sort = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_viewers bigint[] := '{}';
  v_participants bigint[] := '{}';
begin
  if p_audience in ('viewers', 'both') then
    v_viewers := array(
      select v.user_id
      from event_views v
      where (v.event_id, v.user_id) > (p_event, p_after)
        and (v.event_id, v.user_id) <= (p_event, 9223372036854775807)
      order by v.event_id, v.user_id
      limit p_max
    );
  end if;
  if p_audience in ('participants', 'both') then
    v_participants := array(
      select p.user_id
      from event_participants p
      where (p.event_id, p.user_id) > (p_event, p_after)
        and (p.event_id, p.user_id) <= (p_event, 9223372036854775807)
        and p.status = 'registered'
      order by p.event_id, p.user_id
      limit p_max
    );
  end if;
  if v_viewers = '{}' then
    return v_participants;
  elsif v_participants = '{}' then
    return v_viewers;
  end if;
  return array(
    select a.user_id
    from (select unnest(v_viewers) union select unnest(v_participants)) as a(user_id)
    order by a.user_id
    limit p_max
  );
end
$$;

comment on function prompt_audience(bigint, text, bigint, int) is
  'Of those whom in_prompt_audience() takes in, the first p_max after a user id, in order, once each.';

create function unplanned(p_event bigint, p_revision int, p_people bigint[]) returns bigint[]
  language plpgsql stable
  -- As prompt_audience() and for its reasons.
  set enable_sort = off
  set enable_incremental_sort = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  v_first bigint := p_people[1];
  v_last bigint := p_people[cardinality(p_people)];
  v_queued bigint[];
  v_asked bigint[];
begin
  v_queued := array(
    select q.user_id
    from scheduled_notifications q
    where (q.event_id, q.user_id) >= (p_event, v_first)
      and (q.event_id, q.user_id) <= (p_event, v_last)
      and q.kind = 'attendance_prompt'
      and q.prompt_number = 1
      and q.revision = p_revision
    order by q.event_id, q.user_id
  );
  if v_queued = p_people then
    return '{}';
  end if;
  v_asked := array(
    select n.user_id
    from notifications n
    where (n.event_id, n.user_id) >= (p_event, v_first)
      and (n.event_id, n.user_id) <= (p_event, v_last)
      and n.type = 'attendance_prompt'
      and n.prompt_number = 1
      and n.revision = p_revision
    order by n.event_id, n.user_id
  );
  if v_asked = p_people then
    return '{}';
  elsif v_queued = '{}' and v_asked = '{}' then
    return p_people;
  end if;
  return array(
    select left_over.user_id
    from (select unnest(p_people) except select unnest(v_queued || v_asked)) as left_over(user_id)
    order by left_over.user_id
  );
end
$$;

comment on function unplanned(bigint, int, bigint[]) is
  'Those of p_people, who stand in order, whose first prompt about an event is neither queued nor was ever made.';

create function next_unplanned(
  p_event bigint, p_user bigint, p_max int, p_now timestamptz, out events bigint[], out users bigint[],
  out once bigint[]
)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  v_window constant int := 5000;
  v_event record;
  v_after bigint;
  v_people bigint[];
  v_missing bigint[];
begin
  events := '{}';
  users := '{}';
  once := '{}';
  for v_event in
    select e.id, e.revision, o.prompt_audience
    from events_asked_about(p_now) e
    join organizations o on o.id = e.org_id
    where e.id >= p_event
    order by e.id
  loop
    v_after := case when v_event.id = p_event then p_user else 0 end;
    loop
      v_people := prompt_audience(v_event.id, v_event.prompt_audience, v_after, v_window);
      exit when v_people = '{}';
      v_missing := unplanned(v_event.id, v_event.revision, v_people);
      if v_missing <> '{}' then
        v_missing := v_missing[:p_max - cardinality(users)];
        events := events || array_fill(v_event.id, array[cardinality(v_missing)]);
        users := users || v_missing;
        once := once || v_event.id;
        if cardinality(users) >= p_max then
          return;
        end if;
      end if;
      exit when cardinality(v_people) < v_window;
      v_after := v_people[v_window];
    end loop;
  end loop;
end
$$;

comment on function next_unplanned(bigint, bigint, int, timestamptz) is
  'The next p_max pairs of an event and one of its audience after those two, in order, for whom no first prompt is '
  'there. Fewer: those are all. once: each of the events once or a few times.';

create function first_prompts(p_events bigint[], p_users bigint[], p_once bigint[], p_now timestamptz)
  returns table (
    notification_id text, org_id bigint, event_id bigint, user_id bigint, revision int, scheduled_for timestamptz,
    not_before timestamptz, cause text, expires_at timestamptz
  )
  language sql stable
  -- Where an offset or a limit stands, what is inside is worked out once for
  -- each event, or each person, by the one index that fits; and what nobody has
  -- about an event is not looked up for each.
  begin atomic
    select
      n.notification_id,
      e.org_id,
      e.id,
      u.id,
      e.revision,
      due.at,
      case when digest.at is not null then digest.at when held.until > p_now then held.until else due.at end,
      case when digest.at is not null then 'digest' when held.until > p_now then 'quiet_hours' end,
      e.expires_at
    from unnest(p_events, p_users) as a(event_id, user_id)
    join (
      select
        v.id,
        v.org_id,
        v.revision,
        v.status,
        v.all_day,
        v.effective_end,
        o.timezone,
        'prompt-' || v.id || '-' as id_begin,
        '-1-r' || v.revision as id_end,
        prompt_due(v.effective_end, false, null) as due,
        v.effective_end + interval '14 days' as expires_at,
        (select true from attendance t where t.event_id = v.id limit 1) as has_answers,
        (select true from notification_log l where l.event_id = v.id limit 1) as has_log
      from events v
      join organizations o on o.id = v.org_id
      where v.id = any (p_once)
      offset 0
    ) e on e.id = a.event_id
    cross join lateral (
      select
        p.id,
        p.suppressed_at,
        p.quiet,
        p.quiet_from,
        p.quiet_to,
        z.zone,
        (p_now at time zone z.zone)::time as local_time,
        case when e.has_answers then (
          select t.status
          from attendance t
          where (t.user_id, t.event_id) >= (p.id, e.id)
            and (t.user_id, t.event_id) <= (p.id, e.id)
          order by t.user_id, t.event_id
          limit 1
        ) end as answer
      from users p
      cross join lateral (
        select case
          when coalesce(p.timezone, e.timezone) in (select t.name from timezones t) then
            coalesce(p.timezone, e.timezone)
          else 'UTC'
        end
        offset 0
      ) as z(zone)
      where p.id = a.user_id
      offset 0
    ) u
    left join lateral (
      select f.frequency, f.updated_at
      from event_notification_preferences f
      where (f.user_id, f.org_id) >= (a.user_id, e.org_id)
        and (f.user_id, f.org_id) <= (a.user_id, e.org_id)
      order by f.user_id, f.org_id
      limit 1
    ) f on true
    cross join lateral (select e.id_begin || u.id || e.id_end) as n(notification_id)
    cross join lateral (
      select case when e.all_day then prompt_due(e.effective_end, true, u.zone) else e.due end
    ) as due(at)
    cross join lateral (
      -- Who has just chosen it waits for the next, however late they are.
      select case
        when f.frequency in ('daily', 'weekly') then
          digest_time(f.frequency, greatest(due.at, f.updated_at), u.zone)
      end
    ) as digest(at)
    cross join lateral (
      select case
        when u.quiet and in_hours(u.local_time, u.quiet_from, u.quiet_to) then
          quiet_until(p_now, u.zone, u.quiet_from, u.quiet_to)
        else p_now
      end
    ) as held(until)
    where due.at <= p_now
      and prompt_refusal(e.status, f.frequency, u.suppressed_at, u.answer) is null
      and case when e.has_log then (
        select true
        from notification_log l
        where l.notification_id = n.notification_id
          and (l.cause is null or l.cause not in ('event_cancelled', 'unsubscribed'))
        limit 1
      ) end is null;
  end;

comment on function first_prompts(bigint[], bigint[], bigint[], timestamptz) is
  'The first prompts that are due, of pairs from next_unplanned(): what the planner plans and a dry run shows. p_once: '
  'p_events, each once or a few times.';

create function plan_first_prompts(
  p_events bigint[], p_users bigint[], p_once bigint[], p_max int, p_now timestamptz
) returns int
  language plpgsql
  -- Planned for as many as there are this time, and in one way, whatever is
  -- thought of the tables: a hash of the events, and of anything else one row by
  -- its index.
  set plan_cache_mode = force_custom_plan
  set enable_seqscan = off
  set enable_bitmapscan = off
  set enable_nestloop = off
  set enable_mergejoin = off
  set enable_sort = off
  set enable_incremental_sort = off
  set jit = off
as $$
declare
  v_urgency smallint;
  v_planned int;
begin
  select c.urgency into v_urgency
  from notification_kinds k
  join notification_categories c using (category)
  where k.kind = 'attendance_prompt';

  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, revision,
    scheduled_for, not_before, cause, expires_at, created_at
  )
  select
    f.notification_id,
    f.org_id,
    'attendance_prompt',
    case when f.cause = 'digest' then 4 else v_urgency end,
    f.event_id,
    f.user_id,
    1,
    f.revision,
    f.scheduled_for,
    f.not_before,
    f.cause,
    f.expires_at,
    p_now
  from first_prompts(p_events, p_users, p_once, p_now) f
  order by f.event_id, f.user_id
  limit p_max;
  get diagnostics v_planned = row_count;
  return v_planned;
end
$$;

create function plan_missing_prompts(p_max int) returns int
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_from planning_position;
  v_is_whole boolean;
  v_next record;
  v_room int;
  v_planned int := 0;
begin
  select * into v_from from planning_position;
  v_is_whole := v_from.event_id = 0;

  -- From where the last call stopped to the end, and then from the beginning.
  while v_planned < p_max loop
    v_next := next_unplanned(v_from.event_id, v_from.user_id, p_max, v_now);
    v_room := p_max - v_planned;
    if v_next.users <> '{}' then
      v_planned := v_planned + plan_first_prompts(v_next.events, v_next.users, v_next.once, v_room, v_now);
    end if;
    -- There may have been no room for some: the next call looks at them again.
    exit when v_planned = p_max and v_room < cardinality(v_next.users);
    if cardinality(v_next.users) = p_max then
      v_from.event_id := v_next.events[p_max];
      v_from.user_id := v_next.users[p_max];
    else
      exit when v_is_whole;
      v_is_whole := true;
      v_from.event_id := 0;
      v_from.user_id := 0;
    end if;
  end loop;
  update planning_position set event_id = v_from.event_id, user_id = v_from.user_id;
  return v_planned;
end
$$;

create function schedule_post_event_prompts(p_max int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if not pg_try_advisory_xact_lock(planning_lock()) then
    return 0;
  end if;
  begin
    return plan_missing_prompts(p_max);
  exception
    -- Somebody who is no planner has written one of these: now it is seen.
    when unique_violation then
      return plan_missing_prompts(p_max);
  end;
end
$$;

comment on function schedule_post_event_prompts(int) is
  'Plans up to p_max prompts that are due and missing; to be called again while it returns p_max. One planner works '
  'at a time: a second returns 0, as one does while somebody is deleting people, events or organisations.';

create or replace function planned_prompts(p_max int)
  returns table (
    notification_id text, user_id bigint, event_id bigint, prompt_number int,
    scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language plpgsql stable strict security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_next record;
  v_from bigint[] := '{0, 0}';
  v_events bigint[] := '{}';
  v_users bigint[] := '{}';
begin
  loop
    v_next := next_unplanned(v_from[1], v_from[2], p_max, v_now);
    select v_events || array_agg(f.event_id), v_users || array_agg(f.user_id)
    into v_events, v_users
    from first_prompts(v_next.events, v_next.users, v_next.once, v_now) f;
    exit when cardinality(v_next.users) < p_max or cardinality(v_users) >= p_max;
    v_from := array[v_next.events[p_max], v_next.users[p_max]];
  end loop;
  return query
    with prompt as materialized (
      (
        select
          f.notification_id, f.user_id, f.org_id, f.event_id as id, 1 as number,
          f.scheduled_for, f.not_before, f.cause
        from first_prompts(v_events, v_users, array(select distinct unnest(v_events)), v_now) f
        order by f.event_id, f.user_id
        limit p_max
      )
      union all
      (
        select s.notification_id, s.user_id, s.org_id, s.event_id, 2, s.scheduled_for, s.not_before, s.cause
        from notifications n
        cross join lateral second_prompt(n, v_now) s
        where n.follow_up_from is not null
        order by n.follow_up_from, n.id
        limit p_max
      )
    ), line as (
      (
        select q.user_id, q.org_id, q.not_before
        from scheduled_notifications q
        where q.urgency = 4 and q.not_before <= v_now
        order by q.not_before, q.id
        limit p_max
      )
      union all
      select p.user_id, p.org_id, p.not_before
      from prompt p
      where p.cause = 'digest' and p.not_before <= v_now
    )
    select p.notification_id, p.user_id, p.id, p.number, p.scheduled_for, p.not_before, p.cause
    from prompt p
    union all
    (
      select d.notification_id, l.user_id, null, null, l.since, l.since, null
      from (
        select line.user_id, line.org_id, min(line.not_before) as since from line group by line.user_id, line.org_id
      ) l
      cross join lateral digest_of(l.user_id, l.org_id, v_now) d
      where not d.is_gone
        and not exists (select from scheduled_notifications q where q.notification_id = d.notification_id)
      order by l.user_id, l.org_id
    )
    limit p_max;
end
$$;

grant execute on function schedule_post_event_prompts(int) to rollcall_sweep;

commit;
