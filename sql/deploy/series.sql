-- Deploy rollcall:series to pg
-- Events that repeat, and calendars as they really are.

begin;

create table windows_zones (
  name text primary key,
  zone text not null
);

comment on table windows_zones is
  'What Windows and the calendars made there call time zones, and the IANA zone that stands for each: CLDR''s '
  'windowsZones, territory 001.';

insert into windows_zones (name, zone)
values
  ('AUS Central Standard Time', 'Australia/Darwin'),
  ('AUS Eastern Standard Time', 'Australia/Sydney'),
  ('Afghanistan Standard Time', 'Asia/Kabul'),
  ('Alaskan Standard Time', 'America/Anchorage'),
  ('Aleutian Standard Time', 'America/Adak'),
  ('Altai Standard Time', 'Asia/Barnaul'),
  ('Arab Standard Time', 'Asia/Riyadh'),
  ('Arabian Standard Time', 'Asia/Dubai'),
  ('Arabic Standard Time', 'Asia/Baghdad'),
  ('Argentina Standard Time', 'America/Buenos_Aires'),
  ('Astrakhan Standard Time', 'Europe/Astrakhan'),
  ('Atlantic Standard Time', 'America/Halifax'),
  ('Aus Central W. Standard Time', 'Australia/Eucla'),
  ('Azerbaijan Standard Time', 'Asia/Baku'),
  ('Azores Standard Time', 'Atlantic/Azores'),
  ('Bahia Standard Time', 'America/Bahia'),
  ('Bangladesh Standard Time', 'Asia/Dhaka'),
  ('Belarus Standard Time', 'Europe/Minsk'),
  ('Bougainville Standard Time', 'Pacific/Bougainville'),
  ('Canada Central Standard Time', 'America/Regina'),
  ('Cape Verde Standard Time', 'Atlantic/Cape_Verde'),
  ('Caucasus Standard Time', 'Asia/Yerevan'),
  ('Cen. Australia Standard Time', 'Australia/Adelaide'),
  ('Central America Standard Time', 'America/Guatemala'),
  ('Central Asia Standard Time', 'Asia/Almaty'),
  ('Central Brazilian Standard Time', 'America/Cuiaba'),
  ('Central Europe Standard Time', 'Europe/Budapest'),
  ('Central European Standard Time', 'Europe/Warsaw'),
  ('Central Pacific Standard Time', 'Pacific/Guadalcanal'),
  ('Central Standard Time', 'America/Chicago'),
  ('Central Standard Time (Mexico)', 'America/Mexico_City'),
  ('Chatham Islands Standard Time', 'Pacific/Chatham'),
  ('China Standard Time', 'Asia/Shanghai'),
  ('Cuba Standard Time', 'America/Havana'),
  ('Dateline Standard Time', 'Etc/GMT+12'),
  ('E. Africa Standard Time', 'Africa/Nairobi'),
  ('E. Australia Standard Time', 'Australia/Brisbane'),
  ('E. Europe Standard Time', 'Europe/Chisinau'),
  ('E. South America Standard Time', 'America/Sao_Paulo'),
  ('Easter Island Standard Time', 'Pacific/Easter'),
  ('Eastern Standard Time', 'America/New_York'),
  ('Eastern Standard Time (Mexico)', 'America/Cancun'),
  ('Egypt Standard Time', 'Africa/Cairo'),
  ('Ekaterinburg Standard Time', 'Asia/Yekaterinburg'),
  ('FLE Standard Time', 'Europe/Kiev'),
  ('Fiji Standard Time', 'Pacific/Fiji'),
  ('GMT Standard Time', 'Europe/London'),
  ('GTB Standard Time', 'Europe/Bucharest'),
  ('Georgian Standard Time', 'Asia/Tbilisi'),
  ('Greenland Standard Time', 'America/Godthab'),
  ('Greenwich Standard Time', 'Atlantic/Reykjavik'),
  ('Haiti Standard Time', 'America/Port-au-Prince'),
  ('Hawaiian Standard Time', 'Pacific/Honolulu'),
  ('India Standard Time', 'Asia/Calcutta'),
  ('Iran Standard Time', 'Asia/Tehran'),
  ('Israel Standard Time', 'Asia/Jerusalem'),
  ('Jordan Standard Time', 'Asia/Amman'),
  ('Kaliningrad Standard Time', 'Europe/Kaliningrad'),
  ('Korea Standard Time', 'Asia/Seoul'),
  ('Libya Standard Time', 'Africa/Tripoli'),
  ('Line Islands Standard Time', 'Pacific/Kiritimati'),
  ('Lord Howe Standard Time', 'Australia/Lord_Howe'),
  ('Magadan Standard Time', 'Asia/Magadan'),
  ('Magallanes Standard Time', 'America/Punta_Arenas'),
  ('Marquesas Standard Time', 'Pacific/Marquesas'),
  ('Mauritius Standard Time', 'Indian/Mauritius'),
  ('Middle East Standard Time', 'Asia/Beirut'),
  ('Montevideo Standard Time', 'America/Montevideo'),
  ('Morocco Standard Time', 'Africa/Casablanca'),
  ('Mountain Standard Time', 'America/Denver'),
  ('Mountain Standard Time (Mexico)', 'America/Chihuahua'),
  ('Myanmar Standard Time', 'Asia/Rangoon'),
  ('N. Central Asia Standard Time', 'Asia/Novosibirsk'),
  ('Namibia Standard Time', 'Africa/Windhoek'),
  ('Nepal Standard Time', 'Asia/Katmandu'),
  ('New Zealand Standard Time', 'Pacific/Auckland'),
  ('Newfoundland Standard Time', 'America/St_Johns'),
  ('Norfolk Standard Time', 'Pacific/Norfolk'),
  ('North Asia East Standard Time', 'Asia/Irkutsk'),
  ('North Asia Standard Time', 'Asia/Krasnoyarsk'),
  ('North Korea Standard Time', 'Asia/Pyongyang'),
  ('Omsk Standard Time', 'Asia/Omsk'),
  ('Pacific SA Standard Time', 'America/Santiago'),
  ('Pacific Standard Time', 'America/Los_Angeles'),
  ('Pacific Standard Time (Mexico)', 'America/Tijuana'),
  ('Pakistan Standard Time', 'Asia/Karachi'),
  ('Paraguay Standard Time', 'America/Asuncion'),
  ('Qyzylorda Standard Time', 'Asia/Qyzylorda'),
  ('Romance Standard Time', 'Europe/Paris'),
  ('Russia Time Zone 10', 'Asia/Srednekolymsk'),
  ('Russia Time Zone 11', 'Asia/Kamchatka'),
  ('Russia Time Zone 3', 'Europe/Samara'),
  ('Russian Standard Time', 'Europe/Moscow'),
  ('SA Eastern Standard Time', 'America/Cayenne'),
  ('SA Pacific Standard Time', 'America/Bogota'),
  ('SA Western Standard Time', 'America/La_Paz'),
  ('SE Asia Standard Time', 'Asia/Bangkok'),
  ('Saint Pierre Standard Time', 'America/Miquelon'),
  ('Sakhalin Standard Time', 'Asia/Sakhalin'),
  ('Samoa Standard Time', 'Pacific/Apia'),
  ('Sao Tome Standard Time', 'Africa/Sao_Tome'),
  ('Saratov Standard Time', 'Europe/Saratov'),
  ('Singapore Standard Time', 'Asia/Singapore'),
  ('South Africa Standard Time', 'Africa/Johannesburg'),
  ('South Sudan Standard Time', 'Africa/Juba'),
  ('Sri Lanka Standard Time', 'Asia/Colombo'),
  ('Sudan Standard Time', 'Africa/Khartoum'),
  ('Syria Standard Time', 'Asia/Damascus'),
  ('Taipei Standard Time', 'Asia/Taipei'),
  ('Tasmania Standard Time', 'Australia/Hobart'),
  ('Tocantins Standard Time', 'America/Araguaina'),
  ('Tokyo Standard Time', 'Asia/Tokyo'),
  ('Tomsk Standard Time', 'Asia/Tomsk'),
  ('Tonga Standard Time', 'Pacific/Tongatapu'),
  ('Transbaikal Standard Time', 'Asia/Chita'),
  ('Turkey Standard Time', 'Europe/Istanbul'),
  ('Turks And Caicos Standard Time', 'America/Grand_Turk'),
  ('US Eastern Standard Time', 'America/Indianapolis'),
  ('US Mountain Standard Time', 'America/Phoenix'),
  ('UTC', 'Etc/UTC'),
  ('UTC+12', 'Etc/GMT-12'),
  ('UTC+13', 'Etc/GMT-13'),
  ('UTC-02', 'Etc/GMT+2'),
  ('UTC-08', 'Etc/GMT+8'),
  ('UTC-09', 'Etc/GMT+9'),
  ('UTC-11', 'Etc/GMT+11'),
  ('Ulaanbaatar Standard Time', 'Asia/Ulaanbaatar'),
  ('Venezuela Standard Time', 'America/Caracas'),
  ('Vladivostok Standard Time', 'Asia/Vladivostok'),
  ('Volgograd Standard Time', 'Europe/Volgograd'),
  ('W. Australia Standard Time', 'Australia/Perth'),
  ('W. Central Africa Standard Time', 'Africa/Lagos'),
  ('W. Europe Standard Time', 'Europe/Berlin'),
  ('W. Mongolia Standard Time', 'Asia/Hovd'),
  ('West Asia Standard Time', 'Asia/Tashkent'),
  ('West Bank Standard Time', 'Asia/Hebron'),
  ('West Pacific Standard Time', 'Pacific/Port_Moresby'),
  ('Yakutsk Standard Time', 'Asia/Yakutsk'),
  ('Yukon Standard Time', 'America/Whitehorse');

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
comment on column event_series.version is 'Rises with each change, so that of two who change it at once the later is told.';

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
    || '(,M([1-9]|1[0-2])[.][1-5][.][0-6](/-?(1?[0-9]?[0-9])(:[0-5][0-9]){0,2})?){2})?$'
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

