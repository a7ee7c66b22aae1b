-- Deploy rollcall:delivery to pg
-- Every category that can be stopped is looked up just before sending, and its
-- mails carry the link that stops it. Who asked to join may not exist yet.

begin;

create function stoppable_category(p_kind text) returns text
  language plpgsql stable
as $$
begin
  return (
    select c.category
    from notification_kinds k
    join notification_categories c using (category)
    where k.kind = p_kind
      and c.one_click_stop
  );
end
$$;

comment on function stoppable_category(text) is 'The category of a kind of message, when each of its mails has a stop link; else null.';

create or replace function sign_in_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when r.consumed_at is not null then 'link_used'
      when r.user_id is null and o."join" <> 'open' then 'join_closed'
      when u.suppressed_at is not null
        and (p_row).first_attempt_at is null
        and (
          exists (
            select from notification_log l
            where l.user_id = u.id
              and l.kind in ('sign_in', 'join')
              and l.first_attempt_at > greatest(u.suppressed_at, app_now() - interval '1 day')
          )
          or exists (
            select from scheduled_notifications q
            where q.user_id = u.id
              and q.kind in ('sign_in', 'join')
              and q.first_attempt_at > greatest(u.suppressed_at, app_now() - interval '1 day')
          )
        )
      then 'suppressed'
    end
    from sign_in_requests r
    left join users u on u.id = r.user_id
    left join organizations o on o.id = r.org_id
    where r.id = (p_row).sign_in_request_id
  );
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

create function join_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'minutes', round(extract(epoch from (p_row).expires_at - (p_row).scheduled_for) / 60)::int
    )
    from organizations o
    where o.id = (p_row).org_id
  );
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

create or replace function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- A link that signs in is stored nowhere: its mail is made again from the
  -- same row, and comes out the same.
  update scheduled_notifications
  set message = case when kind not in ('sign_in', 'join') then p_message end
  where id = p_id
    and lease_id = p_lease
    and message is null;
  return found;
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

commit;
