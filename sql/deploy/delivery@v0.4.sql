-- Deploy rollcall:delivery to pg
-- What a person has a device for is pushed there first, and mailed when that
-- does not come off: one row, one message, whichever way it leaves. And what
-- holds a message back says so itself.

begin;

alter table scheduled_notifications
  add column channel text not null default 'email',
  add column push_state text,
  add column push_cause text,
  add column push_reply_code int,
  -- Not looked at in the rows that are there: they are as the columns come.
  add constraint scheduled_notifications_channel check (
    channel in ('email', 'push') and push_state in ('skipped', 'dead')
  ) not valid;

comment on column scheduled_notifications.channel is
  'By which it was tried last; while it was not tried: email, whatever it is tried by first.';
comment on column scheduled_notifications.push_state is
  'Not null: it is not pushed any more, but mailed. skipped: it never was; dead: that did not come off. push_cause says '
  'why, push_reply_code what the push service answered last.';

alter table notification_log
  add column channel text not null default 'email',
  add column push_state text,
  add column push_cause text,
  add column push_reply_code int;

comment on column notification_log.channel is 'By which it left, or was tried last.';
comment on column notification_log.push_state is
  'What became of it on the way to the person''s devices, before it was mailed: skipped or dead, with the cause and the '
  'push service''s answer. Null: it was not to be pushed, or it was what channel says that was pushed.';

update personal_data
set columns = columns || '{channel,push_state,push_cause}'
where relation in ('scheduled_notifications', 'notification_log');

alter table delivery_channels
  drop constraint delivery_channels_channel_check,
  add constraint delivery_channels_channel_check check (channel in ('email', 'push'));

insert into delivery_channels (channel) values ('push');

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
      'is_push', c.channel = 'push',
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

create or replace function finish_notification(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
begin
  insert into notification_log (
    id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
    scheduled_for, state, cause, reply_code, took_ms, retry_count, last_error, first_attempt_at, created_at,
    channel, push_state, push_cause, push_reply_code
  )
  values (
    (p_row).id, (p_row).notification_id, (p_row).org_id, (p_row).kind, (p_row).event_id, (p_row).schedule_id,
    (p_row).user_id, (p_row).notify_type, (p_row).prompt_number, (p_row).revision, (p_row).scheduled_for,
    p_state, p_cause, p_reply_code, p_took_ms, (p_row).retry_count, (p_row).last_error,
    (p_row).first_attempt_at, (p_row).created_at, (p_row).channel, (p_row).push_state, (p_row).push_cause,
    (p_row).push_reply_code
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
      scheduled_for, state, cause, retry_count, last_error, first_attempt_at, created_at, channel, push_state,
      push_cause, push_reply_code
    )
    select
      id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
      scheduled_for, p_state, why, retry_count, last_error, first_attempt_at, created_at, channel, push_state,
      push_cause, push_reply_code
    from gone
    returning 1
  )
  select count(*) into v_finished from kept;
  return v_finished;
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
          'last_error', q.last_error, 'first_tried_at', both_times(q.first_attempt_at, p_zone), 'channel', q.channel,
          'push_outcome', q.push_state, 'push_cause', q.push_cause
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
          'decided_at', both_times(l.processed_at, p_zone), 'sent_at', both_times(s.created_at, p_zone),
          'channel', l.channel, 'push_outcome', l.push_state, 'push_cause', l.push_cause
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

-- Held back -----------------------------------------------------------------------

create function hold_notification(
  p_row scheduled_notifications, out held_until timestamptz, out held_cause text, out held_urgency smallint
)
  language plpgsql stable
as $$
begin
  held_until := line_time(p_row);
  if held_until is not null then
    held_cause := 'digest';
    held_urgency := 4;
    return;
  end if;
  held_until := held_until(p_row);
  if held_until > app_now() then
    held_cause := 'quiet_hours';
  else
    held_until := null;
  end if;
end
$$;

