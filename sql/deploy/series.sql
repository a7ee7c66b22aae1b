-- Deploy rollcall:series to pg
-- Events that repeat: what they have in common, and their instances, which are
-- events like any other. Rules are read in C: they come here as local dates.

begin;

create table event_series (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  uid text check (length(uid) between 1 and 1000),
  sequence int not null default 0,
  rule text check (valid_line(rule, 1000)),
  starts_local timestamp not null,
  zone text not null,
  all_day boolean not null default false,
  until timestamptz,
  duration_days int check (duration_days >= 0),
  duration_seconds bigint check (duration_seconds >= 0),
  extra timestamptz[] not null default '{}',
  extra_ends timestamptz[] not null default '{}',
  left_out timestamptz[] not null default '{}',
  title text not null check (valid_line(title, 500)),
  description text not null default '',
  location text not null default '',
  url text check (url ~ '^https?://' and valid_line(url, 2000)),
  is_virtual boolean not null default false,
  status text not null default 'draft' check (status in ('draft', 'published', 'cancelled')),
  capacity int check (capacity > 0),
  takes_attendance boolean not null default false,
  check_in_opens interval,
  grace interval,
  extended_to timestamp not null default '-infinity',
  version int not null default 1,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  check (cardinality(extra) = cardinality(extra_ends)),
  check ((duration_days is null) = (duration_seconds is null))
);

create unique index event_series_source_key on event_series (org_id, uid) where uid is not null;
create index event_series_org on event_series (org_id);
create index event_series_due on event_series (extended_to) where status <> 'cancelled';

comment on table event_series is
  'Events that repeat: what their instances in events have in common, and the rule that makes more of them.';
comment on column event_series.uid is 'What the calendar it came from calls it; null when it was made here.';
comment on column event_series.rule is 'An RRULE''s text without UNTIL; null when there are only the dates in extra.';
comment on column event_series.starts_local is 'The first start, as clocks in the zone show it.';
comment on column event_series.zone is
  'A name in timezones, or a POSIX text made of the calendar''s own VTIMEZONE: see posix_zone().';
comment on column event_series.duration_days is
  'Days by the calendar, then duration_seconds by the clock; both null when nobody told an end.';
comment on column event_series.extra is
  'Starts besides those of the rule (RDATE); at the same place in extra_ends the end of one that lasts otherwise.';
comment on column event_series.left_out is 'Starts that the rule makes and that do not take place (EXDATE).';
comment on column event_series.extended_to is
  'Local: up to there the rule''s dates are events. Infinity: all are, nothing more is to come.';
comment on column event_series.version is
  'Rises with each change, so that of two who change it at once the later is told.';

-- Unchanged, but for the quotes: a body that is kept parsed holds the rows of
-- events and organizations as they were, so that no column could be added.
create or replace function events_asked_about(p_now timestamptz) returns setof events
  language sql stable
as $$
  select e.*
  from events e
  join organizations o on o.id = e.org_id
  where e.effective_end > p_now - interval '14 days'
    and e.effective_end <= p_now - case when e.all_day then interval '0' else interval '1 hour' end
    and e.effective_end >= o.prompts_since
    and e.status not in ('draft', 'cancelled')
    and e.deleted_at is null;
$$;

