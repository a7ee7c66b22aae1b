-- Deploy rollcall:planning to pg
-- Who is asked about an event, and when. Prompt 1 is due an hour after the
-- end; what is due and missing is planned, however late, for 14 days.

begin;

create function prompt_refusal(p_event_status text, p_frequency text, p_suppressed_at timestamptz, p_answer text)
  returns text
  language sql immutable parallel safe
  return case
    when p_event_status in ('draft', 'cancelled') then 'event_' || p_event_status
    when p_frequency = 'none' then 'unsubscribed'
    when p_suppressed_at is not null then 'suppressed'
    when p_answer <> 'unknown' then 'answered'
  end;

comment on function prompt_refusal(text, text, timestamptz, text) is
  'Why someone of the audience is not asked, or null: looked at when planned and again just before sending.';

create function second_prompt_refusal(p_setting text, p_is_registered boolean) returns text
  language sql immutable parallel safe
  return case
    when p_setting = 'off' then 'second_prompt_off'
    when p_setting = 'registered' and not p_is_registered then 'not_registered'
  end;

comment on function second_prompt_refusal(text, boolean) is
  'Why no second prompt comes by itself under the organisation''s setting, or null. Who asked for one gets it anyway.';

create function prompt_due(p_end timestamptz, p_all_day boolean, p_zone text) returns timestamptz
  language sql stable parallel safe
  return case
    when p_all_day then next_local_time(p_end, p_zone, '09:00')
    else p_end + interval '1 hour'
  end;

comment on function prompt_due(timestamptz, boolean, text) is
  'When prompt 1 is due: an hour after the end, for whole days at 09:00 where the person is.';

create function in_prompt_audience(p_event bigint, p_user bigint, p_audience text) returns boolean
  language plpgsql stable
as $$
begin
  return (
    select
      p_audience in ('viewers', 'both')
        and exists (select from event_views where event_id = p_event and user_id = p_user)
      or p_audience in ('participants', 'both')
        and exists (
          select from event_participants
          where event_id = p_event and user_id = p_user and status = 'registered'
        )
  );
end
$$;

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

create function events_asked_about(p_now timestamptz) returns setof events
  language sql stable
  begin atomic
    select e.*
    from events e
    join organizations o on o.id = e.org_id
    where e.effective_end > p_now - interval '14 days'
      and e.effective_end <= p_now - case when e.all_day then interval '0' else interval '1 hour' end
      and e.effective_end >= o.prompts_since
      and e.status not in ('draft', 'cancelled')
      and e.deleted_at is null;
  end;

comment on function events_asked_about(timestamptz) is
  'Events whose first prompts may be due. Of whole days it is decided person by person: 09:00 is not at once everywhere.';

create function first_prompts(p_event events, p_org organizations, p_after bigint, p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language sql stable
  begin atomic
    select
      n.notification_id,
      u.id,
      due.at,
      case when held.until > p_now then held.until else due.at end,
      case when held.until > p_now then 'quiet_hours' end
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
      select case
        when u.quiet then quiet_until(p_now, coalesce(t.name, 'UTC'), u.quiet_from, u.quiet_to)
        else p_now
      end
    ) as held(until)
    where not exists (select from scheduled_notifications q where q.notification_id = n.notification_id)
      and not exists (
        select from notification_log l
        where l.notification_id = n.notification_id
          and l.cause is distinct from 'event_cancelled'
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
  end;

comment on function first_prompts(events, organizations, bigint, timestamptz) is
  'The first prompts about one event that are due and missing, from a user id on: what the planner plans and a dry run shows.';

create table planning_position (
  id int primary key default 1 check (id = 1),
  event_id bigint not null default 0,
  user_id bigint not null default 0
);

insert into planning_position default values;

comment on table planning_position is
  'Where the planner stopped with as many as it was asked for; 0, 0 when it came to the end. It saves going over a '
  'million people again for each chunk, and decides nothing: a round that began here starts over before it is done.';

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
      v_urgency,
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

create function cancel_moved_prompts() returns int
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select finish_unleased(array_agg(q.id), 'cancelled', array_agg(gone.cause))
    from (
      select e.id as event_id, e.revision, 'moved' as cause
      from events e
      where e.revision > 1
        and e.effective_end > app_now() - interval '14 days'
      union all
      select e.id, e.revision + 1, 'event_cancelled'
      from events e
      where e.status = 'cancelled'
        and e.effective_end > app_now() - interval '14 days'
    ) gone
    join scheduled_notifications q on q.event_id = gone.event_id and q.revision < gone.revision
    where q.kind = 'attendance_prompt';
  end;

comment on function cancel_moved_prompts() is
  'Takes back the unsent prompts of events that were moved or cancelled since they were planned.';

create function expire_notifications(p_max int) returns int
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select finish_unleased(array_agg(late.id), 'expired', array_agg('too_late'::text))
    from (
      select q.id
      from scheduled_notifications q
      where q.expires_at <= app_now()
        and (q.lease_until is null or q.lease_until <= app_now())
      order by q.expires_at
      limit p_max
      for update skip locked
    ) late;
  end;

comment on function expire_notifications(int) is 'Puts away up to p_max messages that are of no more use.';

grant execute on function
  schedule_post_event_prompts(int),
  cancel_moved_prompts(),
  expire_notifications(int)
  to rollcall_sweep;

commit;