comment on function series_end(event_series, timestamptz) is 'When the instance that starts then ends; null when nobody said.';

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

create function spread_series(p_series event_series, p_dates timestamp[], p_to timestamp) returns int
  language plpgsql
as $$
declare
  v_made int;
begin
  if p_series.status = 'cancelled' then
    return 0;
  end if;
  -- Where the rule left a date out and has it again.
  update events e
  set status = p_series.status, updated_at = app_now()
  from series_starts(p_series, p_dates) s
  where e.series_id = p_series.id
    and e.recurrence_time = s.starts_at
    and e.status = 'cancelled'
    and not e.detached
    and e.starts_at > app_now();

  insert into events (
    org_id, series_id, uid, recurrence_time, sequence, title, description, location, url, is_virtual, starts_at,
    ends_at, all_day, timezone, status, takes_attendance, capacity, check_in_opens, grace
  )
  select
    p_series.org_id, p_series.id, p_series.uid, s.starts_at, p_series.sequence, p_series.title,
    p_series.description, p_series.location, p_series.url, p_series.is_virtual, s.starts_at, s.ends_at,
    p_series.all_day, event_zone(p_series.zone, p_series.all_day), p_series.status, p_series.takes_attendance,
    p_series.capacity, p_series.check_in_opens, p_series.grace
  from series_starts(p_series, p_dates) s
  where event_end(s.starts_at, s.ends_at, p_series.all_day) > app_now() - interval '14 days'
  on conflict do nothing;
  get diagnostics v_made = row_count;

  update event_series
  set extended_to = case
    when rule is null or until < moment_at(p_to, zone) then 'infinity'
    else greatest(extended_to, p_to)
  end
  where id = p_series.id;
  return v_made;
end
$$;

comment on function spread_series(event_series, timestamp[], timestamp) is
  'Makes the instances that are missing among those dates, from 14 days back, and says how many. The caller has the '
  'series locked; p_dates are all that its rule makes from where it was to p_to.';

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
  select * into v_series from event_series where id = p_series for no key update;
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

create function import_calendar(p_org organizations, p_entries jsonb, p_dry_run boolean)
  returns table (line int, uid text, title text, starts timestamptz, result text, why text)
  language sql
  begin atomic
    select null::int, '', '', app_now(), 'refused', 'not yet' where false;
  end;

grant execute on function import_window() to rollcall_ctl, rollcall_staff, rollcall_sweep;
grant execute on function
  series_due(int),
  extend_series(bigint, jsonb, text),
  series_problems()
  to rollcall_sweep;

commit;