comment on function hold_notification(scheduled_notifications) is
  'What a message that is due has to wait for, until when, and with which urgency (null: its own); nulls: for nothing.';

drop function due_notifications(int);
drop function recheck_notification(scheduled_notifications);

create function recheck_notification(
  p_row scheduled_notifications, out cause text, out held_until timestamptz, out held_cause text,
  out held_urgency smallint
)
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
  if cause is null
    and p_row.channel = 'email'
    and not is_wanted(p_row.user_id, p_row.org_id, stoppable_category(p_row.kind), 'email')
  then
    cause := 'not_wanted';
  end if;
  if cause is null then
    select h.held_until, h.held_cause, h.held_urgency into held_until, held_cause, held_urgency
    from hold_notification(p_row) h;
  end if;
end
$$;

comment on function recheck_notification(scheduled_notifications) is
  'Why a message is not sent after all; or null, and until when it has to wait, and for what (nulls: not at all). Changes '
  'nothing.';

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
      case when r.cause is not null then 'skip' when r.held_cause is not null then 'hold' else 'send' end,
      coalesce(r.cause, r.held_cause),
      r.held_until
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
    order by (due.q).urgency, (due.q).not_before, (due.q).id;
  end;

comment on function due_notifications(int) is
  'What claim_notifications() would give and what prepare_notification() would say of it, for a dry run.';

-- By which way --------------------------------------------------------------------

create function is_for_push(p_row scheduled_notifications) returns boolean
  language plpgsql stable
as $$
begin
  return p_row.urgency > 0
    and p_row.push_state is null
    and (
      p_row.first_attempt_at is null
      or (p_row.channel = 'push' and p_row.first_attempt_at > app_now() - interval '10 minutes')
    )
    and exists (select from device_tokens d where d.user_id = p_row.user_id);
end
$$;

comment on function is_for_push(scheduled_notifications) is
  'Whether a message is to be pushed next: whoever signs in is mailed, and so is what was not out within 10 minutes.';

create function why_not_pushed(p_row scheduled_notifications, p_push boolean) returns text
  language plpgsql stable
as $$
begin
  return case
    when not exists (select from device_tokens d where d.user_id = p_row.user_id) then 'no_device'
    when not is_wanted(p_row.user_id, p_row.org_id, stoppable_category(p_row.kind), 'push') then 'not_wanted'
    when p_row.channel = 'push' and p_row.first_attempt_at <= app_now() - interval '10 minutes' then 'push_late'
    when not p_push or channel_is_paused('push') then 'push_down'
  end;
end
$$;

create function end_push(p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int) returns void
  language plpgsql
as $$
begin
  update scheduled_notifications
  set
    channel = 'email',
    push_state = p_state,
    push_cause = p_cause,
    push_reply_code = p_reply_code,
    retry_count = 0,
    first_attempt_at = null,
    message = null,
    message_to = null,
    not_before = app_now(),
    cause = null,
    lease_id = null,
    lease_until = null
  where id = p_row.id;
  perform end_notification(p_row, 'pending', null, p_reply_code, null);
end
$$;

comment on function end_push(scheduled_notifications, text, text, int) is
  'Gives a message back, to be mailed now. The caller holds its lock.';

drop function claim_notifications(int);

