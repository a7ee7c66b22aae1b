-- Deploy rollcall:digests to pg
-- Several questions in one mail, for who wants it so. Their prompts are planned
-- as everybody's are, and wait in the queue as lines: until nine in the
-- morning, or nine on Monday. Then one message, the digest, takes all of a
-- person's lines of an organisation, and they go out with it.

begin;

insert into notification_kinds (kind, category, template) values ('digest', 'prompt', 'mail_digest');

alter table scheduled_notifications add column digest_id bigint;

comment on column scheduled_notifications.digest_id is 'Of a line: the digest that it is in.';
comment on column scheduled_notifications.urgency is
  'Of its category, copied for the index that claims go by. Lines are never claimed: 4 waits for a digest, 5 is in one.';

create function digest_time(p_frequency text, p_after timestamptz, p_zone text) returns timestamptz
  language sql stable parallel safe
  return case p_frequency
    when 'daily' then next_local_time(p_after, p_zone, '09:00')
    when 'weekly' then (
      date_trunc('week', next_local_time(p_after, p_zone, '09:00') at time zone p_zone + interval '6 days')
      + interval '9 hours'
    ) at time zone p_zone
  end;

comment on function digest_time(text, timestamptz, text) is
  'The first 09:00, of any day or of a Monday, in the zone at or after p_after; null when the person wants no digest.';

-- Planned as lines.

create or replace function first_prompts(p_event events, p_org organizations, p_after bigint, p_now timestamptz)
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

create or replace function plan_event_prompts(p_event bigint, p_after bigint, p_max int, out planned int, out last_user bigint)
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

create or replace function second_prompt(p_first notifications, p_now timestamptz)
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
      coalesce(digest.at, greatest(due.at, held.until)),
      case
        when digest.at is not null then 'digest'
        when held.until > greatest(due.at, p_now) then 'quiet_hours'
      end,
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
      select digest_time(f.frequency, greatest(due.at, f.updated_at), coalesce(t.name, 'UTC'))
    ) as digest(at)
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
      and coalesce(digest.at, due.at) < e.effective_end + interval '14 days'
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

create or replace function schedule_second_prompts(p_max int) returns table (looked_at int, planned int)
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
        s.notification_id, s.org_id, 'attendance_prompt', case when s.cause = 'digest' then 4 else v_urgency end,
        s.event_id, s.user_id, 'automatic', 2, s.revision, s.scheduled_for, s.not_before, s.cause, s.expires_at, v_now
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

-- Gathered.

create function digests_of(p_lines bigint[], p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, org_id bigint, lines bigint[], scheduled_for timestamptz,
    expires_at timestamptz, is_gone boolean, next_at timestamptz
  )
  language sql stable
  begin atomic
    select
      d.notification_id,
      l.user_id,
      l.org_id,
      l.lines,
      l.scheduled_for,
      l.expires_at,
      exists (
        select from notification_log g
        where g.notification_id = d.notification_id
          and g.state <> 'cancelled'
      ) or exists (
        select from scheduled_notifications b
        where b.notification_id = d.notification_id
          and b.first_attempt_at is not null
      ),
      digest_time(
        case when f.frequency = 'weekly' then 'weekly' else 'daily' end,
        p_now + interval '1 microsecond',
        z.zone
      )
    from (
      select
        q.user_id, q.org_id, array_agg(q.id) as lines,
        min(q.not_before) as scheduled_for, max(q.expires_at) as expires_at
      from scheduled_notifications q
      where q.id = any (p_lines)
      group by q.user_id, q.org_id
    ) l
    join users u on u.id = l.user_id
    join organizations o on o.id = l.org_id
    left join event_notification_preferences f on f.user_id = l.user_id and f.org_id = l.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral (
      select format('digest-%s-%s-%s', l.org_id, l.user_id, to_char(p_now at time zone z.zone, 'YYYYMMDD'))
    ) as d(notification_id);
  end;

comment on function digests_of(bigint[], timestamptz) is
  'The digests that take these lines: one a person, organisation and day. is_gone: the day''s has set out already, and '
  'they have to wait until next_at.';

