-- Revert rollcall:alerts from pg

begin;

-- Nobody sends these any more.
delete from scheduled_notifications
where kind in ('watch_due', 'watch_soon', 'watch_told', 'watch_contact', 'watch_responder', 'watch_clear');
delete from notification_log
where kind in ('watch_due', 'watch_soon', 'watch_told', 'watch_contact', 'watch_responder', 'watch_clear');

create or replace function own_data(p_user bigint) returns jsonb
  language sql stable
  begin atomic
    select
      jsonb_build_object(
        'about', jsonb_build_object(
          'what', 'Everything that Rollcall keeps about one person', 'version', 1, 'timezone', z.zone,
          'made_at', both_times(app_now(), z.zone)
        ),
        'address_changes', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'from', r.old_email, 'to', r.new_email, 'asked_at', both_times(r.created_at, z.zone),
            'done_at', both_times(r.consumed_at, z.zone)
          ) order by r.id), '[]')
          from sign_in_requests r
          where r.user_id = p_user and r.new_email is not null
        )
      )
      || own_account(p_user, z.zone)
      || own_events(p_user, z.zone)
      || own_messages(p_user, z.zone)
      || own_reasons(p_user, z.zone)
      || own_door(p_user, z.zone)
      || own_ledger(p_user, z.zone)
      || own_mismatches(p_user, z.zone)
      || own_requests(p_user, z.zone)
      || own_shifts(p_user, z.zone)
      || own_offers(p_user, z.zone)
      || own_calendar(p_user, z.zone)
    from user_zone(p_user) as z(zone);
  end;

create or replace function forget_in_mail(p_user bigint) returns void
  language plpgsql
as $$
declare
  v_row scheduled_notifications;
begin
  -- The queue first: who sends holds a row of it and then asks for the person.
  for v_row in select * from scheduled_notifications where user_id = p_user for update loop
    v_row.last_error := null;
    perform finish_notification(v_row, 'cancelled', 'erased', null, null);
  end loop;
  update notification_log set last_error = null where user_id = p_user and last_error is not null;

  -- Mail to others that tells of them: about them it is not sent any more; by
  -- them it is written anew. Whoever sends it now finds their lease gone.
  for v_row in
    select q.*
    from scheduled_notifications q
    where q.notification_id like 'responder-%'
      and exists (select from org_changes c where c.id = news_change(q.notification_id) and c.user_id = p_user)
    union all
    select q.*
    from duty_assignments a
    join scheduled_notifications q on q.schedule_id = a.schedule_id and shift_news_assignment(q.notification_id) = a.id
    where a.user_id = p_user
    union all
    select q.*
    from shift_swaps w
    join scheduled_notifications q on q.schedule_id = w.schedule_id and swap_of(q.notification_id) = w.id
    where w.user_id = p_user or w.taken_by = p_user
  loop
    perform from scheduled_notifications q where q.id = v_row.id for update;
    if found then
      perform finish_notification(v_row, 'cancelled', 'erased', null, null);
    end if;
  end loop;
  update scheduled_notifications q
  set message = null, lease_id = null, lease_until = null
  where q.notification_id like 'responder-%'
    and exists (select from org_changes c where c.id = news_change(q.notification_id) and c.actor_id = p_user);
end
$$;

create or replace function next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select least(
      (
        select min(first.not_before)
        from generate_series(0, 3) u (urgency)
        cross join lateral (
          select q.not_before
          from scheduled_notifications q
          where q.urgency = u.urgency and q.not_before > app_now()
          order by q.not_before
          limit 1
        ) first
      ),
      (
        select min(s.start_at) - interval '15 minutes'
        from duty_schedules s
        where s.status = 'active' and s.start_at > app_now() + interval '15 minutes'
      ),
      (
        select min(s.end_at)
        from duty_schedules s
        where s.status = 'active' and s.end_at > app_now()
      )
    );
  end;

comment on function next_due() is
  'When, after now, the next message of the queue may go, or the next reminder of a shift is due; null: of none that '
  'is known.';

