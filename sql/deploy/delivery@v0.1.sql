-- Deploy rollcall:delivery to pg
-- A message's way out of the queue. A claim leases it; the recheck, just before
-- sending, looks again at all that could have changed; what became of it is
-- recorded under the same lease. A crash anywhere leaves a row whose lease runs
-- out, and loses nothing.

begin;

create function channel_is_paused(p_channel text) returns boolean
  language plpgsql stable
as $$
begin
  return exists (select from delivery_channels where channel = p_channel and paused_until > app_now());
end
$$;

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

create function send_attendance_prompt(p_event bigint, p_user bigint, p_prompt_number int, p_revision int)
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
        case
          when (p_row).notify_type = 'snooze' then null
          when not in_prompt_audience(e.id, u.id, o.prompt_audience) then 'not_in_audience'
          when (p_row).prompt_number = 2 then
            second_prompt_refusal(o.second_prompt, in_prompt_audience(e.id, u.id, 'participants'))
        end
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

comment on function prompt_recheck(scheduled_notifications) is
  'Why a prompt is not wanted any more, or null. Who asked to be asked again is, whatever the audience is by then.';

create function sign_in_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when r.consumed_at is not null then 'link_used'
      when u.suppressed_at is not null
        and (p_row).first_attempt_at is null
        and (
          exists (
            select from notification_log l
            where l.user_id = u.id
              and l.kind = 'sign_in'
              and l.first_attempt_at > greatest(u.suppressed_at, app_now() - interval '1 day')
          )
          or exists (
            select from scheduled_notifications q
            where q.user_id = u.id
              and q.kind = 'sign_in'
              and q.first_attempt_at > greatest(u.suppressed_at, app_now() - interval '1 day')
          )
        )
      then 'suppressed'
    end
    from sign_in_requests r
    join users u on u.id = r.user_id
    where r.id = (p_row).sign_in_request_id
  );
end
$$;

comment on function sign_in_recheck(scheduled_notifications) is
  'An address that refused mail before is still tried with one link a day: it may work again.';

create function staff_notice_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when not exists (select from memberships m where m.user_id = u.id and m.role = 'admin') then 'not_admin'
    end
    from users u
    where u.id = (p_row).user_id
  );
end
$$;

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

create function recheck_notification(p_row scheduled_notifications, out cause text, out held_until timestamptz)
  language plpgsql stable
as $$
begin
  if exists (select from notification_pushes p where p.notification_id = p_row.notification_id) then
    cause := 'already_sent';
  elsif p_row.expires_at <= app_now() then
    cause := 'too_late';
  elsif p_row.kind = 'attendance_prompt' then
    cause := prompt_recheck(p_row);
  elsif p_row.kind = 'sign_in' then
    cause := sign_in_recheck(p_row);
  elsif p_row.kind = 'staff_notice' then
    cause := staff_notice_recheck(p_row);
  end if;
  if cause is null then
    held_until := held_until(p_row);
  end if;
end
$$;

comment on function recheck_notification(scheduled_notifications) is
  'Why a message is not sent after all; or null, and until when it has to wait (now: not at all). Changes nothing.';

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
      'is_last', (p_row).prompt_number = 2,
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

create function staff_notice_display(p_row scheduled_notifications) returns jsonb
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
  elsif v_row.kind = 'staff_notice' then
    data := staff_notice_display(v_row);
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

comment on function record_sent(bigint, bigint, int, int) is
  'Notes that the message left, in the ledger and the log, and what follows from it: a second prompt may come, the '
  'address and the channel work. False: the lease was lost, someone else will record it.';

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
    perform finish_notification(v_row, 'dead', p_class || '_refused', p_reply_code, null);
    if p_class = 'address' then
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

comment on function record_failed(bigint, bigint, text, int, text, text) is
  'By class. retry (for now, or unknown) and ours (the fault is on our side): back for min(60 s * 2^n, 1 h) * U(1/2, 1), '
  'or away when that is too late. address (it does not exist): dead, and suppressed. recipient (refused, no more said): '
  'dead, and suppressed on the third day. Says which: pending, dead, expired, or lost when the lease was.';

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

comment on function due_notifications(int) is
  'What claim_notifications() would give and what prepare_notification() would say of it, for a dry run.';

grant execute on function
  claim_notifications(int),
  release_notification(bigint, bigint),
  prepare_notification(bigint, bigint),
  keep_message(bigint, bigint, bytea),
  record_sent(bigint, bigint, int, int),
  record_failed(bigint, bigint, text, int, text, text),
  due_notifications(int)
  to rollcall_sweep;

commit;
