-- Deploy rollcall:own_data to pg
-- Shifts in what a person takes along, and has forgotten; and who is erased
-- waits for nobody who waits for them.

begin;

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

create or replace function erase_me(p_session bytea, p_hashes bytea, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set lock_timeout = '200ms'
as $$
declare
  v_user bigint := require_session(p_session);
begin
  -- What belongs to somebody is held by others in many orders: this takes turns
  -- with nobody, but gives up what it holds, and begins again.
  for v_try in 1..12 loop
    begin
      -- Admins of one organisation take turns, so that there is always one.
      perform from (
        select o.id
        from organizations o
        join memberships m on m.org_id = o.id
        where m.user_id = v_user and m.role = 'admin'
        order by o.id
        for no key update of o
      ) turns;
      if exists (select from only_admin_of(v_user)) then
        raise exception using errcode = 'RC409', message = 'last_admin_erased';
      end if;

      perform act_as(v_user, p_request_id);
      perform forget_in_mail(v_user);
      perform remember_stops(v_user, p_hashes);
      perform forget_address(email) from users where id = v_user;
      delete from calendar_uploads where user_id = v_user;
      delete from users where id = v_user;
      return;
    exception when lock_not_available or deadlock_detected then
      if v_try = 12 then
        raise;
      end if;
    end;
    perform pg_sleep(0.05 * random());
  end loop;
end
$$;

commit;
