-- Revert rollcall:delivery from pg

begin;

drop function claim_notifications(int, text, boolean);
drop function prepare_notification(bigint, bigint, text, boolean);
drop function record_failed(bigint, bigint, text, int, text, text, int);
drop function forget_devices(bigint, bigint, jsonb);
drop function end_push(scheduled_notifications, text, text, int);
drop function why_not_pushed(scheduled_notifications, boolean);
drop function is_for_push(scheduled_notifications);
drop function due_notifications(int);
drop function recheck_notification(scheduled_notifications);
drop function hold_notification(scheduled_notifications);

create function claim_notifications(p_max int)
  returns table (
    id bigint, notification_id text, kind text, user_id bigint, lease_id bigint, retry_count int
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_left int := p_max;
  v_claimed int;
begin
  if channel_is_paused('email') then
    return;
  end if;
  for v_urgency in 0..3 loop
    return query
      with due as materialized (
        select q.id
        from scheduled_notifications q
        where q.urgency = v_urgency
          and q.not_before <= v_now
          and (q.lease_until is null or q.lease_until <= v_now)
        order by q.not_before, q.id
        limit v_left
        for update skip locked
      )
      update scheduled_notifications q
      set lease_id = nextval('notification_lease_seq'), lease_until = v_now + interval '5 minutes'
      from due
      where q.id = due.id
      returning q.id, q.notification_id, q.kind, q.user_id, q.lease_id, q.retry_count;
    get diagnostics v_claimed = row_count;
    v_left := v_left - v_claimed;
    exit when v_left <= 0;
  end loop;
end
$$;

comment on function claim_notifications(int) is
  'Leases up to p_max messages that may go now, for 5 minutes, the most urgent first. '
  'Those of a worker that died are among them when its lease is over. None while the channel is paused.';

create function recheck_notification(p_row scheduled_notifications, out cause text, out held_until timestamptz)
  language plpgsql stable
as $$
declare
  v_recheck text := (select k.recheck from notification_kinds k where k.kind = p_row.kind);
begin
  if exists (select from notification_pushes p where p.notification_id = p_row.notification_id) then
    cause := 'already_sent';
  elsif p_row.expires_at <= app_now() then
    cause := 'too_late';
  elsif v_recheck is not null then
    execute format('select public.%I($1)', v_recheck) into cause using p_row;
  end if;
  if cause is null and not is_wanted(p_row.user_id, p_row.org_id, stoppable_category(p_row.kind), 'email') then
    cause := 'not_wanted';
  end if;
  if cause is null then
    held_until := held_until(p_row);
  end if;
end
$$;

comment on function recheck_notification(scheduled_notifications) is
  'Why a message is not sent after all; or null, and until when it has to wait (now: not at all). Changes nothing.';

create or replace function take_lines(p_row scheduled_notifications) returns boolean
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

create or replace function follow_digest(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_line scheduled_notifications;
  v_cause text;
begin
  if p_state = 'pending' then
    update scheduled_notifications
    set lease_id = null, lease_until = null
    where user_id = p_row.user_id
      and digest_id = p_row.id;
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
      end if;
      perform end_notification(
        v_line, p_state, case p_state when 'sent' then 'in_digest' else p_cause end, p_reply_code, p_took_ms
      );
    else
      -- It was not in the message: the planner looks at it again.
      update scheduled_notifications set urgency = 4, digest_id = null where id = v_line.id;
    end if;
  end loop;
end
$$;

create or replace function finish_notification(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
begin
  insert into notification_log (
    id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
    scheduled_for, state, cause, reply_code, took_ms, retry_count, last_error, first_attempt_at, created_at
  )
  values (
    (p_row).id, (p_row).notification_id, (p_row).org_id, (p_row).kind, (p_row).event_id, (p_row).schedule_id,
    (p_row).user_id, (p_row).notify_type, (p_row).prompt_number, (p_row).revision, (p_row).scheduled_for,
    p_state, p_cause, p_reply_code, p_took_ms, (p_row).retry_count, (p_row).last_error,
    (p_row).first_attempt_at, (p_row).created_at
  );
  delete from scheduled_notifications where id = (p_row).id;
end
$$;

create or replace function finish_unleased(p_ids bigint[], p_state text, p_causes text[]) returns int
  language plpgsql
as $$
declare
  v_finished int;
begin
  with gone as (
    delete from scheduled_notifications q
    using unnest(p_ids, p_causes) as wanted(id, cause)
    where q.id = wanted.id
      and (q.lease_until is null or q.lease_until <= app_now())
    returning q.*, wanted.cause as why
  ), kept as (
    insert into notification_log (
      id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
      scheduled_for, state, cause, retry_count, last_error, first_attempt_at, created_at
    )
    select
      id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
      scheduled_for, p_state, why, retry_count, last_error, first_attempt_at, created_at
    from gone
    returning 1
  )
  select count(*) into v_finished from kept;
  return v_finished;
end
$$;

create or replace function staff_notice_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'channel', c.channel,
      'why', c.outage_why,
      'since_at', iso_time(c.outage_from, z.zone),
      'since_text', say_time(c.outage_from, z.zone),
      'zone', z.zone
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    join delivery_channels c on c.channel = (p_row).notify_type
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

create or replace function own_messages(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'questions', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'how_often', p.frequency, 'created_at', both_times(p.created_at, p_zone),
          'updated_at', both_times(p.updated_at, p_zone)
        ) order by p.id), '[]')
        from event_notification_preferences p
        join organizations o on o.id = p.org_id
        where p.user_id = p_user
      ),
      'mail_choices', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'category', p.category, 'channel', p.channel, 'wanted', p.wanted,
          'created_at', both_times(p.created_at, p_zone), 'updated_at', both_times(p.updated_at, p_zone)
        ) order by p.id), '[]')
        from category_preferences p
        join organizations o on o.id = p.org_id
        where p.user_id = p_user
      ),
      'notifications', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', n.id, 'organisation', o.name, 'event_number', n.event_id, 'type', n.type,
          'prompt_number', n.prompt_number, 'title', n.title, 'body', n.body,
          'created_at', both_times(n.created_at, p_zone), 'read_at', both_times(n.read_at, p_zone),
          'answered_at', both_times(n.responded_at, p_zone)
        ) order by n.id), '[]')
        from notifications n
        join organizations o on o.id = n.org_id
        where n.user_id = p_user
      ),
      'messages_waiting', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', q.notification_id, 'organisation', o.name, 'kind', q.kind, 'event_number', q.event_id,
          'why', q.notify_type, 'prompt_number', q.prompt_number, 'to', q.message_to,
          'due_at', both_times(q.scheduled_for, p_zone), 'not_before', both_times(q.not_before, p_zone),
          'expires_at', both_times(q.expires_at, p_zone), 'held_because', q.cause, 'tries', q.retry_count,
          'last_error', q.last_error, 'first_tried_at', both_times(q.first_attempt_at, p_zone)
        ) order by q.id), '[]')
        from scheduled_notifications q
        left join organizations o on o.id = q.org_id
        where q.user_id = p_user
      ),
      'messages', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', l.notification_id, 'organisation', o.name, 'kind', l.kind, 'event_number', l.event_id,
          'why', l.notify_type, 'prompt_number', l.prompt_number, 'due_at', both_times(l.scheduled_for, p_zone),
          'outcome', l.state, 'cause', l.cause, 'reply_code', l.reply_code, 'last_error', l.last_error,
          'tries', l.retry_count, 'first_tried_at', both_times(l.first_attempt_at, p_zone),
          'decided_at', both_times(l.processed_at, p_zone), 'sent_at', both_times(s.created_at, p_zone)
        ) order by l.id), '[]')
        from notification_log l
        left join organizations o on o.id = l.org_id
        left join notification_pushes s on s.notification_id = l.notification_id
        where l.user_id = p_user
      ),
      'address_refusals', (
        select coalesce(jsonb_agg(r.refused_on order by r.refused_on), '[]') from address_refusals r where r.user_id = p_user
      ),
      'access', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'action', a.action, 'page', a.what, 'number', a.subject, 'request', a.request_id,
          'at', both_times(a.at, p_zone)
        ) order by a.id), '[]')
        from access_log a
        left join organizations o on o.id = a.org_id
        where a.user_id = p_user
      ),
      'calendars', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'file', c.name, 'bytes', c.size, 'events_new', c.new_count,
          'events_changed', c.changed_count, 'events_unchanged', c.unchanged_count, 'events_refused', c.refused_count,
          'handed_in_by', who_text(c.user_id, p_user), 'handed_in_at', both_times(c.created_at, p_zone),
          'imported_at', both_times(c.imported_at, p_zone)
        ) order by c.id), '[]')
        from calendar_uploads c
        join organizations o on o.id = c.org_id
        where c.user_id = p_user or c.imported_by = p_user
      )
    );
  end;

