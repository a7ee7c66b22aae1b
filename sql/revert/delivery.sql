-- Revert rollcall:delivery from pg

begin;

drop function prepare_notifications(bigint[], bigint[], text, boolean);
drop function prepare_kind(notification_kinds, scheduled_notifications[], text, boolean);
drop function describe_kind(notification_kinds, scheduled_notifications[], text[], text[], jsonb[]);
drop function take_all(notification_kinds, scheduled_notifications[], text[]);
drop function begin_attempts(scheduled_notifications[], text, text[]);
drop function choose_way(scheduled_notifications, notification_kinds, boolean);
drop function recipients_of(notification_kinds, scheduled_notifications[], text);
drop function stop_rows(notification_kinds, scheduled_notifications[]);
drop function take_prompts(scheduled_notifications[]);
drop function take_digests(scheduled_notifications[]);
drop function keep_messages(bigint[], bigint[], bytea[]);
drop function record_sent(bigint[], bigint[], int[], int[]);
drop function leased_rows(bigint[], bigint[]);
drop function mark_sent(scheduled_notifications[]);
drop type prepared_notification;

update notification_kinds
set take = case take when 'take_prompts' then 'take_prompt' else 'take_digest' end
where take in ('take_prompts', 'take_digests');

alter table scheduled_notifications alter column message set compression default;

comment on column notification_kinds.take is
  'function (scheduled_notifications) returns text: makes what it is about, at each attempt; why there is nothing to send, or null.';

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

create or replace function end_notification(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_follow text := (select k.follow from notification_kinds k where k.kind = (p_row).kind);
begin
  if v_follow is not null then
    execute format('select public.%I($1, $2, $3, $4, $5)', v_follow)
    using p_row, p_state, p_cause, p_reply_code, p_took_ms;
  end if;
  if p_state <> 'pending' then
    perform finish_notification(p_row, p_state, p_cause, p_reply_code, p_took_ms);
  end if;
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

drop function end_notifications(scheduled_notifications[], text, text, int[], int[]);
drop function finish_notifications(scheduled_notifications[], text, text, int[], int[]);

create function record_sent(p_id bigint, p_lease bigint, p_reply_code int, p_took_ms int) returns boolean
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

comment on function record_sent(bigint, bigint, int, int) is
  'Notes that the message left, in the ledger and the log, and what follows from it: a second prompt may come, the '
  'address and the channel work. False: the lease was lost, someone else will record it.';

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

drop function recheck_notifications(notification_kinds, scheduled_notifications[]);

create or replace function line_time(p_row scheduled_notifications) returns timestamptz
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

create or replace function send_attendance_prompt(p_event bigint, p_user bigint, p_prompt_number int, p_revision int)
  returns notifications
  language plpgsql
as $$
declare
  v_notification notifications;
begin
  insert into notifications (user_id, org_id, event_id, type, prompt_number, revision, title, unknown_at, created_at)
  select
    p_user,
    e.org_id,
    e.id,
    'attendance_prompt',
    p_prompt_number,
    p_revision,
    e.title,
    case when p_prompt_number = 1 then e.effective_end + interval '14 days' end,
    app_now()
  from events e
  where e.id = p_event
  on conflict do nothing;
  select * into v_notification
  from notifications
  where user_id = p_user
    and event_id = p_event
    and type = 'attendance_prompt'
    and prompt_number = p_prompt_number
    and revision = p_revision;
  return v_notification;
end
$$;

drop function make_prompts(bigint[], bigint[], int[], int[]);

create function take_prompt(p_row scheduled_notifications) returns text
  language plpgsql
as $$
begin
  perform send_attendance_prompt(p_row.event_id, p_row.user_id, p_row.prompt_number, p_row.revision);
  return null;
end
$$;

create function take_digest(p_row scheduled_notifications) returns text
  language plpgsql
as $$
begin
  return case when not take_lines(p_row) then 'nothing_to_ask' end;
end
$$;

create function stop_row(p_row scheduled_notifications, out preference_id bigint, out preference_generation int)
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_category text := stoppable_category(p_row.kind);
begin
  if v_category = 'prompt' then
    insert into event_notification_preferences (user_id, org_id, created_at, updated_at)
    values (p_row.user_id, p_row.org_id, v_now, v_now)
    on conflict do nothing;
    select p.id, p.generation into preference_id, preference_generation
    from event_notification_preferences p
    where p.user_id = p_row.user_id and p.org_id = p_row.org_id;
  elsif v_category is not null then
    insert into category_preferences (user_id, org_id, category, channel, created_at, updated_at)
    values (p_row.user_id, p_row.org_id, v_category, 'email', v_now, v_now)
    on conflict do nothing;
    select p.id, p.generation into preference_id, preference_generation
    from category_preferences p
    where p.user_id = p_row.user_id and p.org_id = p_row.org_id and p.category = v_category and p.channel = 'email';
  end if;
end
$$;

comment on function stop_row(scheduled_notifications) is 'What the link is made of that stops such messages; nulls when none does.';

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

create function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update scheduled_notifications q
  set message = case when k.stored then p_message end
  from notification_kinds k
  where q.id = p_id
    and q.lease_id = p_lease
    and q.message is null
    and k.kind = q.kind;
  return found;
end
$$;

comment on function keep_message(bigint, bigint, bytea) is
  'Stores the rendered message with its first attempt, but for sign-in links. False: not ours any more, it must not be sent.';

grant execute on function
  prepare_notification(bigint, bigint, text, boolean),
  keep_message(bigint, bigint, bytea),
  record_sent(bigint, bigint, int, int)
  to rollcall_sweep;

commit;