create function schedule_digests(p_max int, out looked_at int, out planned int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  -- Through the indexes, as plan_event_prompts() goes and for its reasons.
  set enable_hashjoin = off
  set enable_mergejoin = off
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_now timestamptz := app_now();
  v_urgency smallint;
  v_lines bigint[];
  v_digest record;
  v_id bigint;
  v_is_new boolean;
begin
  select c.urgency into v_urgency
  from notification_kinds k
  join notification_categories c using (category)
  where k.kind = 'digest';
  v_lines := array(
    select q.id
    from scheduled_notifications q
    where q.urgency = 4 and q.not_before <= v_now
    order by q.not_before, q.id
    limit p_max
    for update skip locked
  );
  looked_at := cardinality(v_lines);
  planned := 0;

  for v_digest in select * from digests_of(v_lines, v_now) d order by d.user_id, d.org_id loop
    v_id := null;
    if not v_digest.is_gone then
      insert into scheduled_notifications as q (
        notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at, created_at
      )
      values (
        v_digest.notification_id, v_digest.org_id, 'digest', v_urgency, v_digest.user_id,
        v_digest.scheduled_for, v_digest.scheduled_for, v_digest.expires_at, v_now
      )
      -- One that has set out meanwhile takes no more.
      on conflict (notification_id) do update
      set expires_at = greatest(q.expires_at, excluded.expires_at)
      where q.first_attempt_at is null
      returning q.id, q.xmax = 0 into v_id, v_is_new;
    end if;
    update scheduled_notifications
    set
      urgency = case when v_id is null then 4 else 5 end,
      digest_id = v_id,
      not_before = case when v_id is null then v_digest.next_at else not_before end
    where id = any (v_digest.lines);
    planned := planned + (v_id is not null and v_is_new)::int;
  end loop;
end
$$;

comment on function schedule_digests(int) is
  'Puts up to p_max lines whose time has come into digests, and plans those. To be called again while looked_at is p_max.';

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
  get diagnostics v_shown = row_count;
  return query
    select d.notification_id, d.user_id, null::bigint, null::int, d.scheduled_for, d.scheduled_for, null::text
    from digests_of(
      array(
        select q.id
        from scheduled_notifications q
        where q.urgency = 4 and q.not_before <= v_now
        order by q.not_before, q.id
        limit p_max
      ),
      v_now
    ) d
    where not d.is_gone
      and not exists (select from scheduled_notifications q where q.notification_id = d.notification_id)
    order by d.user_id
    limit greatest(v_left - v_shown, 0);
end
$$;

comment on function planned_prompts(int) is
  'Up to p_max prompts that schedule_post_event_prompts() and schedule_second_prompts() would plan now, and digests, of '
  'lines that stand in the queue, that schedule_digests() would. Plans none.';

-- Asked anew, stopped, or wanted otherwise.

create or replace function cancel_prompts(p_user bigint, p_org bigint, p_event bigint, p_cause text) returns int
  language plpgsql
as $$
begin
  return (
    select finish_unleased(array_agg(q.id), 'cancelled', array_agg(p_cause))
    from scheduled_notifications q
    where q.user_id = p_user
      and q.org_id = p_org
      and q.kind in ('attendance_prompt', 'digest')
      and (p_event is null or q.event_id = p_event)
  );
end
$$;

create or replace function snooze_attendance_prompt(p_user bigint, p_notification bigint) returns timestamptz
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
      urgency = excluded.urgency, digest_id = null, cause = null, lease_id = null, lease_until = null
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

create or replace function reschedule_messages(p_user bigint, p_old_zone text) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  -- The morning that was named to them stays that morning, where they are now.
  with morning as (
    select
      q.id,
      next_local_time(
        greatest(
          q.scheduled_for at time zone safe_zone(coalesce(p_old_zone, o.timezone)) at time zone z.zone,
          q.created_at + interval '3 hours',
          v_now
        ),
        z.zone,
        '09:00'
      ) as due
    from scheduled_notifications q
    join users u on u.id = q.user_id
    join organizations o on o.id = q.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where q.user_id = p_user
      and q.kind = 'attendance_prompt'
      and q.prompt_number = 2
      and q.scheduled_for > v_now
      and q.urgency < 4
      and z.zone <> safe_zone(coalesce(p_old_zone, o.timezone))
  )
  update scheduled_notifications q
  set scheduled_for = morning.due, not_before = morning.due, cause = null
  from morning
  where q.id = morning.id
    and q.first_attempt_at is null
    and (q.lease_until is null or q.lease_until <= v_now)
    and morning.due < q.expires_at;

  -- Held for the quiet hours as they are now, not as they were.
  with held as (
    select
      q.id,
      due.at,
      case
        when u.quiet then
          quiet_until(due.at, safe_zone(coalesce(u.timezone, o.timezone)), u.quiet_from, u.quiet_to)
        else due.at
      end as until
    from scheduled_notifications q
    join notification_kinds k using (kind)
    join notification_categories c using (category)
    join users u on u.id = q.user_id
    left join organizations o on o.id = q.org_id
    cross join lateral (select greatest(q.scheduled_for, v_now)) as due(at)
    where q.user_id = p_user
      and c.quiet_hours = 'held'
  )
  update scheduled_notifications q
  set not_before = held.until, cause = case when held.until > held.at then 'quiet_hours' end
  from held
  where q.id = held.id
    and q.first_attempt_at is null
    and (q.cause is null or q.cause = 'quiet_hours')
    and (q.lease_until is null or q.lease_until <= v_now);

  update scheduled_notifications q
  set not_before = digest_time(
    f.frequency, greatest(q.scheduled_for, v_now), safe_zone(coalesce(u.timezone, o.timezone))
  )
  from users u, organizations o, event_notification_preferences f
  where q.user_id = p_user
    and q.urgency = 4
    and q.not_before > v_now
    and u.id = q.user_id
    and o.id = q.org_id
    and f.user_id = q.user_id
    and f.org_id = q.org_id
    and f.frequency in ('daily', 'weekly');
end
$$;

create function line_time(p_row scheduled_notifications) returns timestamptz
  language plpgsql stable
as $$
begin
  if p_row.kind <> 'attendance_prompt'
    or p_row.notify_type = 'snooze'
    or p_row.first_attempt_at is not null
  then
    return null;
  end if;
  return (
    select digest_time(f.frequency, greatest(p_row.scheduled_for, app_now()), safe_zone(coalesce(u.timezone, o.timezone)))
    from event_notification_preferences f
    join users u on u.id = f.user_id
    join organizations o on o.id = f.org_id
    where f.user_id = p_row.user_id
      and f.org_id = p_row.org_id
  );
end
$$;

comment on function line_time(scheduled_notifications) is
  'When a waiting prompt may go as a line of a digest; null when it goes by itself: the person wants it so, or asked for '
  'it, or it has set out.';

create function switch_prompts() returns trigger
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  if new.frequency in ('daily', 'weekly') then
    update scheduled_notifications q
    set urgency = 4, not_before = line_time(q), cause = 'digest', lease_id = null, lease_until = null
    where q.user_id = new.user_id
      and q.org_id = new.org_id
      and q.urgency <= 4
      and (q.lease_until is null or q.lease_until <= v_now)
      and line_time(q) is not null;
  elsif new.frequency = 'all' then
    with freed as (
      select q.id, c.urgency, held_until(q) as held_until
      from scheduled_notifications q
      join notification_kinds k using (kind)
      join notification_categories c using (category)
      where q.user_id = new.user_id
        and q.org_id = new.org_id
        and q.urgency in (4, 5)
    )
    update scheduled_notifications q
    set
      urgency = freed.urgency,
      digest_id = null,
      not_before = case
        when freed.held_until > v_now then greatest(q.scheduled_for, freed.held_until)
        else q.scheduled_for
      end,
      cause = case when freed.held_until > greatest(q.scheduled_for, v_now) then 'quiet_hours' end
    from freed
    where q.id = freed.id
      and q.first_attempt_at is null;
  end if;
  return null;
end
$$;

comment on function switch_prompts() is
  'What waits for a person follows what they want: prompts become lines, and lines prompts. What has set out stays what '
  'it is, so that nothing goes both ways; one that is claimed and not begun is looked at in its recheck.';

create trigger switch_prompts after update of frequency on event_notification_preferences
  for each row when (old.frequency <> new.frequency) execute function switch_prompts();
create trigger switch_prompts_first after insert on event_notification_preferences
  for each row when (new.frequency <> 'all') execute function switch_prompts();

-- Sent.

create function state_unsent(p_cause text) returns text
  language sql immutable parallel safe
  return case
    when p_cause = 'too_late' then 'expired'
    when p_cause in ('moved', 'event_cancelled') then 'cancelled'
    else 'skipped'
  end;

comment on function state_unsent(text) is 'The state in which a message ends that the recheck does not let go.';

create function digest_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select coalesce(
      prompt_refusal(null, f.frequency, u.suppressed_at, null),
      case
        when not exists (
          select from scheduled_notifications q
          where q.user_id = u.id
            and q.digest_id = (p_row).id
            and prompt_recheck(q) is null
        )
        then 'nothing_to_ask'
      end
    )
    from users u
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = (p_row).org_id
    where u.id = (p_row).user_id
  );