create function prepare_notification(p_id bigint, p_lease bigint)
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
  v_kind notification_kinds;
  v_held_until timestamptz;
  v_line_time timestamptz;
begin
  select * into v_row from scheduled_notifications q where q.id = p_id and q.lease_id = p_lease for update;
  if not found then
    outcome := 'lost';
    return next;
    return;
  end if;
  select * into v_kind from notification_kinds k where k.kind = v_row.kind;

  select r.cause, r.held_until into cause, v_held_until from recheck_notification(v_row) r;
  if cause is null then
    v_line_time := line_time(v_row);
    if v_line_time is not null or v_held_until > v_now then
      outcome := 'hold';
      cause := case when v_line_time is not null then 'digest' else 'quiet_hours' end;
      update scheduled_notifications q
      set
        urgency = case when v_line_time is not null then 4 else q.urgency end,
        not_before = coalesce(v_line_time, v_held_until),
        cause = case when v_line_time is not null then 'digest' else 'quiet_hours' end,
        lease_id = null,
        lease_until = null
      where q.id = p_id;
      return next;
      return;
    end if;
    if v_kind.take is not null then
      execute format('select public.%I($1)', v_kind.take) into cause using v_row;
    end if;
  end if;
  if cause is not null then
    outcome := 'skip';
    perform end_notification(v_row, state_unsent(cause), cause, null, null);
    return next;
    return;
  end if;

  execute format('select * from public.%I($1)', coalesce(v_kind.recipient, 'person_recipient'))
  into email, name using v_row;
  update scheduled_notifications q
  set
    retry_count = q.retry_count + 1,
    first_attempt_at = coalesce(q.first_attempt_at, v_now),
    lease_until = v_now + interval '5 minutes',
    cause = null,
    message = case when q.message_to = prepare_notification.email then q.message end,
    message_to = prepare_notification.email
  where q.id = p_id
  returning q.* into v_row;
  outcome := 'send';
  template := v_kind.template;
  message := v_row.message;
  first_attempt_at := v_row.first_attempt_at;
  sent_date := to_char(v_row.first_attempt_at at time zone 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS') || ' +0000';
  -- Short enough for a mail of 20 KiB, whatever is in it.
  select o.id, shorten(o.name, 100) into org_id, org_name from organizations o where o.id = v_row.org_id;
  if v_kind.link is not null then
    execute format('select * from public.%I($1)', v_kind.link) into row_id, generation, expires_at using v_row;
  end if;
  expires_at := coalesce(expires_at, v_row.expires_at);
  if v_kind.display is not null then
    execute format('select public.%I($1)', v_kind.display) into data using v_row;
  end if;
  select s.preference_id, s.preference_generation into preference_id, preference_generation from stop_row(v_row) s;
  return next;
end
$$;

comment on function prepare_notification(bigint, bigint) is
  'Looks at a claimed message again, counts the attempt, and gives all that its mail is made of: outcome is send, skip or '
  'hold with the cause, or lost.';

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
  delete from address_refusals where user_id = v_row.user_id;
  perform channel_succeeded('email');
  perform end_notification(v_row, 'sent', null, p_reply_code, p_took_ms);
  return true;
end
$$;

create function record_failed(
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
    perform end_notification(v_row, 'dead', p_class || '_refused', p_reply_code, null);
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
    perform end_notification(v_row, 'expired', 'no_try_left', p_reply_code, null);
    return 'expired';
  end if;
  update scheduled_notifications
  set
    not_before = v_again,
    cause = case p_class when 'ours' then 'our_fault' else 'retry' end,
    lease_id = null,
    lease_until = null
  where id = p_id;
  perform end_notification(v_row, 'pending', null, p_reply_code, null);
  return 'pending';
end
$$;

comment on function record_failed(bigint, bigint, text, int, text, text) is
  'By class. retry (for now, or unknown) and ours (the fault is on our side): back for min(60 s * 2^n, 1 h) * U(1/2, 1), '
  'or away when that is too late. address (it does not exist): dead, and suppressed. recipient (refused, no more said): '
  'dead, and suppressed on the third day. Says which: pending, dead, expired, or lost when the lease was.';

create function due_notifications(p_max int)
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

comment on function due_notifications(int) is
  'What claim_notifications() would give and what prepare_notification() would say of it, for a dry run.';

grant execute on function
  claim_notifications(int),
  prepare_notification(bigint, bigint),
  record_failed(bigint, bigint, text, int, text, text),
  due_notifications(int)
  to rollcall_sweep;

delete from scheduled_notifications where kind = 'staff_notice' and notify_type = 'push';
delete from delivery_channels where channel = 'push';
alter table delivery_channels
  drop constraint delivery_channels_channel_check,
  add constraint delivery_channels_channel_check check (channel in ('email'));

update personal_data
set columns = array(select c from unnest(columns) c where c not in ('channel', 'push_state', 'push_cause'))
where relation in ('scheduled_notifications', 'notification_log');

alter table notification_log
  drop column channel,
  drop column push_state,
  drop column push_cause,
  drop column push_reply_code;

alter table scheduled_notifications
  drop column channel,
  drop column push_state,
  drop column push_cause,
  drop column push_reply_code;

commit;
