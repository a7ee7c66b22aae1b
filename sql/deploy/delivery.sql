-- Deploy rollcall:delivery to pg
-- A message's way out of the queue. A claim leases it; the recheck, just before
-- sending, looks again at all that could have changed; what became of it is
-- recorded under the same lease. A crash anywhere leaves a row whose lease runs
-- out, and loses nothing.

begin;

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
  'Those of a worker that died are among them when its lease is over.';

create function send_attendance_prompt(p_event bigint, p_user bigint, p_prompt_number int, p_revision int)
  returns notifications
  language plpgsql
as $$
declare
  v_notification notifications;
begin
  insert into notifications (user_id, org_id, event_id, type, prompt_number, revision, title, created_at)
  select p_user, e.org_id, e.id, 'attendance_prompt', p_prompt_number, p_revision, e.title, app_now()
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

comment on function send_attendance_prompt(bigint, bigint, int, int) is
  'Makes the prompt that the person sees, once; its id and generation are what the mailed link is made of.';

create function prompt_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when e.id is null or e.deleted_at is not null then 'event_cancelled'
      when e.revision <> (p_row).revision then 'moved'
      when e.effective_end + interval '14 days' <= app_now() then 'too_late'
      when o.prompts_since is null then 'prompts_off'
      else coalesce(
        prompt_refusal(e.status, f.frequency, u.suppressed_at, a.status),
        case when not in_prompt_audience(e.id, u.id, o.prompt_audience) then 'not_in_audience' end
      )
    end
    from users u
    left join events e on e.id = (p_row).event_id
    left join organizations o on o.id = e.org_id
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = e.org_id
    left join attendance a on a.user_id = u.id and a.event_id = e.id
    where u.id = (p_row).user_id
  );
end
$$;

comment on function prompt_recheck(scheduled_notifications) is 'Why a prompt is not wanted any more, or null.';

create function sign_in_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when r.consumed_at is not null then 'link_used'
      when u.suppressed_at is not null and exists (
        select from notification_log l
        where l.user_id = u.id
          and l.kind = 'sign_in'
          and l.state = 'sent'
          and l.processed_at > app_now() - interval '1 day'
      ) then 'suppressed'
    end
    from sign_in_requests r
    join users u on u.id = r.user_id
    where r.id = (p_row).sign_in_request_id
  );
end
$$;

comment on function sign_in_recheck(scheduled_notifications) is
  'An address that refused mail before is still sent a link once a day: it may work again.';

create function held_until(p_row scheduled_notifications) returns timestamptz
  language plpgsql stable
as $$
begin
  return (
    select case
      when c.quiet_hours = 'held' and u.quiet then
        quiet_until(app_now(), safe_zone(coalesce(u.timezone, o.timezone)), u.quiet_from, u.quiet_to)
      else app_now()
    end
    from notification_kinds k
    join notification_categories c using (category)
    join users u on u.id = (p_row).user_id
    left join organizations o on o.id = (p_row).org_id
    where k.kind = (p_row).kind
  );
end
$$;

comment on function held_until(scheduled_notifications) is
  'When the person''s quiet hours let a message of its category go: now, or when they end.';

create function prompt_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', u.name,
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'event_id', e.id,
      'event_title', shorten(e.title, 150),
      'starts_at', iso_time(e.starts_at, z.zone),
      'starts_text', say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      'ends_text', say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      'all_day', e.all_day,
      'zone', z.zone,
      'location', e.location,
      'is_virtual', e.is_virtual,
      'closes_text', say_date((p_row).expires_at, z.zone),
      'prompt_number', (p_row).prompt_number,
      'is_registered', coalesce(p.status = 'registered', false),
      'door_absent', coalesce(e.takes_attendance and p.attendance_status = 'absent', false)
    )
    from events e
    join organizations o on o.id = e.org_id
    join users u on u.id = (p_row).user_id
    left join event_participants p on p.event_id = e.id and p.user_id = u.id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where e.id = (p_row).event_id
  );
end
$$;

create function sign_in_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', u.name,
      'expires_at', iso_time((p_row).expires_at, z.zone),
      'expires_text', say_time((p_row).expires_at, z.zone),
      'minutes', round(extract(epoch from (p_row).expires_at - (p_row).scheduled_for) / 60)::int,
      'zone', z.zone
    )
    from users u
    cross join lateral user_zone(u.id) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

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
  v_notification notifications;
  v_held_until timestamptz;
