-- Deploy rollcall:second_prompt to pg
-- The second prompt: at nine in the morning, by itself or because the person
-- asked for it then. There is never a third.

begin;

create function say_soon(p_at timestamptz, p_zone text) returns text
  language sql stable parallel safe
  return to_char(p_at at time zone p_zone, 'FMDay FMDD FMMonth, HH24:MI');

comment on function say_soon(timestamptz, text) is 'Saturday 21 November, 09:00';

create function second_prompt_due(p_after timestamptz, p_zone text) returns timestamptz
  language sql stable parallel safe
  return next_local_time(p_after + interval '3 hours', p_zone, '09:00');

comment on function second_prompt_due(timestamptz, text) is
  'The first 09:00 in the zone at least 3 hours after prompt 1 left, or after somebody asked for it.';

create function second_prompt(p_first notifications, p_now timestamptz)
  returns table (
    notification_id text, org_id bigint, event_id bigint, user_id bigint, revision int,
    scheduled_for timestamptz, not_before timestamptz, cause text, expires_at timestamptz
  )
  language sql stable
  begin atomic
    select
      n.notification_id,
      o.id,
      e.id,
      u.id,
      e.revision,
      due.at,
      greatest(due.at, held.until),
      case when held.until > greatest(due.at, p_now) then 'quiet_hours' end,
      e.effective_end + interval '14 days'
    from events e
    join organizations o on o.id = e.org_id
    join users u on u.id = (p_first).user_id
    cross join lateral (select format('prompt-%s-%s-2-r%s', e.id, u.id, e.revision)) as n(notification_id)
    left join timezones t on t.name = coalesce(u.timezone, o.timezone)
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = o.id
    left join attendance answer on answer.user_id = u.id and answer.event_id = e.id
    cross join lateral (
      select second_prompt_due((p_first).follow_up_from, coalesce(t.name, 'UTC'))
    ) as due(at)
    cross join lateral (
      select case
        when u.quiet then
          quiet_until(greatest(due.at, p_now), coalesce(t.name, 'UTC'), u.quiet_from, u.quiet_to)
        else due.at
      end
    ) as held(until)
    where e.id = (p_first).event_id
      and e.revision = (p_first).revision
      and e.deleted_at is null
      and o.prompts_since is not null
      and due.at < e.effective_end + interval '14 days'
      and prompt_refusal(e.status, f.frequency, u.suppressed_at, answer.status) is null
      and second_prompt_refusal(o.second_prompt, in_prompt_audience(e.id, u.id, 'participants')) is null
      and not exists (select from scheduled_notifications q where q.notification_id = n.notification_id)
      and not exists (select from notification_log l where l.notification_id = n.notification_id)
      and not exists (
        select from notifications s
        where s.user_id = u.id
          and s.event_id = e.id
          and s.type = 'attendance_prompt'
          and s.prompt_number = 2
          and s.revision = e.revision
      );
  end;

comment on function second_prompt(notifications, timestamptz) is
  'The second prompt that follows a first one that left, or none: what the planner plans and a dry run shows.';

