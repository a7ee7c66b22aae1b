-- Revert rollcall:digests from pg

begin;

drop trigger switch_prompts on event_notification_preferences;
drop trigger switch_prompts_first on event_notification_preferences;

-- What waits for a digest goes by itself.
delete from scheduled_notifications where kind = 'digest';
update scheduled_notifications q
set urgency = c.urgency, cause = null, lease_id = null, lease_until = null
from notification_kinds k
join notification_categories c using (category)
where k.kind = q.kind
  and q.urgency > 3;

create or replace function cancel_prompts(p_user bigint, p_org bigint, p_event bigint, p_cause text) returns int
  language plpgsql
as $$
begin
  return (
    select finish_unleased(array_agg(q.id), 'cancelled', array_agg(p_cause))
    from scheduled_notifications q
    where q.user_id = p_user
      and q.org_id = p_org
      and q.kind = 'attendance_prompt'
      and (p_event is null or q.event_id = p_event)
  );
end
$$;

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
end
$$;

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
  if cause is not null then
    outcome := 'skip';
    perform finish_notification(
      v_row,
      case
        when cause = 'too_late' then 'expired'
        when cause in ('moved', 'event_cancelled') then 'cancelled'
        else 'skipped'
      end,
      cause,
      null,
      null
    );
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
  v_now timestamptz := app_now();
  v_row scheduled_notifications;
begin
  select * into v_row from scheduled_notifications where id = p_id and lease_id = p_lease for update;
  if not found then
    return false;
  end if;
  perform try_mark_notification_pushed(v_row.notification_id, jsonb_strip_nulls(jsonb_build_object(
    'kind', v_row.kind,
    'user_id', v_row.user_id,
    'org_id', v_row.org_id,
    'event_id', v_row.event_id,
    'schedule_id', v_row.schedule_id
  )));
  if v_row.kind = 'attendance_prompt' then
    update notifications
    set
      follow_up_from = case when v_row.prompt_number = 1 and responded_at is null then v_now end,
      unknown_at = case when v_row.prompt_number = 1 then unknown_at else v_now + interval '24 hours' end
    where user_id = v_row.user_id
      and event_id = v_row.event_id
      and type = v_row.kind
      and prompt_number = v_row.prompt_number
      and revision = v_row.revision;
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
      coalesce(r.cause, case when wait.needed then 'quiet_hours' end),
      case when r.cause is null and wait.needed then r.held_until end
    from (
      select q
      from scheduled_notifications q
      where q.not_before <= app_now()
        and (q.lease_until is null or q.lease_until <= app_now())
        and not channel_is_paused('email')
      order by q.urgency, q.not_before, q.id
      limit p_max
    ) due
    cross join lateral recheck_notification(due.q) r
    cross join lateral (select r.held_until > app_now()) as wait(needed)
    order by (due.q).urgency, (due.q).not_before, (due.q).id;
  end;

drop function finish_digest_lines(scheduled_notifications, text, text, int, int);
drop function take_lines(scheduled_notifications);
drop function follow_prompt(scheduled_notifications);
drop function mark_sent(scheduled_notifications);
drop function digest_display(scheduled_notifications);
drop function digest_recheck(scheduled_notifications);
drop function state_unsent(text);
drop function switch_prompts();
drop function line_time(scheduled_notifications);
drop function schedule_digests(int);
drop function digests_of(bigint[], timestamptz);
drop function digest_time(text, timestamptz, text);

comment on function planned_prompts(int) is
  'Up to p_max prompts that schedule_post_event_prompts() and schedule_second_prompts() would plan now. Plans none.';
comment on column scheduled_notifications.urgency is 'Of its category, copied for the index that claims go by.';

alter table scheduled_notifications drop column digest_id;
delete from notification_kinds where kind = 'digest';

commit;