begin
  select * into v_row from scheduled_notifications q where q.id = p_id and q.lease_id = p_lease for update;
  if not found then
    outcome := 'lost';
    return next;
    return;
  end if;

  if exists (select from notification_pushes p where p.notification_id = v_row.notification_id) then
    cause := 'already_sent';
  elsif v_row.expires_at <= v_now then
    cause := 'too_late';
  elsif v_row.kind = 'attendance_prompt' then
    cause := prompt_recheck(v_row);
  elsif v_row.kind = 'sign_in' then
    cause := sign_in_recheck(v_row);
  end if;

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
  v_held_until := held_until(v_row);
  if v_held_until > v_now then
    outcome := 'hold';
    cause := 'quiet_hours';
    update scheduled_notifications q
    set not_before = v_held_until, cause = 'quiet_hours', lease_id = null, lease_until = null
    where q.id = p_id;
    return next;
    return;
  end if;

  update scheduled_notifications q
  set
    retry_count = q.retry_count + 1,
    first_attempt_at = coalesce(q.first_attempt_at, v_now),
    lease_until = v_now + interval '5 minutes',
    cause = null,
    message = case when q.message_to = u.email then q.message end,
    message_to = u.email
  from users u
  where q.id = p_id and u.id = q.user_id
  returning q.* into v_row;
  outcome := 'send';
  message := v_row.message;
  first_attempt_at := v_row.first_attempt_at;
  sent_date := to_char(v_row.first_attempt_at at time zone 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS') || ' +0000';
  expires_at := v_row.expires_at;
  select k.template into template from notification_kinds k where k.kind = v_row.kind;
  -- Short enough for a mail of 20 KiB, whatever is in them.
  select u.email, shorten(u.name, 100) into email, name from users u where u.id = v_row.user_id;
  select o.id, shorten(o.name, 100) into org_id, org_name from organizations o where o.id = v_row.org_id;

  if v_row.kind = 'attendance_prompt' then
    v_notification := send_attendance_prompt(
      v_row.event_id, v_row.user_id, v_row.prompt_number, v_row.revision
    );
    row_id := v_notification.id;
    generation := v_notification.generation;
    data := prompt_display(v_row);
    insert into event_notification_preferences (user_id, org_id, created_at, updated_at)
    values (v_row.user_id, v_row.org_id, v_now, v_now)
    on conflict do nothing;
    select p.id, p.generation into preference_id, preference_generation
    from event_notification_preferences p
    where p.user_id = v_row.user_id and p.org_id = v_row.org_id;
  elsif v_row.kind = 'sign_in' then
    select r.id, r.generation into row_id, generation
    from sign_in_requests r
    where r.id = v_row.sign_in_request_id;
    data := sign_in_display(v_row);
  end if;
  return next;
end
$$;

comment on function prepare_notification(bigint, bigint) is
  'The recheck, just before sending. send: all that the message is made of, and the attempt is counted; '
  'skip and hold: the row has been dealt with; lost: the lease is someone else''s now. '
  'A message that stands in the row is sent as it is, and never rendered again.';

create function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- A link that signs in is stored nowhere: its mail is made again from the
  -- same row, and comes out the same.
  update scheduled_notifications
  set message = case when kind <> 'sign_in' then p_message end
  where id = p_id
    and lease_id = p_lease
    and message is null;
  return found;
end
$$;

comment on function keep_message(bigint, bigint, bytea) is
  'Stores the rendered message with its first attempt, but for sign-in links. False: not ours any more, it must not be sent.';

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
  perform try_mark_notification_pushed(v_row.notification_id, jsonb_strip_nulls(jsonb_build_object(
    'kind', v_row.kind,
    'user_id', v_row.user_id,
    'org_id', v_row.org_id,
    'event_id', v_row.event_id,
    'schedule_id', v_row.schedule_id
  )));
  perform finish_notification(v_row, 'sent', null, p_reply_code, p_took_ms);
  return true;
end
$$;

comment on function record_sent(bigint, bigint, int, int) is
  'Notes that the message left, in the ledger and the log. False: the lease was lost, someone else will record it.';

create function record_failed(p_id bigint, p_lease bigint, p_reply_code int, p_error text, p_permanent boolean)
  returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_row scheduled_notifications;
  v_again timestamptz;
begin
  -- A server's reply may quote the address it refuses.
  update scheduled_notifications
  set last_error = left(regexp_replace(p_error, '[^\s<>]+@[^\s<>]+', '(address)', 'g'), 500), processed_at = v_now
  where id = p_id and lease_id = p_lease
  returning * into v_row;
  if not found then
    return 'lost';
  end if;
  v_again := v_now + (
    least(interval '60 seconds' * power(2, least(v_row.retry_count - 1, 10)), interval '1 hour')
    * (0.5 + random() / 2)
  );
  if p_permanent then
    perform finish_notification(v_row, 'dead', 'refused', p_reply_code, null);
    return 'dead';
  elsif v_again >= v_row.expires_at then
    perform finish_notification(v_row, 'expired', 'no_try_left', p_reply_code, null);
    return 'expired';
  end if;
  update scheduled_notifications
  set not_before = v_again, cause = 'retry', lease_id = null, lease_until = null
  where id = p_id;
  return 'pending';
end
$$;

comment on function record_failed(bigint, bigint, int, text, boolean) is
  'Puts the message back for min(60 s * 2^n, 1 h) * U(1/2, 1), or away when it was refused for good or would be too late. '
  'Says which: pending, dead, expired, or lost when the lease was.';

create function release_notification(p_id bigint, p_lease bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update scheduled_notifications
  set lease_id = null, lease_until = null
  where id = p_id and lease_id = p_lease;
  return found;
end
$$;

comment on function release_notification(bigint, bigint) is
  'Gives back a message that was claimed and not begun: the next run need not wait for the end of the lease.';

grant execute on function
  claim_notifications(int),
  release_notification(bigint, bigint),
  prepare_notification(bigint, bigint),
  keep_message(bigint, bigint, bytea),
  record_sent(bigint, bigint, int, int),
  record_failed(bigint, bigint, int, text, boolean)
  to rollcall_sweep;

commit;
