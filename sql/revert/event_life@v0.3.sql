-- Revert rollcall:event_life from pg

begin;

drop trigger events_room on events;
drop trigger event_participants_gone on event_participants;
drop trigger event_participants_freed on event_participants;
alter table event_participants drop column generation;
drop index event_participants_waiting;
comment on column event_participants.updated_at is null;

create or replace function held_until(p_row scheduled_notifications) returns timestamptz
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

create or replace function withdraw_from_event(p_session bytea, p_event bigint, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_event events := open_event(v_user, p_event);
begin
  update event_participants
  set status = 'cancelled', request_id = left(p_request_id, 64), updated_at = app_now()
  where event_id = v_event.id
    and user_id = v_user
    and status <> 'cancelled';
end
$$;

create or replace function register_for_event(p_session bytea, p_event bigint, p_request_id text) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_event events := open_event(v_user, p_event);
  v_status text := 'registered';
begin
  if v_event.capacity is not null then
    -- Places are given away one at a time.
    perform from events where id = p_event for no key update;
    if v_event.capacity <= (
      select count(*) from event_participants where event_id = p_event and status = 'registered'
    ) then
      v_status := 'waitlisted';
    end if;
  end if;
  insert into event_participants as p (event_id, org_id, user_id, status, request_id, created_at, updated_at)
  values (p_event, v_event.org_id, v_user, v_status, left(p_request_id, 64), app_now(), app_now())
  on conflict (event_id, user_id) do update
  set status = excluded.status, request_id = excluded.request_id, updated_at = excluded.updated_at
  where p.status = 'cancelled';
  return (select status from event_participants where event_id = p_event and user_id = v_user);
end
$$;

drop function place_display(scheduled_notifications);
drop function place_row(scheduled_notifications);
drop function place_recheck(scheduled_notifications);
drop function waiting_place(bytea, bigint);
drop function room_made();
drop function place_freed();
drop function promote_waiting(bigint);
drop function enroll_people(events, bigint[], text);
drop function queue_place_mails(events, text, bigint[]);
delete from notification_kinds where kind in ('registration', 'promotion');

commit;