end
$$;

comment on function digest_recheck(scheduled_notifications) is
  'Why a digest is not wanted any more, or null: none of its lines may be left.';

create function mark_sent(p_row scheduled_notifications) returns void
  language plpgsql
as $$
begin
  perform try_mark_notification_pushed((p_row).notification_id, jsonb_strip_nulls(jsonb_build_object(
    'kind', (p_row).kind,
    'user_id', (p_row).user_id,
    'org_id', (p_row).org_id,
    'event_id', (p_row).event_id,
    'schedule_id', (p_row).schedule_id
  )));
end
$$;

create function follow_prompt(p_row scheduled_notifications) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  update notifications
  set
    follow_up_from = case when p_row.prompt_number = 1 and responded_at is null then v_now end,
    unknown_at = case when p_row.prompt_number = 1 then unknown_at else v_now + interval '24 hours' end
  where user_id = p_row.user_id
    and event_id = p_row.event_id
    and type = p_row.kind
    and prompt_number = p_row.prompt_number
    and revision = p_row.revision;
end
$$;

comment on function follow_prompt(scheduled_notifications) is
  'What follows from a prompt that left: a second one may come, or no answer is an answer a day later.';

create function take_lines(p_row scheduled_notifications) returns boolean
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_is_copy boolean := (
    select p_row.message is not null and p_row.message_to = u.email from users u where u.id = p_row.user_id
  );
  v_line scheduled_notifications;
  v_cause text;
  v_taken int := 0;
