-- Revert rollcall:planning from pg

begin;

drop function schedule_post_event_prompts(int);
drop function plan_missing_prompts(int);
drop function plan_first_prompts(bigint[], bigint[], bigint[], int, timestamptz);
drop function first_prompts(bigint[], bigint[], bigint[], timestamptz);
drop function next_unplanned(bigint, bigint, int, timestamptz);
drop function unplanned(bigint, int, bigint[]);
drop function prompt_audience(bigint, text, bigint, int);
drop function in_hours(time, time, time);

create function prompt_audience(p_event bigint, p_audience text, p_after bigint) returns setof bigint
  language sql stable rows 10000
  begin atomic
    (
      select v.user_id
      from event_views v
      where v.event_id = p_event
        and v.user_id > p_after
        and p_audience in ('viewers', 'both')
      order by v.event_id, v.user_id
    )
    union all
    (
      select p.user_id
      from event_participants p
      where p.event_id = p_event
        and p.user_id > p_after
        and p.status = 'registered'
        and p_audience in ('participants', 'both')
        and not (
          p_audience = 'both'
          and exists (select from event_views v where v.event_id = p_event and v.user_id = p.user_id)
        )
      order by p.event_id, p.user_id
    );
  end;

comment on function prompt_audience(bigint, text, bigint) is
  'Those whom in_prompt_audience() takes in, once each, from a user id on. Both parts come in its order, to be merged.';

create function first_prompts(p_event events, p_org organizations, p_after bigint, p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language sql stable
as $$
  select
    n.notification_id,
    u.id,
    due.at,
    case when digest.at is not null then digest.at when held.until > p_now then held.until else due.at end,
    case when digest.at is not null then 'digest' when held.until > p_now then 'quiet_hours' end
  from prompt_audience((p_event).id, (p_org).prompt_audience, p_after) as a(user_id)
  cross join lateral (
    select format('prompt-%s-%s-1-r%s', (p_event).id, a.user_id, (p_event).revision)
  ) as n(notification_id)
  join users u on u.id = a.user_id
  left join timezones t on t.name = coalesce(u.timezone, (p_org).timezone)
  left join event_notification_preferences f on f.user_id = u.id and f.org_id = (p_org).id
  left join attendance answer on answer.user_id = u.id and answer.event_id = (p_event).id
  cross join lateral (
    select prompt_due((p_event).effective_end, (p_event).all_day, coalesce(t.name, 'UTC'))
  ) as due(at)
  cross join lateral (
    -- Who has just chosen it waits for the next, however late they are.
    select case
      when f.frequency in ('daily', 'weekly') then
        digest_time(f.frequency, greatest(due.at, f.updated_at), coalesce(t.name, 'UTC'))
    end
  ) as digest(at)
  cross join lateral (
    select case
      when u.quiet then quiet_until(p_now, coalesce(t.name, 'UTC'), u.quiet_from, u.quiet_to)
      else p_now
    end
  ) as held(until)
  where not exists (select from scheduled_notifications q where q.notification_id = n.notification_id)
    and not exists (
      select from notification_log l
      where l.notification_id = n.notification_id
        and (l.cause is null or l.cause not in ('event_cancelled', 'unsubscribed'))
    )
    and not exists (
      select from notifications o
      where o.user_id = a.user_id
        and o.event_id = (p_event).id
        and o.type = 'attendance_prompt'
        and o.prompt_number = 1
        and o.revision = (p_event).revision
    )
    and due.at <= p_now
    and prompt_refusal((p_event).status, f.frequency, u.suppressed_at, answer.status) is null;
$$;

comment on function first_prompts(events, organizations, bigint, timestamptz) is
  'The first prompts about one event that are due and missing, from a user id on: what the planner plans and a dry run shows.';

create function plan_event_prompts(p_event bigint, p_after bigint, p_max int, out planned int, out last_user bigint)
  language plpgsql
  -- One person after the other through the indexes: a chunk costs what it
  -- plans, not what is planned already, and no plan made while the tables were
  -- empty can read them whole for each person.
  set enable_hashjoin = off
  set enable_mergejoin = off
  set enable_sort = off
  set enable_seqscan = off
  set enable_bitmapscan = off
  set jit = off
as $$
declare
  v_now timestamptz := app_now();
  v_event events;
  v_org organizations;
  v_urgency smallint;
begin
  select * into v_event from events where id = p_event;
  select * into v_org from organizations where id = v_event.org_id;
  select c.urgency into v_urgency
  from notification_kinds k
  join notification_categories c using (category)
  where k.kind = 'attendance_prompt';

  with inserted as (
    insert into scheduled_notifications (
      notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, revision,
      scheduled_for, not_before, cause, expires_at, created_at
    )
    select
      f.notification_id,
      v_org.id,
      'attendance_prompt',
      case when f.cause = 'digest' then 4 else v_urgency end,
      v_event.id,
      f.user_id,
      1,
      v_event.revision,
      f.scheduled_for,
      f.not_before,
      f.cause,
      v_event.effective_end + interval '14 days',
      v_now
    from first_prompts(v_event, v_org, p_after, v_now) f
    order by f.user_id
    limit p_max
    on conflict (notification_id) do nothing
    returning user_id
  )
  select count(*), max(i.user_id) into planned, last_user from inserted i;
end
$$;

create function schedule_post_event_prompts(p_max int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_from planning_position;
  v_event bigint;
  v_chunk record;
  v_planned int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('schedule_post_event_prompts', 0)) then
    return 0;
  end if;
  select * into v_from from planning_position;

  -- From where the last call stopped to the end, and then from the beginning.
  loop
    for v_event in
      select e.id from events_asked_about(v_now) e where e.id >= v_from.event_id order by e.id
    loop
      v_chunk := plan_event_prompts(
        v_event, case when v_event = v_from.event_id then v_from.user_id else 0 end, p_max - v_planned
      );
      v_planned := v_planned + v_chunk.planned;
      if v_planned >= p_max then
        update planning_position set event_id = v_event, user_id = v_chunk.last_user;
        return v_planned;
      end if;
    end loop;
    exit when v_from.event_id = 0;
    v_from.event_id := 0;
    v_from.user_id := 0;
    update planning_position set event_id = 0, user_id = 0;
  end loop;
  return v_planned;
end
$$;

comment on function schedule_post_event_prompts(int) is
  'Plans up to p_max prompts that are due and missing; to be called again while it returns p_max. '
  'One planner works at a time: a second returns 0.';

create or replace function planned_prompts(p_max int)
  returns table (
    notification_id text, user_id bigint, event_id bigint, prompt_number int,
    scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    with prompt as materialized (
      (
        select f.notification_id, f.user_id, e.org_id, e.id, 1 as number, f.scheduled_for, f.not_before, f.cause
        from events_asked_about(v_now) e
        join organizations o on o.id = e.org_id
        cross join lateral first_prompts(e, o, 0, v_now) f
        order by e.id, f.user_id
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