create function claim_notifications(p_max int, p_channel text default 'email', p_push boolean default false)
  returns table (
    id bigint, notification_id text, kind text, user_id bigint, lease_id bigint, retry_count int
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_push boolean := p_push and not channel_is_paused('push');
  v_left int := p_max;
  v_claimed int;
begin
  if p_channel is null or p_channel not in ('email', 'push') then
    raise exception using errcode = 'RC422', message = 'bad_channel', detail = 'channel';
  elsif channel_is_paused(p_channel) or (p_channel = 'push' and not v_push) then
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
          and (not v_push or is_for_push(q) = (p_channel = 'push'))
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

comment on function claim_notifications(int, text, boolean) is
  'Leases up to p_max messages that may go now by the channel (email or push), for 5 minutes, the most urgent first. '
  'Those of a worker that died are among them when its lease is over. None while the channel is paused. p_push: there is '
  'a push service; while there is none, or it is paused, all go by mail.';

create or replace function take_lines(p_row scheduled_notifications) returns boolean
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_is_copy boolean := p_row.message is not null;
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

drop function prepare_notification(bigint, bigint);

create function prepare_notification(
  p_id bigint, p_lease bigint, p_channel text default 'email', p_push boolean default false
)
  returns table (
    outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text,
    email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int,
    expires_at timestamptz, preference_id bigint, preference_generation int, tokens jsonb
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_row scheduled_notifications;
  v_kind notification_kinds;
  v_held record;
  v_is_first boolean;
  v_push_state text;
  v_push_cause text;
  v_to text;
begin
  select * into v_row from scheduled_notifications q where q.id = p_id and q.lease_id = p_lease for update;
  if not found then
    outcome := 'lost';
    return next;
    return;
  end if;
  select * into v_kind from notification_kinds k where k.kind = v_row.kind;

  if p_channel = 'push' then
    v_push_cause := why_not_pushed(v_row, p_push);
    if v_push_cause is not null then
      outcome := 'email';
      cause := v_push_cause;
      perform end_push(
        v_row, case v_row.channel when 'push' then 'dead' else 'skipped' end, v_push_cause, null
      );
      return next;
      return;
    end if;
  elsif v_row.channel = 'push'
    or (p_push and v_row.push_state is null and v_row.first_attempt_at is null and v_kind.category <> 'account')
  then
    v_push_state := case v_row.channel when 'push' then 'dead' else 'skipped' end;
    v_push_cause := coalesce(
      why_not_pushed(v_row, p_push), case v_row.channel when 'push' then 'push_down' else 'no_device' end
    );
    v_row.push_state := v_push_state;
    v_row.push_cause := v_push_cause;
  end if;
  v_is_first := v_row.channel <> p_channel;
  v_row.channel := p_channel;

  select r.* into v_held from recheck_notification(v_row) r;
  cause := v_held.cause;
  if cause is null and v_held.held_cause is not null then
    outcome := 'hold';
    cause := v_held.held_cause;
    update scheduled_notifications q
    set
      urgency = coalesce(v_held.held_urgency, q.urgency),
      not_before = v_held.held_until,
      cause = v_held.held_cause,
      lease_id = null,
      lease_until = null
    where q.id = p_id;
    return next;
    return;
  end if;

  -- To another address, or to other devices, a message is not a copy.
  if p_channel = 'push' then
    select jsonb_agg(d.token order by d.id) into tokens from device_tokens d where d.user_id = v_row.user_id;
    v_to := encode(sha256(convert_to(tokens::text, 'UTF8')), 'hex');
  else
    execute format('select * from public.%I($1)', coalesce(v_kind.recipient, 'person_recipient'))
    into email, name using v_row;
    v_to := email;
  end if;
  v_row.message := case when v_row.message_to = v_to then v_row.message end;
  if cause is null and v_kind.take is not null then
    execute format('select public.%I($1)', v_kind.take) into cause using v_row;
  end if;
  if cause is not null then
    outcome := 'skip';
    perform end_notification(v_row, state_unsent(cause), cause, null, null);
    return next;
    return;
  end if;
  if v_kind.inbox_path is not null then
    perform put_in_inbox(v_row);
  end if;

  update scheduled_notifications q
  set
    channel = p_channel,
    push_state = coalesce(v_push_state, q.push_state),
    push_cause = coalesce(v_push_cause, q.push_cause),
    retry_count = case when v_is_first then 0 else q.retry_count end + 1,
    first_attempt_at = coalesce(case when not v_is_first then q.first_attempt_at end, v_now),
    lease_until = v_now + interval '5 minutes',
    cause = null,
    message = case when q.message_to = v_to then q.message end,
    message_to = v_to
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

comment on function prepare_notification(bigint, bigint, text, boolean) is
  'Looks at a claimed message again, counts the attempt, and gives all that it is made of for the channel it was claimed '
  'for: outcome is send, skip or hold with the cause, email (it cannot be pushed, for that cause: it is to be claimed as '
  'mail), or lost. tokens: those of the devices that it is pushed to.';

-- What became of it ---------------------------------------------------------------

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
    v_line.channel := p_row.channel;
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

create function forget_devices(p_id bigint, p_lease bigint, p_tokens jsonb) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_forgotten int;
begin
  delete from device_tokens d
  using scheduled_notifications q
  where q.id = p_id
    and q.lease_id = p_lease
    and d.user_id = q.user_id
    and p_tokens ? d.token;
  get diagnostics v_forgotten = row_count;
  return v_forgotten;
end
$$;

comment on function forget_devices(bigint, bigint, jsonb) is
  'Of the devices that a message was pushed to, those that the push service knows no more; called before what became of '
  'it is recorded.';

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
  if v_row.channel = 'push' then
    update device_tokens set last_used_at = app_now() where user_id = v_row.user_id;
  else
    delete from address_refusals where user_id = v_row.user_id;
  end if;
  perform channel_succeeded(v_row.channel);
  perform end_notification(v_row, 'sent', null, p_reply_code, p_took_ms);
  return true;
end
$$;

drop function record_failed(bigint, bigint, text, int, text, text);

create function record_failed(
  p_id bigint, p_lease bigint, p_class text, p_reply_code int, p_enhanced text, p_why text, p_wait_s int default null
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

  v_again := greatest(
    v_now + (
      least(interval '60 seconds' * power(2, least(v_row.retry_count - 1, 10)), interval '1 hour')
      * (0.5 + random() / 2)
    ),
    v_now + case when p_wait_s > 0 then least(make_interval(secs => p_wait_s), interval '1 hour') end
  );
  if v_row.channel = 'push' then
    if p_class in ('address', 'recipient') and v_row.retry_count <= 10
      and exists (select from device_tokens d where d.user_id = v_row.user_id)
    then
      -- The others are tried at once.
      v_again := v_now;
    elsif p_class <> 'retry' or v_again >= v_row.first_attempt_at + interval '10 minutes' then
      perform end_push(
        v_row, 'dead',
        case p_class when 'retry' then 'push_late' when 'ours' then 'push_refused' else 'devices_gone' end,
        p_reply_code
      );
      return 'email';
    end if;
  elsif p_class in ('address', 'recipient') then
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
  if v_again >= v_row.expires_at then
    perform end_notification(v_row, 'expired', 'no_try_left', p_reply_code, null);
    return 'expired';
  end if;
  update scheduled_notifications
  set
    not_before = v_again,
    cause = case when v_row.channel = 'push' then 'push_retry' when p_class = 'ours' then 'our_fault' else 'retry' end,
    lease_id = null,
    lease_until = null
  where id = p_id;
  perform end_notification(v_row, 'pending', null, p_reply_code, null);
  return 'pending';
end
$$;

comment on function record_failed(bigint, bigint, text, int, text, text, int) is
  'By class. retry (for now, or unknown) and ours (the fault is on our side): back for min(60 s * 2^n, 1 h) * U(1/2, 1), '
  'at the earliest after p_wait_s, but no more than an hour, or away when that is too late. address (it does not exist): '
  'dead, and suppressed. recipient (refused, no more said): dead, and suppressed on the third day. What was pushed: retry '
  'within 10 minutes of the first attempt; otherwise, for ours, and where no device is left, it is mailed. Says which: '
  'pending, email, dead, expired, or lost when the lease was.';

grant execute on function
  claim_notifications(int, text, boolean),
  prepare_notification(bigint, bigint, text, boolean),
  forget_devices(bigint, bigint, jsonb),
  record_failed(bigint, bigint, text, int, text, text, int),
  due_notifications(int)
  to rollcall_sweep;

commit;