begin
  -- A line whose lock somebody has is being answered or taken out.
  for v_line in
    select * from scheduled_notifications
    where user_id = p_row.user_id and digest_id = p_row.id
    order by id
    for update skip locked
  loop
    -- What a copy says has been decided, and what it does not say it cannot.
    continue when v_is_copy and v_line.first_attempt_at is null;
    v_cause := case when not v_is_copy then prompt_recheck(v_line) end;
    if v_cause is not null then
      perform finish_notification(v_line, state_unsent(v_cause), v_cause, null, null);
      continue;
    end if;
    perform send_attendance_prompt(v_line.event_id, v_line.user_id, v_line.prompt_number, v_line.revision);
    update scheduled_notifications
    set
      retry_count = retry_count + 1,
      first_attempt_at = coalesce(first_attempt_at, v_now),
      lease_id = p_row.lease_id,
      lease_until = v_now + interval '5 minutes'
    where id = v_line.id;
    v_taken := v_taken + 1;
  end loop;
  return v_taken > 0;
end
$$;

comment on function take_lines(scheduled_notifications) is
  'At an attempt to send a digest: decides which of its lines are asked, leases them with it, and makes the prompts that '
  'the person sees; puts away those that are no longer wanted. A stored message is sent with the lines it has. False: '
  'there is none. The caller holds the digest''s lock.';

