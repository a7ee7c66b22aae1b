-- Deploy rollcall:events to pg
-- Events, who opened their pages, and who wants to be asked about them.

begin;

create function event_end(p_starts timestamptz, p_ends timestamptz, p_all_day boolean)
  returns timestamptz
  language sql immutable parallel safe
  return coalesce(p_ends, (
    p_starts at time zone 'UTC' + case when p_all_day then interval '1 day' else interval '2 hours' end
  ) at time zone 'UTC');

comment on function event_end(timestamptz, timestamptz, boolean) is
  'When an event ends that does not say: after two hours, or after its one whole day.';

create table events (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  uid text check (length(uid) between 1 and 1000),
  recurrence_time timestamptz,
  sequence int not null default 0,
  title text not null check (valid_line(title, 500)),
  description text not null default '',
  location text not null default '',
  url text check (url ~ '^https?://' and valid_line(url, 2000)),
  is_virtual boolean not null default false,
  starts_at timestamptz not null,
  ends_at timestamptz check (ends_at >= starts_at),
  effective_end timestamptz not null generated always as (event_end(starts_at, ends_at, all_day)) stored,
  all_day boolean not null default false,
  timezone text,
  status text not null default 'draft'
    check (status in ('draft', 'published', 'ongoing', 'completed', 'cancelled')),
  revision int not null default 1,
  takes_attendance boolean not null default false,
  capacity int check (capacity > 0),
  check_in_opens interval,
  grace interval,
  deleted_at timestamptz,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  check (uid is not null or recurrence_time is null)
);

create unique index events_source_key on events (org_id, uid, recurrence_time)
  nulls not distinct where uid is not null;
create index events_org_end on events (org_id, effective_end);
create index events_end on events (effective_end);
create index events_disturbed on events (effective_end) where revision > 1 or status = 'cancelled';
create index events_unfinished on events (starts_at) where status in ('published', 'ongoing');
create index events_finishing on events (effective_end) where status in ('published', 'ongoing');

comment on column events.uid is
  'With recurrence_time, what the calendar it came from calls it; null when it was made here.';
comment on column events.sequence is 'The calendar''s count of changes: a lower one never overwrites a higher.';
comment on column events.ends_at is 'Null when nobody said; effective_end is what rules go by.';
comment on column events.timezone is
  'The zone of the calendar, which for whole days says where midnight is; null: the organisation''s.';
comment on column events.revision is
  'Rises when start or end changes and the new end is still to come: people are then asked anew.';
comment on column events.check_in_opens is 'How long before the start the door opens; null: 15 minutes.';
comment on column events.grace is 'How long after the start someone is not yet late; null: 10 minutes.';

create function events_moved() returns trigger
  language plpgsql
as $$
begin
  if event_end(new.starts_at, new.ends_at, new.all_day) > app_now() then
    new.revision := old.revision + 1;
    if new.status in ('ongoing', 'completed') then
      new.status := case when new.starts_at > app_now() then 'published' else 'ongoing' end;
    end if;
  end if;
  return new;
end
$$;

comment on function events_moved() is
  'Moving an event to where it is still to come starts its life and its questions again.';

create trigger events_moved
  before update of starts_at, ends_at, all_day on events
  for each row
  when (
    (old.starts_at, old.ends_at, old.all_day) is distinct from (new.starts_at, new.ends_at, new.all_day)
  )
  execute function events_moved();

create table event_views (
  event_id bigint not null references events on delete cascade,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  viewed_at timestamptz not null default app_now(),
  primary key (event_id, user_id)
);

create index event_views_user on event_views (user_id);

comment on table event_views is
  'Who, signed in, opened the page of an event before its end: they will be asked whether they came.';

create table event_notification_preferences (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  frequency text not null default 'all' check (frequency in ('all', 'daily', 'weekly', 'none')),
  generation int not null default 1,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  unique (user_id, org_id)
);

create index event_notification_preferences_org on event_notification_preferences (org_id);

comment on table event_notification_preferences is
  'How often a person wants to be asked by an organisation; no row means all. '
  'Its id and generation make the unsubscribe link.';

grant select on events to rollcall_member;

commit;