create function schedule_second_prompts(p_max int) returns table (looked_at int, planned int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_urgency smallint;
begin
  select c.urgency into v_urgency
  from notification_kinds k
  join notification_categories c using (category)
  where k.kind = 'attendance_prompt';

  return query
    with first as materialized (
      select n as prompt
      from notifications n
      where n.follow_up_from is not null
      order by n.follow_up_from, n.id
      limit p_max
      for update skip locked
    ), inserted as (
      insert into scheduled_notifications (
        notification_id, org_id, kind, urgency, event_id, user_id, notify_type, prompt_number, revision,
        scheduled_for, not_before, cause, expires_at, created_at
      )
      select
        s.notification_id, s.org_id, 'attendance_prompt', v_urgency, s.event_id, s.user_id, 'automatic', 2, s.revision,
        s.scheduled_for, s.not_before, s.cause, s.expires_at, v_now
      from first
      cross join lateral second_prompt(first.prompt, v_now) s
      on conflict (notification_id) do nothing
      returning 1
    ), decided as (
      update notifications n
      set follow_up_from = null
      from first
      where n.id = (first.prompt).id
      returning 1
    )
    select (select count(*)::int from decided), (select count(*)::int from inserted);
end
$$;

comment on function schedule_second_prompts(int) is
  'Decides of up to p_max first prompts that left whether a second follows, and plans it: ahead, so that an answer '
  'takes it back and a snooze moves it. To be called again while looked_at is p_max.';

create function planned_prompts(p_max int)
  returns table (
    notification_id text, user_id bigint, event_id bigint, prompt_number int,
    scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_event events;
  v_org organizations;
  v_left int := p_max;
  v_shown int;
begin
  for v_event in select * from events_asked_about(v_now) e order by e.id loop
    exit when v_left <= 0;
    select * into v_org from organizations o where o.id = v_event.org_id;
    return query
      select f.notification_id, f.user_id, v_event.id, 1, f.scheduled_for, f.not_before, f.cause
      from first_prompts(v_event, v_org, 0, v_now) f
      order by f.user_id
      limit v_left;
    get diagnostics v_shown = row_count;
    v_left := v_left - v_shown;
  end loop;
  return query
    select s.notification_id, s.user_id, s.event_id, 2, s.scheduled_for, s.not_before, s.cause
    from notifications n
    cross join lateral second_prompt(n, v_now) s
    where n.follow_up_from is not null
    order by n.follow_up_from, n.id
    limit greatest(v_left, 0);
end
$$;

comment on function planned_prompts(int) is
  'Up to p_max prompts that schedule_post_event_prompts() and schedule_second_prompts() would plan now. Plans none.';

create function snooze_time(p_first notifications) returns timestamptz
  language plpgsql stable
as $$
begin
  return (
    select due.at
    from events e
    join organizations o on o.id = e.org_id
    join users u on u.id = (p_first).user_id
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = o.id
    left join attendance answer on answer.user_id = u.id and answer.event_id = e.id
    cross join lateral (
      select second_prompt_due(app_now(), safe_zone(coalesce(u.timezone, o.timezone)))
    ) as due(at)
    where e.id = (p_first).event_id
      and e.revision = (p_first).revision
      and e.effective_end <= app_now()
      and (p_first).type = 'attendance_prompt'
      and (p_first).prompt_number = 1
      and o.prompts_since is not null
      and due.at < e.effective_end + interval '14 days'
      and prompt_refusal(e.status, f.frequency, u.suppressed_at, answer.status) is null
      and not exists (
        select from notifications s
        where s.user_id = u.id
          and s.event_id = e.id
          and s.type = 'attendance_prompt'
          and s.prompt_number = 2
          and s.revision = e.revision
      )
  );
end
$$;

comment on function snooze_time(notifications) is
  'When the person would be asked again if they asked for it now; null when that is not offered: by a second prompt, '
  'after one has set out, when the time would be over, or when nothing would be sent.';

create function snooze_attendance_prompt(p_user bigint, p_notification bigint) returns timestamptz
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_first notifications;
  v_event events;
  v_due timestamptz;
begin
  select * into v_first
  from notifications
  where id = p_notification and user_id = p_user and type = 'attendance_prompt'
  for update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  v_event := answerable_event(v_first.event_id);
  if exists (
    select from attendance where user_id = p_user and event_id = v_event.id and status <> 'unknown'
  ) then
    raise exception using errcode = 'RC409', message = 'answered';
  end if;

  v_due := snooze_time(v_first);
  if v_due is not null then
    insert into scheduled_notifications as q (
      notification_id, org_id, kind, urgency, event_id, user_id, notify_type, prompt_number, revision,
      scheduled_for, not_before, expires_at, created_at
    )
    select
      format('prompt-%s-%s-2-r%s', v_event.id, p_user, v_event.revision), v_event.org_id, k.kind, c.urgency,
      v_event.id, p_user, 'snooze', 2, v_event.revision,
      v_due, v_due, v_event.effective_end + interval '14 days', v_now
    from notification_kinds k
    join notification_categories c using (category)
    where k.kind = 'attendance_prompt'
    -- Claimed and not begun, it finds its lease lost. Once it has set out it
    -- is not called back: that would be a third.
    on conflict (notification_id) do update
    set
      notify_type = 'snooze', scheduled_for = excluded.scheduled_for, not_before = excluded.not_before,
      cause = null, lease_id = null, lease_until = null
    where q.first_attempt_at is null;
  end if;
  if v_due is null or not found then
    raise exception using errcode = 'RC409', message = 'snooze_not_offered';
  end if;
  update notifications
  set read_at = coalesce(read_at, v_now), follow_up_from = null
  where id = v_first.id;
  return v_due;
end
$$;

comment on function snooze_attendance_prompt(bigint, bigint) is
  'The person asks to be asked again at nine in the morning: plans the one second prompt, or moves it. Gives its time. '
  'The caller has decided that this is the person.';

create function snooze_prompt(p_notification bigint, p_generation int, p_expires timestamptz)
  returns table (due_text text, zone text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_first notifications := linked_prompt(p_notification, p_generation, p_expires);
  v_due timestamptz := snooze_attendance_prompt(v_first.user_id, v_first.id);
begin
  return query
    select say_soon(v_due, z.zone), z.zone
    from users u
    join organizations o on o.id = v_first.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = v_first.user_id;
end
$$;

comment on function snooze_prompt(bigint, int, timestamptz) is 'The same, pressed behind a prompt link.';

grant execute on function
  schedule_second_prompts(int),
  planned_prompts(int)
  to rollcall_sweep;
grant execute on function snooze_prompt(bigint, int, timestamptz) to rollcall_answer;

commit;