drop trigger users_end_alert on users;
drop trigger organizations_delays on organizations;
create or replace function record_bounce(p_id bigint, p_class text, p_status text) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_log notification_log;
begin
  if p_class is null or p_class not in ('retry', 'ours', 'address', 'recipient') then
    raise exception using errcode = 'RC422', message = 'bad_class', detail = 'class';
  end if;
  -- Looked for here first: it goes from here to the ledger.
  if exists (select from scheduled_notifications where id = p_id) then
    return 'early';
  end if;
  select * into v_log from notification_log where id = p_id for update;
  if not found or v_log.state <> 'sent' then
    return 'unknown';
  elsif v_log.processed_at <= v_now - interval '30 days' then
    return 'old';
  elsif v_log.bounced_at is not null then
    return 'again';
  end if;
  update notification_log
  set
    bounced_at = v_now,
    bounce_counts = case when p_class = 'recipient' then true end,
    last_error = concat_ws(' ', substring(p_status from '^(?:[245]\.\d{1,3}\.\d{1,3}|[245]\d\d)$'), 'came back')
  where id = p_id;
  -- Erased meanwhile, or it left for an address that they had before.
  if not exists (
    select from users u
    where u.id = v_log.user_id
      and coalesce(v_log.first_attempt_at, v_log.processed_at) >= coalesce(u.address_since, '-infinity')
  ) then
    return 'noted';
  elsif p_class = 'address' then
    perform suppress_address(v_log.user_id, p_status);
    return 'suppressed';
  elsif p_class = 'recipient' then
    if bounces_counted(v_log.user_id) >= 3 then
      perform suppress_address(v_log.user_id, p_status);
      return 'suppressed';
    end if;
    return 'counted';
  end if;
  return 'noted';
end
$$;

drop function
  close_alert(bytea, text, bigint, text),
  hand_over_alert(bytea, text, bigint, bigint),
  claim_alert(bytea, text, bigint),
  acknowledge_alert(bytea, text, bigint),
  hold_alert(bytea, text, bigint),
  responder_org(bytea, text),
  end_before_erasing(),
  own_watched(bigint, text),
  follow_watch(scheduled_notifications, text, text, int, int),
  watch_bounced(notification_log, text),
  follow_unsent_step(alerts, alert_steps, text),
  is_hand_over(alert_steps),
  follow_sent_step(alerts, alert_steps),
  watch_responder_display(scheduled_notifications),
  watch_contact_display(scheduled_notifications),
  watch_self_display(scheduled_notifications),
  watch_self_row(scheduled_notifications),
  watch_responder_recheck(scheduled_notifications),
  watch_clear_recheck(scheduled_notifications),
  watch_contact_recheck(scheduled_notifications),
  watch_self_recheck(scheduled_notifications),
  message_step(text),
  contact_remove(bytea, bigint),
  drop_contact(bigint),
  member_left(),
  monitoring_stop(bytea),
  end_watch(bigint, text, bigint),
  monitoring_resume(bytea),
  monitoring_pause(bytea, date),
  check_in_by_link(bigint, int, timestamptz),
  checkin_link(bigint, int, timestamptz),
  cancel_alert(bytea),
  check_in(bytea),
  put_check_in(bigint, text, text, boolean),
  end_alert(bigint, text, bigint, text),
  tell_all_clear(alerts, bigint),
  planned_alerts(int),
  step_alerts(int),
  cover_step(bigint),
  climb_alert(bigint),
  raise_alert(bigint),
  tell_next(alerts, alert_steps),
  reachable_contacts(bigint),
  tell_watch_responders(alerts),
  tell_contact(alerts, bigint),
  tell_person(alerts),
  tell_of_alert(alerts, text, text, text, bigint, bigint),
  delays_changed(),
  alert_step_due(alerts),
  watch_delay(bigint, text);
delete from personal_data where relation in ('alerts', 'alert_steps');
drop table alert_steps, alerts;
delete from notification_kinds
where kind in ('watch_due', 'watch_soon', 'watch_told', 'watch_contact', 'watch_responder', 'watch_clear');
-- What is due stays; nobody is at a level any more.
update user_status set alert_level = null, alert_triggered_at = null where alert_level is not null;

commit;
