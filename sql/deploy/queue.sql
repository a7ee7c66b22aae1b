-- Deploy rollcall:queue to pg
-- A million prompts are planned at once, and foreign keys looked up the
-- organisation, the event and the person of each. What they saw to is done by
-- who deletes: they wait for the planner, the planner stays away from them, and
-- they take the messages along. Any other message holds what it names.

set client_min_messages = warning;

-- In the order in which people are asked, so that who is missing shows by
-- going once through both.
drop index if exists scheduled_notifications_event_person, notifications_event_person;
create index concurrently scheduled_notifications_event_person on scheduled_notifications (event_id, user_id);
create index concurrently notifications_event_person on notifications (event_id, user_id);

begin;

drop index scheduled_notifications_event, notifications_event;
alter index scheduled_notifications_event_person rename to scheduled_notifications_event;
alter index notifications_event_person rename to notifications_event;

alter table scheduled_notifications
  drop constraint scheduled_notifications_org_id_fkey,
  drop constraint scheduled_notifications_event_id_fkey,
  drop constraint scheduled_notifications_user_id_fkey,
  drop constraint scheduled_notifications_sign_in_request_id_fkey;

create function planning_lock() returns bigint
  language sql immutable parallel safe
  return hashtextextended('schedule_post_event_prompts', 0);

comment on function planning_lock() is
  'Held alone by who plans first prompts, and shared by who deletes whom or what they may name, each until it commits.';

create function keep_planner_away() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared(planning_lock());
  return null;
end
$$;

comment on function keep_planner_away() is
  'Before the rows go: what the planner has queued is there to be taken along, and it queues nothing about them after.';

create function take_messages_along() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  case tg_table_name
    when 'users' then
      delete from scheduled_notifications where user_id = any (array(select g.id from gone g));
    when 'events' then
      delete from scheduled_notifications where event_id = any (array(select g.id from gone g));
    when 'organizations' then
      delete from scheduled_notifications where org_id = any (array(select g.id from gone g));
    when 'sign_in_requests' then
      delete from scheduled_notifications where sign_in_request_id = any (array(select g.id from gone g));
  end case;
  return null;
end
$$;

create trigger keep_planner_away before delete on users
  for each statement execute function keep_planner_away();
create trigger keep_planner_away before delete on events
  for each statement execute function keep_planner_away();
create trigger keep_planner_away before delete on organizations
  for each statement execute function keep_planner_away();
create trigger take_messages_along after delete on users
  referencing old table as gone for each statement execute function take_messages_along();
create trigger take_messages_along after delete on events
  referencing old table as gone for each statement execute function take_messages_along();
create trigger take_messages_along after delete on organizations
  referencing old table as gone for each statement execute function take_messages_along();
create trigger take_messages_along after delete on sign_in_requests
  referencing old table as gone for each statement execute function take_messages_along();

create function hold_named() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_missing text := '';
begin
  if new.user_id is not null then
    perform from users where id = new.user_id for key share;
    v_missing := v_missing || case when found then '' else ' user_id' end;
  end if;
  if new.event_id is not null then
    perform from events where id = new.event_id for key share;
    v_missing := v_missing || case when found then '' else ' event_id' end;
  end if;
  if new.org_id is not null then
    perform from organizations where id = new.org_id for key share;
    v_missing := v_missing || case when found then '' else ' org_id' end;
  end if;
  if new.sign_in_request_id is not null then
    perform from sign_in_requests where id = new.sign_in_request_id for key share;
    v_missing := v_missing || case when found then '' else ' sign_in_request_id' end;
  end if;
  if v_missing <> '' then
    raise exception using
      errcode = 'foreign_key_violation', message = 'a message names what is not there', detail = ltrim(v_missing);
  end if;
  return null;
end
$$;

comment on function hold_named() is
  'What a foreign key does: what a message names is there, and stays until it is committed.';

create trigger hold_named
  after insert or update of user_id, event_id, org_id, sign_in_request_id on scheduled_notifications
  for each row
  when (new.kind <> 'attendance_prompt' or new.prompt_number is distinct from 1)
  execute function hold_named();

comment on trigger hold_named on scheduled_notifications is
  'But for first prompts, which are planned by those alone who hold planning_lock().';

commit;