create function finish_digest_lines(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_line scheduled_notifications;
  v_cause text;
begin
  if p_row.kind <> 'digest' then
    return;
  end if;
  for v_line in
    select * from scheduled_notifications
    where user_id = p_row.user_id and digest_id = p_row.id
    order by id
    for update
  loop
    v_cause := case when p_state <> 'sent' then prompt_recheck(v_line) end;
    if v_cause is not null then
      perform finish_notification(v_line, state_unsent(v_cause), v_cause, null, null);
    elsif v_line.first_attempt_at is not null then
      if p_state = 'sent' then
        perform mark_sent(v_line);
        perform follow_prompt(v_line);
      end if;
      perform finish_notification(v_line, p_state, p_cause, p_reply_code, p_took_ms);
    else
      -- It was not in the message: the planner looks at it again.
      update scheduled_notifications set urgency = 4, digest_id = null where id = v_line.id;
    end if;
  end loop;
end
$$;

comment on function finish_digest_lines(scheduled_notifications, text, text, int, int) is
  'What became of a digest became of the lines it had. Nothing for other messages.';

create function digest_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    with line as (
      select
        l.*,
        row_number() over (order by l.effective_end, l.id) as place
      from (
        select
          n.id,
          n.generation,
          shorten(e.title, 80) as title,
          say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
          extract(epoch from q.expires_at)::bigint as expires,
          q.prompt_number = 2 as is_last,
          e.effective_end
        from scheduled_notifications q
        join events e on e.id = q.event_id
        join organizations o on o.id = q.org_id
        join users u on u.id = q.user_id
        join notifications n on n.user_id = q.user_id and n.event_id = q.event_id and n.type = q.kind
          and n.prompt_number = q.prompt_number and n.revision = q.revision
        cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
        where q.user_id = (p_row).user_id
          and q.digest_id = (p_row).id
          and q.first_attempt_at is not null
      ) l
    )
    select jsonb_build_object(
      'user_name', u.name,
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'zone', safe_zone(coalesce(u.timezone, o.timezone)),
      'is_weekly', coalesce(f.frequency = 'weekly', false),
      'one', (select min(line.title) from line having count(*) = 1),
      'many', (select count(*) from line having count(*) > 1),
      'asked', (select count(*) from line),
      'lines', (
        select coalesce(jsonb_agg(
          jsonb_build_object(
            'row_id', line.id,
            'generation', line.generation,
            'expires', line.expires,
            'event_title', line.title,
            'starts_text', line.starts_text,
            'is_last', line.is_last
          )
          order by line.place
        ), '[]')
        from line
        where line.place <= 50
      )
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = o.id
    where u.id = (p_row).user_id
  );
end
$$;

comment on function digest_display(scheduled_notifications) is
  'asked: how many lines there are, of which the first 50 are given. It has one, or it has many.';

create or replace function recheck_notification(p_row scheduled_notifications, out cause text, out held_until timestamptz)
  language plpgsql stable
as $$
begin
  if exists (select from notification_pushes p where p.notification_id = p_row.notification_id) then
    cause := 'already_sent';
  elsif p_row.expires_at <= app_now() then
    cause := 'too_late';
  elsif p_row.kind = 'attendance_prompt' then
    cause := prompt_recheck(p_row);
  elsif p_row.kind = 'digest' then
    cause := digest_recheck(p_row);
  elsif p_row.kind in ('sign_in', 'join') then
    cause := sign_in_recheck(p_row);
  elsif p_row.kind = 'staff_notice' then
    cause := staff_notice_recheck(p_row);
  elsif p_row.kind = 'responder_news' then
    cause := responder_news_recheck(p_row);
  end if;
  if cause is null and not is_wanted(p_row.user_id, p_row.org_id, stoppable_category(p_row.kind), 'email') then
    cause := 'not_wanted';
  end if;
  if cause is null then
    held_until := held_until(p_row);
  end if;
end
$$;

create or replace function prepare_notification(p_id bigint, p_lease bigint)
  returns table (
    outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text,
    email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int,
    expires_at timestamptz, preference_id bigint, preference_generation int
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_row scheduled_notifications;
  v_notification notifications;
  v_held_until timestamptz;
  v_digest_at timestamptz;
  v_to text;
  v_category text;
begin
  select * into v_row from scheduled_notifications q where q.id = p_id and q.lease_id = p_lease for update;
  if not found then
    outcome := 'lost';
    return next;
    return;
  end if;

  select r.cause, r.held_until into cause, v_held_until from recheck_notification(v_row) r;
  if cause is null and v_held_until <= v_now and v_row.kind = 'digest' and not take_lines(v_row) then
    cause := 'nothing_to_ask';
  end if;
  if cause is not null then
    outcome := 'skip';
    perform finish_digest_lines(v_row, state_unsent(cause), cause, null, null);
    perform finish_notification(v_row, state_unsent(cause), cause, null, null);
    return next;
    return;
  end if;
  v_digest_at := line_time(v_row);
  if v_digest_at is not null then
    outcome := 'hold';
    cause := 'digest';
    update scheduled_notifications q
    set urgency = 4, not_before = v_digest_at, cause = 'digest', lease_id = null, lease_until = null
    where q.id = p_id;
    return next;
    return;
  end if;
  if v_held_until > v_now then
    outcome := 'hold';
    cause := 'quiet_hours';
    update scheduled_notifications q
    set not_before = v_held_until, cause = 'quiet_hours', lease_id = null, lease_until = null
    where q.id = p_id;
    return next;
    return;
  end if;

  -- Who asked to join may not exist yet: what they typed tells where, and
  -- nothing else of it is mailed to an address that anyone may have typed.
  select coalesce(u.email, r.email), shorten(u.name, 100) into v_to, name
  from (select v_row.user_id, v_row.sign_in_request_id) as q(user_id, request)
  left join users u on u.id = q.user_id
  left join sign_in_requests r on r.id = q.request;
  email := v_to;
  update scheduled_notifications q
  set
    retry_count = q.retry_count + 1,
    first_attempt_at = coalesce(q.first_attempt_at, v_now),
    lease_until = v_now + interval '5 minutes',
    cause = null,
    message = case when q.message_to = v_to then q.message end,
    message_to = v_to
  where q.id = p_id
  returning q.* into v_row;
  outcome := 'send';
  message := v_row.message;
  first_attempt_at := v_row.first_attempt_at;
  sent_date := to_char(v_row.first_attempt_at at time zone 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS') || ' +0000';
  expires_at := v_row.expires_at;
  select k.template into template from notification_kinds k where k.kind = v_row.kind;
  -- Short enough for a mail of 20 KiB, whatever is in it.
  select o.id, shorten(o.name, 100) into org_id, org_name from organizations o where o.id = v_row.org_id;

  if v_row.kind = 'attendance_prompt' then
    v_notification := send_attendance_prompt(
      v_row.event_id, v_row.user_id, v_row.prompt_number, v_row.revision
    );
    row_id := v_notification.id;
    generation := v_notification.generation;
    data := prompt_display(v_row);
  elsif v_row.kind = 'digest' then
    data := digest_display(v_row);
  elsif v_row.kind in ('sign_in', 'join') then
    select r.id, r.generation into row_id, generation
    from sign_in_requests r
    where r.id = v_row.sign_in_request_id;
    data := case v_row.kind when 'join' then join_display(v_row) else sign_in_display(v_row) end;
  elsif v_row.kind = 'staff_notice' then
    data := staff_notice_display(v_row);
  elsif v_row.kind = 'responder_news' then
    data := responder_news_display(v_row);
  end if;

  v_category := stoppable_category(v_row.kind);
  if v_category = 'prompt' then
    insert into event_notification_preferences (user_id, org_id, created_at, updated_at)
    values (v_row.user_id, v_row.org_id, v_now, v_now)
    on conflict do nothing;
    select p.id, p.generation into preference_id, preference_generation
    from event_notification_preferences p
    where p.user_id = v_row.user_id and p.org_id = v_row.org_id;
  elsif v_category is not null then
    insert into category_preferences (user_id, org_id, category, channel, created_at, updated_at)
    values (v_row.user_id, v_row.org_id, v_category, 'email', v_now, v_now)
    on conflict do nothing;
    select p.id, p.generation into preference_id, preference_generation
    from category_preferences p
    where p.user_id = v_row.user_id and p.org_id = v_row.org_id and p.category = v_category and p.channel = 'email';
  end if;
  return next;
end
$$;

create or replace function record_sent(p_id bigint, p_lease bigint, p_reply_code int, p_took_ms int) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_row scheduled_notifications;
begin
  select * into v_row from scheduled_notifications where id = p_id and lease_id = p_lease for update;
  if not found then
    return false;
  end if;
  perform mark_sent(v_row);
  if v_row.kind = 'attendance_prompt' then
    perform follow_prompt(v_row);
  elsif v_row.kind = 'digest' then
    perform finish_digest_lines(v_row, 'sent', 'in_digest', p_reply_code, p_took_ms);
  end if;
  delete from address_refusals where user_id = v_row.user_id;
  perform channel_succeeded('email');
  perform finish_notification(v_row, 'sent', null, p_reply_code, p_took_ms);
  return true;
end
$$;

create or replace function record_failed(
  p_id bigint, p_lease bigint, p_class text, p_reply_code int, p_enhanced text, p_why text
) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_status text := substring(p_enhanced from '^[245]\.\d{1,3}\.\d{1,3}$');
  v_row scheduled_notifications;
  v_again timestamptz;
begin
  if p_class is null or p_class not in ('retry', 'ours', 'address', 'recipient') then
    raise exception using errcode = 'RC422', message = 'bad_class', detail = 'class';
  end if;
  -- A server's reply may quote the address it refuses.
  update scheduled_notifications
  set
    last_error = left(concat_ws(' ', v_status, regexp_replace(p_why, '[^\s<>]+@[^\s<>]+', '(address)', 'g')), 500),
    processed_at = v_now
  where id = p_id and lease_id = p_lease
  returning * into v_row;
  if not found then
    return 'lost';
  end if;

  if p_class in ('address', 'recipient') then
    perform finish_digest_lines(v_row, 'dead', p_class || '_refused', p_reply_code, null);
    perform finish_notification(v_row, 'dead', p_class || '_refused', p_reply_code, null);
    if v_row.user_id is null then
      return 'dead';
    elsif p_class = 'address' then
      perform suppress_address(v_row.user_id, coalesce(v_status, p_reply_code::text, p_why, 'refused'));
    else
      perform count_refusal(v_row.user_id, coalesce(p_reply_code::text, p_why, 'refused'));
    end if;
    return 'dead';
  end if;
  v_again := v_now + (
    least(interval '60 seconds' * power(2, least(v_row.retry_count - 1, 10)), interval '1 hour')
    * (0.5 + random() / 2)
  );
  if v_again >= v_row.expires_at then
    perform finish_digest_lines(v_row, 'expired', 'no_try_left', p_reply_code, null);
    perform finish_notification(v_row, 'expired', 'no_try_left', p_reply_code, null);
    return 'expired';
  end if;
  update scheduled_notifications
  set
    not_before = v_again,
    cause = case p_class when 'ours' then 'our_fault' else 'retry' end,
    lease_id = null,
    lease_until = null
  where id = p_id;
  if v_row.kind = 'digest' then
    update scheduled_notifications
    set lease_id = null, lease_until = null
    where user_id = v_row.user_id
      and digest_id = p_id;
  end if;
  return 'pending';
end
$$;

create or replace function due_notifications(p_max int)
  returns table (
    notification_id text, kind text, user_id bigint, outcome text, cause text, held_until timestamptz
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select
      (due.q).notification_id,
      (due.q).kind,
      (due.q).user_id,
      case when r.cause is not null then 'skip' when wait.needed then 'hold' else 'send' end,
      coalesce(r.cause, case when digest.at is not null then 'digest' when wait.needed then 'quiet_hours' end),
      case when r.cause is null and wait.needed then coalesce(digest.at, r.held_until) end
    from (
      select q
      from scheduled_notifications q
      where q.urgency < 4
        and q.not_before <= app_now()
        and (q.lease_until is null or q.lease_until <= app_now())
        and not channel_is_paused('email')
      order by q.urgency, q.not_before, q.id
      limit p_max
    ) due
    cross join lateral recheck_notification(due.q) r
    cross join lateral line_time(due.q) as digest(at)
    cross join lateral (select r.held_until > app_now() or digest.at is not null) as wait(needed)
    order by (due.q).urgency, (due.q).not_before, (due.q).id;
  end;

grant execute on function schedule_digests(int) to rollcall_sweep;

commit;
