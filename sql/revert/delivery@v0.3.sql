-- Revert rollcall:delivery from pg

begin;

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

create or replace function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- A link that signs in, or changes an address, is stored nowhere: its mail is
  -- made again from the same row, and comes out the same.
  update scheduled_notifications
  set message = case when kind not in ('sign_in', 'join', 'address_change') then p_message end
  where id = p_id
    and lease_id = p_lease
    and message is null;
  return found;
end
$$;

create function prepare_account_notification(p_id bigint, p_lease bigint)
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
  v_row scheduled_notifications;
begin
  for outcome, cause, template, message, first_attempt_at, sent_date, email, name, org_id, org_name, data, row_id,
    generation, expires_at, preference_id, preference_generation
  in select * from prepare_account_notification(p_id, p_lease)
  loop
    if outcome = 'send' and template in ('mail_address', 'mail_address_changed') then
      select * into v_row from scheduled_notifications q where q.id = p_id;
      data := address_display(v_row);
      -- Anyone may have typed the new address: it is not told whose account it is.
      select
        case v_row.kind when 'address_change' then r.new_email else r.old_email end,
        case v_row.kind when 'address_changed' then shorten(u.name, 100) end,
        r.id,
        r.generation
      into email, name, row_id, generation
      from sign_in_requests r
      join users u on u.id = r.user_id
      where r.id = v_row.sign_in_request_id;
    end if;
    return next;
  end loop;
end
$$;

comment on function prepare_notification(bigint, bigint) is
  'prepare_account_notification(), and where to and what of the mails that go to another address than an account''s.';

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

drop function stop_row(scheduled_notifications);
drop function end_notification(scheduled_notifications, text, text, int, int);
drop function follow_digest(scheduled_notifications, text, text, int, int);
drop function follow_prompt(scheduled_notifications, text, text, int, int);
drop function address_recipient(scheduled_notifications);
drop function request_recipient(scheduled_notifications);
drop function person_recipient(scheduled_notifications);
drop function request_row(scheduled_notifications);
drop function prompt_row(scheduled_notifications);
drop function take_digest(scheduled_notifications);
drop function take_prompt(scheduled_notifications);
update personal_data set columns = '{kind,category,template}' where relation = 'notification_kinds';
alter table notification_kinds
  drop column stored,
  drop column follow,
  drop column display,
  drop column link,
  drop column recipient,
  drop column take,
  drop column recheck;
comment on table notification_kinds is null;

commit;