create or replace function first_prompts(p_event events, p_org organizations, p_after bigint, p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language sql stable
as $$
  select
    n.notification_id,
    u.id,
    due.at,
    case when held.until > p_now then held.until else due.at end,
    case when held.until > p_now then 'quiet_hours' end
  from prompt_audience((p_event).id, (p_org).prompt_audience, p_after) as a(user_id)
  cross join lateral (
    select format('prompt-%s-%s-1-r%s', (p_event).id, a.user_id, (p_event).revision)
  ) as n(notification_id)
  join users u on u.id = a.user_id
  left join timezones t on t.name = coalesce(u.timezone, (p_org).timezone)
  left join event_notification_preferences f on f.user_id = u.id and f.org_id = (p_org).id
  left join attendance answer on answer.user_id = u.id and answer.event_id = (p_event).id
  cross join lateral (
    select prompt_due((p_event).effective_end, (p_event).all_day, coalesce(t.name, 'UTC'))
  ) as due(at)
  cross join lateral (
    select case
      when u.quiet then quiet_until(p_now, coalesce(t.name, 'UTC'), u.quiet_from, u.quiet_to)
      else p_now
    end
  ) as held(until)
  where not exists (select from scheduled_notifications q where q.notification_id = n.notification_id)
    and not exists (
      select from notification_log l
      where l.notification_id = n.notification_id
        and l.cause is distinct from 'event_cancelled'
    )
    and not exists (
      select from notifications o
      where o.user_id = a.user_id
        and o.event_id = (p_event).id
        and o.type = 'attendance_prompt'
        and o.prompt_number = 1
        and o.revision = (p_event).revision
    )
    and due.at <= p_now
    and prompt_refusal((p_event).status, f.frequency, u.suppressed_at, answer.status) is null;
$$;

alter table events
  add column series_id bigint references event_series,
  add column detached boolean not null default false,
  add column version int not null default 1;

-- The name that PostgreSQL gave it.
alter table events drop constraint events_check1;
alter table events
  add constraint events_recurrence check (
    case
      when series_id is not null then recurrence_time is not null
      else uid is not null or recurrence_time is null
    end
  ),
  add constraint events_detached check (series_id is not null or not detached);

create unique index events_series_key on events (series_id, recurrence_time) where series_id is not null;

comment on column events.recurrence_time is
  'Of an instance: when it starts by its series'' rule, which is how it is known again when it was moved.';
comment on column events.detached is
  'An instance that was changed by itself: changes of the series leave it alone.';
comment on column events.version is
  'Rises when what people are told of the event changes, so that of two who change it at once the later is told.';

create function raise_version() returns trigger
  language plpgsql
as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;

create trigger events_versioned
  before update on events
  for each row
  when (
    (
      old.title, old.description, old.location, old.url, old.is_virtual, old.starts_at, old.ends_at, old.all_day,
      old.timezone, old.capacity, old.takes_attendance, old.check_in_opens, old.grace, old.deleted_at,
      old.series_id, old.recurrence_time, old.detached, old.status = 'draft', old.status = 'cancelled'
    ) is distinct from (
      new.title, new.description, new.location, new.url, new.is_virtual, new.starts_at, new.ends_at, new.all_day,
      new.timezone, new.capacity, new.takes_attendance, new.check_in_opens, new.grace, new.deleted_at,
      new.series_id, new.recurrence_time, new.detached, new.status = 'draft', new.status = 'cancelled'
    )
  )
  execute function raise_version();

create trigger event_series_versioned
  before update on event_series
  for each row
  when (
    (
      old.rule, old.starts_local, old.zone, old.all_day, old.until, old.duration_days, old.duration_seconds,
      old.extra, old.extra_ends, old.left_out, old.title, old.description, old.location, old.url, old.is_virtual,
      old.status, old.capacity, old.takes_attendance, old.check_in_opens, old.grace
    ) is distinct from (
      new.rule, new.starts_local, new.zone, new.all_day, new.until, new.duration_days, new.duration_seconds,
      new.extra, new.extra_ends, new.left_out, new.title, new.description, new.location, new.url, new.is_virtual,
      new.status, new.capacity, new.takes_attendance, new.check_in_opens, new.grace
    )
  )
  execute function raise_version();

-- Zones and moments.

create function is_posix_zone(p_zone text) returns boolean
  language sql immutable parallel safe
  return p_zone ~ (
    '^<[+-][0-9]{2,4}>[+-]?(1?[0-9]|2[0-4])(:[0-5][0-9]){0,2}'
    || '(<[+-][0-9]{2,4}>([+-]?(1?[0-9]|2[0-4])(:[0-5][0-9]){0,2})?'
    || '(,M([1-9]|1[0-2])[.][1-5][.][0-6](/-?(16[0-7]|1[0-5][0-9]|[1-9]?[0-9])(:[0-5][0-9]){0,2})?){2})?$'
  );

comment on function is_posix_zone(text) is
  'Whether it is a POSIX zone in the one shape that is made of a calendar''s own VTIMEZONE, like '
  '<+01>-1<+02>,M3.5.0/2,M10.5.0/3: "at time zone" takes it, and takes much else that is no zone.';

create function is_usable_zone(p_zone text) returns boolean
  language plpgsql stable
as $$
begin
  return exists (select from timezones where name = p_zone) or is_posix_zone(p_zone);
end
$$;

comment on function is_usable_zone(text) is 'Whether "at time zone" may be given a series'' zone.';

create function event_zone(p_zone text, p_all_day boolean) returns text
  language plpgsql stable
as $$
begin
  return (select name from timezones where name = p_zone and (p_all_day or name <> 'UTC'));
end
$$;

comment on function event_zone(text, boolean) is
  'What stands in events.timezone: no zone of a file''s own making, and UTC only where it says where midnight is.';

create function moment_at(p_local timestamp, p_zone text) returns timestamptz
  language plpgsql stable
as $$
declare
  v_at timestamptz := p_local at time zone p_zone;
  v_before timestamptz := v_at - interval '24 hours';
  v_first timestamptz;
begin
  if not isfinite(p_local) then
    return v_at;
  end if;
  v_first := (p_local - ((v_before at time zone p_zone) - (v_before at time zone 'UTC'))) at time zone 'UTC';
  if v_first < v_at and v_first at time zone p_zone = p_local then
    return v_first;
  end if;
  return v_at;
end
$$;

comment on function moment_at(timestamp, text) is
  'When clocks in the zone show it: the first time of two (RFC 5545, 3.3.5), where PostgreSQL takes the second, and an '
  'hour that a clock change leaves out is counted on from before it.';

create or replace function local_moment(p_local text, p_zone text) returns timestamptz
  language plpgsql stable
as $$
begin
  if p_local !~ '^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$' then
    return null;
  end if;
  return moment_at(p_local::timestamp, p_zone);
exception when datetime_field_overflow or invalid_datetime_format then
  return null;
end
$$;

-- Instances.

create function import_window() returns table (starts text, ends text)
  language sql stable
  begin atomic
    select
      to_char(today.at - interval '15 days', 'YYYY-MM-DD"T"HH24:MI:SS'),
      to_char(today.at + interval '1 year 7 days', 'YYYY-MM-DD"T"HH24:MI:SS')
    from (select date_trunc('day', app_now() at time zone 'UTC')) as today(at);
  end;

comment on function import_window() is
  'The local times within which a rule''s dates become events: from 14 days back to 12 months ahead and a week more, '
  'so that they need to be added to only once a week.';

create function series_end(p_series event_series, p_starts timestamptz) returns timestamptz
  language plpgsql stable
as $$
begin
  return moment_at(
    (p_starts at time zone p_series.zone) + make_interval(days => p_series.duration_days), p_series.zone
  ) + make_interval(secs => p_series.duration_seconds);
end
$$;

comment on function series_end(event_series, timestamptz) is
  'When the instance that starts then ends; null when nobody said.';

create function series_starts(p_series event_series, p_dates timestamp[])
  returns table (starts_at timestamptz, ends_at timestamptz)
  language plpgsql stable rows 100
as $$
#variable_conflict use_column
begin
  return query
    select distinct on (d.starts_at) d.starts_at, coalesce(d.ends_at, series_end(p_series, d.starts_at))
    from (
      select by_rule.starts_at, null::timestamptz as ends_at
      from (
        select moment_at(dates.local, p_series.zone) as starts_at
        from unnest(case when p_series.rule is null then array[p_series.starts_local] else p_dates end) as dates(local)
      ) by_rule
      where p_series.until is null or by_rule.starts_at <= p_series.until
      union all
      select x.starts_at, x.ends_at
      from unnest(p_series.extra, p_series.extra_ends) as x(starts_at, ends_at)
    ) d
    where not exists (select from unnest(p_series.left_out) as l(at) where l.at = d.starts_at)
    order by d.starts_at, d.ends_at;
end
$$;

comment on function series_starts(event_series, timestamp[]) is
  'The instances that a series has, given the dates that its rule makes in the time that is looked at.';

create function cancel_instances(p_series bigint, p_after timestamptz) returns int
  language plpgsql
as $$
declare
  v_cancelled int;
begin
  update events
  set status = 'cancelled', updated_at = app_now()
  where series_id = p_series
    and starts_at > p_after
    and status <> 'cancelled'
    and deleted_at is null;
  get diagnostics v_cancelled = row_count;
  return v_cancelled;
end
$$;

comment on function cancel_instances(bigint, timestamptz) is
  'Cancels a series'' instances that start after that, and says how many.';

create function make_instances(p_series event_series, p_starts timestamptz[], p_ends timestamptz[]) returns int
  language plpgsql
as $$
declare
  v_made int;
begin
  insert into events (
    org_id, series_id, uid, recurrence_time, sequence, title, description, location, url, is_virtual, starts_at,
    ends_at, all_day, timezone, status, takes_attendance, capacity, check_in_opens, grace
  )
  select
    p_series.org_id, p_series.id, p_series.uid, s.starts_at, p_series.sequence, p_series.title,
    p_series.description, p_series.location, p_series.url, p_series.is_virtual, s.starts_at, s.ends_at,
    p_series.all_day, event_zone(p_series.zone, p_series.all_day), p_series.status, p_series.takes_attendance,
    p_series.capacity, p_series.check_in_opens, p_series.grace
  from unnest(p_starts, p_ends) as s(starts_at, ends_at)
  on conflict do nothing;
  get diagnostics v_made = row_count;
  return v_made;
end
$$;

create function note_extent(p_series event_series, p_to timestamp) returns void
  language sql
as $$
  update event_series s
  set extended_to = reached.at
  from (
    select case
      when (p_series).rule is null or (p_series).until < moment_at(p_to, (p_series).zone) then 'infinity'
      else p_to
    end
  ) as reached(at)
  where s.id = (p_series).id
    and s.extended_to <> reached.at;
$$;

comment on function note_extent(event_series, timestamp) is 'The rule''s dates are events up to there.';

create function spread_series(p_series event_series, p_dates timestamp[], p_to timestamp) returns int
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_starts timestamptz[];
  v_ends timestamptz[];
begin
  if p_series.status = 'cancelled' then
    return 0;
  end if;
  select array_agg(s.starts_at), array_agg(s.ends_at) into v_starts, v_ends
  from series_starts(p_series, p_dates) s
  where event_end(s.starts_at, s.ends_at, p_series.all_day) > v_now - interval '14 days';
  -- Where the rule had left a date out and has it again.
  update events
  set status = p_series.status, updated_at = v_now
  where series_id = p_series.id
    and recurrence_time = any (v_starts)
    and status = 'cancelled'
    and not detached
    and starts_at > v_now;
  perform note_extent(p_series, greatest(p_series.extended_to, p_to));
  return make_instances(p_series, v_starts, v_ends);
end
$$;

comment on function spread_series(event_series, timestamp[], timestamp) is
  'Makes the instances that are missing among those dates, from 14 days back, and says how many. The caller has the '
  'series locked; p_dates are all that its rule makes from where it was to p_to.';

create function compare_series(p_old event_series, p_new event_series, p_dates timestamp[])
  returns table (instance events, starts_at timestamptz, ends_at timestamptz)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    with starts as materialized (
      select s.starts_at, s.ends_at, (s.starts_at at time zone p_new.zone)::date as day
      from series_starts(p_new, p_dates) s
    ), instances as materialized (
      select e as instance, e.id, e.recurrence_time, (e.recurrence_time at time zone p_old.zone)::date as day
      from events e
      where e.series_id = p_new.id
        and e.recurrence_time > v_now - interval '2 days'
    ), same as materialized (
      select i.instance, i.id, s.starts_at, s.ends_at
      from instances i
      join starts s on s.starts_at = i.recurrence_time
    ), old as (
      -- Numbered within the day; also those of today that are over, so that
      -- nothing takes place twice on a day because it moves to the evening.
      select i.instance, i.day, row_number() over (partition by i.day order by i.recurrence_time) as place
      from instances i
      where i.id not in (select s.id from same s)
    ), new as (
      select s.starts_at, s.ends_at, s.day, row_number() over (partition by s.day order by s.starts_at) as place
      from starts s
      where s.starts_at > v_now
        and s.starts_at not in (select s.starts_at from same s)
    )
    select s.instance, s.starts_at, s.ends_at from same s
    union all
    select o.instance, n.starts_at, n.ends_at from old o full join new n using (day, place);
end
$$;

comment on function compare_series(event_series, event_series, timestamp[]) is
  'Each instance beside the start that a changed series has for it: the same one, else one on the same day. No start: '
  'the series has it no more; no instance: it is yet to be made. What is over is among them, to be left alone.';

create function rearrange_instance(
  p_series event_series, p_event events, p_starts timestamptz, p_ends timestamptz, out moved boolean
)
  language plpgsql
as $$
declare
  v_zone text := event_zone(p_series.zone, p_series.all_day);
begin
  if p_event.detached then
    update events set recurrence_time = p_starts where id = p_event.id and recurrence_time <> p_starts;
    moved := false;
    return;
  end if;
  moved := (p_event.starts_at, p_event.ends_at, p_event.all_day) is distinct from (p_starts, p_ends, p_series.all_day);
  update events
  set
    recurrence_time = p_starts, sequence = p_series.sequence, title = p_series.title,
    description = p_series.description, location = p_series.location, url = p_series.url,
    is_virtual = p_series.is_virtual, starts_at = p_starts, ends_at = p_ends, all_day = p_series.all_day,
    timezone = v_zone, status = p_series.status, takes_attendance = p_series.takes_attendance,
    capacity = p_series.capacity, check_in_opens = p_series.check_in_opens, grace = p_series.grace,
    updated_at = app_now()
  where id = p_event.id
    and (
      recurrence_time, title, description, location, url, is_virtual, starts_at, ends_at, all_day, timezone, status,
      takes_attendance, capacity, check_in_opens, grace
    ) is distinct from (
      p_starts, p_series.title, p_series.description, p_series.location, p_series.url, p_series.is_virtual, p_starts,
      p_ends, p_series.all_day, v_zone, p_series.status, p_series.takes_attendance, p_series.capacity,
      p_series.check_in_opens, p_series.grace
    );
end
$$;

comment on function rearrange_instance(event_series, events, timestamptz, timestamptz) is
  'Makes an instance what its series is now. One that was changed by itself only learns under which start it is known.';

create type series_changes as (made int, moved int, cancelled int, restored int);

create function rearrange_series(
  p_old event_series, p_dates timestamp[], p_to timestamp, p_own timestamptz[] default '{}'
) returns series_changes
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_new event_series;
  v_same_dates boolean;
  v_row record;
  v_event events;
  v_starts timestamptz[] := '{}';
  v_ends timestamptz[] := '{}';
  v_done series_changes := (0, 0, 0, 0);
begin
  select * into v_new from event_series where id = p_old.id;
  if v_new.status = 'cancelled' then
    v_done.cancelled := cancel_instances(v_new.id, v_now);
    return v_done;
  end if;
  v_same_dates := (v_new.rule, v_new.starts_local, v_new.zone, v_new.until)
    is not distinct from (p_old.rule, p_old.starts_local, p_old.zone, p_old.until);

  for v_row in select * from compare_series(p_old, v_new, p_dates) loop
    v_event := v_row.instance;
    if v_event.id is null then
      v_starts := array_append(v_starts, v_row.starts_at);
      v_ends := array_append(v_ends, v_row.ends_at);
    elsif v_event.recurrence_time <= v_now or v_event.starts_at <= v_now or v_event.deleted_at is not null then
      continue;
    elsif v_row.starts_at is not null then
      v_done.moved := v_done.moved
        + (rearrange_instance(v_new, v_event, v_row.starts_at, v_row.ends_at) and v_event.status <> 'cancelled')::int;
      v_done.restored := v_done.restored + (v_event.status = 'cancelled' and not v_event.detached)::int;
    elsif v_same_dates and v_event.recurrence_time >= moment_at(p_to, v_new.zone) then
      perform rearrange_instance(
        v_new, v_event, v_event.recurrence_time, series_end(v_new, v_event.recurrence_time)
      );
    elsif v_event.status <> 'cancelled' and v_event.recurrence_time <> all (p_own) then
      update events set status = 'cancelled', updated_at = v_now where id = v_event.id;
      v_done.cancelled := v_done.cancelled + 1;
    end if;
  end loop;
  v_done.made := make_instances(v_new, v_starts, v_ends);
  perform note_extent(v_new, case when v_same_dates then greatest(v_new.extended_to, p_to) else p_to end);
  return v_done;
end
$$;

comment on function rearrange_series(event_series, timestamp[], timestamp, timestamptz[]) is
  'After a series'' row was changed, brings what is still to come into line with it: p_old is the row as it was, '
  'p_dates all that its rule makes from now to p_to. Instances stay those that they are, matched by start, else by '
  'local day; those that are gone are cancelled, those that were changed by themselves stay as they are. p_own: starts '
  'of instances that are told of by themselves, and not cancelled for being gone. The caller has the series locked.';

create function series_due(p_max int)
  returns table (id bigint, rule text, starts text, window_starts text, window_ends text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select
      s.id,
      s.rule,
      to_char(s.starts_local, 'YYYY-MM-DD"T"HH24:MI:SS'),
      to_char(greatest(s.extended_to, w.starts::timestamp), 'YYYY-MM-DD"T"HH24:MI:SS'),
      w.ends
    from import_window() w
    join event_series s on s.extended_to < w.ends::timestamp - interval '6 days'
    where s.status <> 'cancelled'
      and s.rule is not null
      and is_usable_zone(s.zone)
    order by s.extended_to, s.id
    limit p_max;
  end;

comment on function series_due(int) is
  'Up to p_max series whose next instances are to be made, and between which local times their rules are to be read.';

create function extend_series(p_series bigint, p_dates jsonb, p_to text) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_series event_series;
begin
  -- One that a calendar or somebody changes just then is due again.
  select * into v_series from event_series where id = p_series for no key update skip locked;
  if not found or v_series.extended_to >= p_to::timestamp or not is_usable_zone(v_series.zone) then
    return 0;
  end if;
  return spread_series(
    v_series,
    array(
      select d.local::timestamp
      from jsonb_array_elements_text(p_dates) as d(local)
      where d.local::timestamp >= v_series.extended_to
    ),
    p_to::timestamp
  );
end
$$;

comment on function extend_series(bigint, jsonb, text) is
  'Makes instances of the local starts that the rule has up to p_to, and says how many. No dates at all (also for a '
  'rule that could not be read): the series is not due again before a week.';

create function series_problems() returns table (series_id bigint, timezone text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select s.id, s.zone
    from import_window() w
    join event_series s on s.extended_to < w.ends::timestamp - interval '6 days'
    where s.status <> 'cancelled'
      and not is_usable_zone(s.zone)
    order by s.id;
  end;

comment on function series_problems() is
  'Series that get no more instances because this server does not know their zone any more.';

grant execute on function import_window() to rollcall_ctl, rollcall_staff, rollcall_sweep;
grant execute on function
  series_due(int),
  extend_series(bigint, jsonb, text),
  series_problems()
  to rollcall_sweep;

commit;
