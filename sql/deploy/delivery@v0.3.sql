-- Deploy rollcall:delivery to pg
-- Each kind of message says by name what looks at it again, what makes it, and
-- what follows from it: a new kind is a row, and nothing else is touched.

begin;

alter table notification_kinds
  add column recheck text,
  add column take text,
  add column recipient text,
  add column link text,
  add column display text,
  add column follow text,
  add column stored boolean not null default true;

comment on table notification_kinds is
  'The kinds of messages. What one needs of its own are functions of the queue''s row, by name; null: nothing of its own.';
comment on column notification_kinds.recheck is
  'function (scheduled_notifications) returns text, stable: why it is not wanted any more, or null.';
comment on column notification_kinds.take is
  'function (scheduled_notifications) returns text: makes what it is about, at each attempt; why there is nothing to send, or null.';
comment on column notification_kinds.recipient is
  'function (scheduled_notifications, out email, out name), stable: whom it goes to; null: the person.';
comment on column notification_kinds.link is
  'function (scheduled_notifications, out row_id, out generation, out expires_at), stable: what its link is made of. '
  'expires_at null: with the message.';
comment on column notification_kinds.display is
  'function (scheduled_notifications) returns jsonb, stable: what its template shows.';
comment on column notification_kinds.follow is
  'function (scheduled_notifications, state, cause, reply_code, took_ms) returns void: what follows from what became of '
  'it, before it leaves the queue; state pending: it is tried again.';
comment on column notification_kinds.stored is
  'False: its link signs in, or changes an address, and is stored nowhere. Its mail is made again from the same row, and '
  'comes out the same.';

update personal_data
set columns = columns || '{recheck,take,recipient,link,display,follow}'
where relation = 'notification_kinds';

-- What was one function for each way that kinds differ.

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

create function prompt_row(
  p_row scheduled_notifications, out row_id bigint, out generation int, out expires_at timestamptz
)
  language plpgsql stable
as $$
begin
  select n.id, n.generation into row_id, generation
  from notifications n
  where n.user_id = p_row.user_id
    and n.event_id = p_row.event_id
    and n.type = p_row.kind
    and n.prompt_number = p_row.prompt_number
    and n.revision = p_row.revision;
end
$$;

create function request_row(
  p_row scheduled_notifications, out row_id bigint, out generation int, out expires_at timestamptz
)
  language plpgsql stable
as $$
begin
  select r.id, r.generation into row_id, generation
  from sign_in_requests r
  where r.id = p_row.sign_in_request_id;
end
$$;

create function person_recipient(p_row scheduled_notifications, out email text, out name text)
  language plpgsql stable
as $$
begin
  select u.email, shorten(u.name, 100) into email, name from users u where u.id = p_row.user_id;
end
$$;

create function request_recipient(p_row scheduled_notifications, out email text, out name text)
  language plpgsql stable
as $$
begin
  -- Who asked to join may not exist yet: what they typed tells where, and
  -- nothing else of it is mailed to an address that anyone may have typed.
  select coalesce(u.email, r.email), shorten(u.name, 100) into email, name
  from sign_in_requests r
  left join users u on u.id = p_row.user_id
  where r.id = p_row.sign_in_request_id;
end
$$;

create function address_recipient(p_row scheduled_notifications, out email text, out name text)
  language plpgsql stable
as $$
begin
  -- Anyone may have typed the new address: it is not told whose account it is.
  select
    case p_row.kind when 'address_change' then r.new_email else r.old_email end,
    case p_row.kind when 'address_changed' then shorten(u.name, 100) end
  into email, name
  from sign_in_requests r
  join users u on u.id = r.user_id
  where r.id = p_row.sign_in_request_id;
end
$$;

create function follow_prompt(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  if p_state <> 'sent' then
    return;
  end if;
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

comment on function follow_prompt(scheduled_notifications, text, text, int, int) is
  'What follows from a prompt that left: a second one may come, or no answer is an answer a day later.';

create function follow_digest(
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

comment on function follow_digest(scheduled_notifications, text, text, int, int) is
  'What became of a digest became of the lines it had.';

update notification_kinds k
set
  recheck = w.recheck, take = w.take, recipient = w.recipient, link = w.link, display = w.display, follow = w.follow,
  stored = w.stored
from (
  values
    ('attendance_prompt', 'prompt_recheck', 'take_prompt', null, 'prompt_row', 'prompt_display', 'follow_prompt', true),
    ('digest', 'digest_recheck', 'take_digest', null, null, 'digest_display', 'follow_digest', true),
    ('sign_in', 'sign_in_recheck', null, 'request_recipient', 'request_row', 'sign_in_display', null, false),
    ('join', 'sign_in_recheck', null, 'request_recipient', 'request_row', 'join_display', null, false),
    ('address_change', null, null, 'address_recipient', 'request_row', 'address_display', null, false),
    ('address_changed', null, null, 'address_recipient', null, 'address_display', null, true),
    ('staff_notice', 'staff_notice_recheck', null, null, null, 'staff_notice_display', null, true),
    ('responder_news', 'responder_news_recheck', null, null, null, 'responder_news_display', null, true)
) as w(kind, recheck, take, recipient, link, display, follow, stored)
where k.kind = w.kind;

create function end_notification(
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

comment on function end_notification(scheduled_notifications, text, text, int, int) is
  'The end of an attempt: what follows from it, and unless it is pending still, finish_notification(). The caller holds '
  'the row''s lock.';

create or replace function recheck_notification(p_row scheduled_notifications, out cause text, out held_until timestamptz)
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

drop function prepare_account_notification(bigint, bigint);

create or replace function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
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

drop function finish_digest_lines(scheduled_notifications, text, text, int, int);
drop function follow_prompt(scheduled_notifications);

commit;
