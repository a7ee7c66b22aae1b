-- Deploy rollcall:history to pg
-- A page of a person's history is read in its order: when an event starts
-- stands beside each answer. What events are called may be kept by who shows
-- it to many, for as long as event_words says the same.
-- Not one transaction: nobody waits while a million answers are gone over.

begin;

alter table attendance add column event_starts_at timestamptz;

comment on column attendance.event_starts_at is
  'Copied from the event, with which it moves; null when that is deleted, and shown to nobody.';

create function attendance_starts() returns trigger
  language plpgsql
as $$
begin
  select case when e.deleted_at is null then e.starts_at end into new.event_starts_at
  from events e
  where e.id = new.event_id
  for key share;
  return new;
end
$$;

comment on function attendance_starts() is
  'Of two at once, an answer and a move, one waits: the lock is the foreign key''s own, only taken before it looks.';

create trigger attendance_starts
  before insert on attendance
  for each row
  when (new.event_starts_at is null)
  execute function attendance_starts();

create function attendance_moves() returns trigger
  language plpgsql
as $$
begin
  perform from events where id = new.id for update;
  update attendance
  set event_starts_at = case when new.deleted_at is null then new.starts_at end
  where event_id = new.id;
  return null;
end
$$;

comment on function attendance_moves() is 'Waits for answers that are being given, and then finds them.';

create trigger attendance_moves
  after update on events
  for each row
  when ((old.starts_at, old.deleted_at) is distinct from (new.starts_at, new.deleted_at))
  execute function attendance_moves();

create table event_words (
  id int primary key default 1 check (id = 1),
  version bigint not null default 1
);

insert into event_words default values;

comment on table event_words is
  'Rises in each transaction that changes what an event that is there is called, or its organisation, or where and when '
  'it is. What was read under the same version still holds.';

create function event_words_changed() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update event_words set version = version + 1 where xmin <> pg_current_xact_id()::xid;
  return null;
end
$$;

-- At the end, because all who change something wait for each other here: when
-- the functions that changed it have returned, and their rights with them.
create constraint trigger event_words_changed
  after update on events
  deferrable initially deferred
  for each row
  when (
    (old.title, old.location, old.is_virtual, old.starts_at, old.all_day, old.timezone)
    is distinct from (new.title, new.location, new.is_virtual, new.starts_at, new.all_day, new.timezone)
  )
  execute function event_words_changed();

create constraint trigger event_words_changed
  after update on organizations
  deferrable initially deferred
  for each row
  when ((old.name, old.logo, old.timezone) is distinct from (new.name, new.logo, new.timezone))
  execute function event_words_changed();

create constraint trigger event_words_changed
  after insert or delete on timezones
  deferrable initially deferred
  for each row
  execute function event_words_changed();

commit;

-- Those who answer or move an event meanwhile have it right already.
do $$
declare
  v_after bigint := 0;
  v_till bigint;
begin
  loop
    select max(few.user_id) into v_till
    from (select user_id from attendance where user_id > v_after order by user_id limit 5000) few;
    exit when v_till is null;
    update attendance a
    set event_starts_at = e.starts_at
    from events e
    where e.id = a.event_id
      and e.deleted_at is null
      and a.user_id > v_after
      and a.user_id <= v_till
      and a.event_starts_at is null;
    commit;
    v_after := v_till;
  end loop;
end
$$;

create index concurrently attendance_history
  on attendance (user_id, event_starts_at desc, event_id desc);

begin;

drop function attendance_history(bytea, timestamptz, bigint, int);

create function attendance_history(p_session bytea, p_before timestamptz, p_before_event bigint, p_most int)
  returns table (event_id bigint, starts timestamptz, status text, rating smallint)
  language sql stable
  begin atomic
    select a.event_id, a.event_starts_at, a.status, a.feedback_rating
    from attendance a
    where a.user_id = (select s.user_id from live_sessions s where s.hash = p_session)
      and (a.event_starts_at, a.event_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_event, 0))
    order by a.event_starts_at desc, a.event_id desc
    limit p_most;
  end;

comment on function attendance_history(bytea, timestamptz, bigint, int) is
  'The person''s own rows, newest start first, from before (start, event) on: as many as asked for are read, no more.';

grant select (event_starts_at) on attendance to rollcall_member;
grant select on event_words to rollcall_member;
grant select (user_id, type, read_at) on notifications to rollcall_staff;
grant execute on function attendance_history(bytea, timestamptz, bigint, int) to rollcall_member;

commit;
