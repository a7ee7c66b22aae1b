-- Deploy rollcall:calendar_entries to pg
-- What the entries of a calendar say: zones, moments, events and series. The
-- file is read in C; a MOMENT of it is
--   {"local": "2026-11-20T18:30:00", "date": true, "zone": "as the file has it",
--    "rule": "POSIX text of the file's own VTIMEZONE of that name"}

begin;

-- Zones and moments.

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

create function find_zone(p_name text) returns text
  language plpgsql stable
as $$
declare
  v_tails text[] := array[
    substring(p_name from '^/.*/([^/]+/[^/]+/[^/]+)$'),
    substring(p_name from '^/.*/([^/]+/[^/]+)$'),
    substring(p_name from '^/.*/([^/]+)$')
  ];
  v_zone text;
begin
  -- Places in that folder which are no zones: what they say is the server's.
  if p_name ~ '^(local.*|posixrules|Factory)$' then
    return null;
  end if;
  select name into v_zone from timezones where name = p_name;
  if v_zone is null then
    select t.name into v_zone
    from windows_zones w
    join timezones t on t.name = w.zone
    where lower(w.name) = lower(p_name);
  end if;
  if v_zone is null then
    select name into v_zone
    from timezones
    where lower(name) = lower(p_name) or name = any (v_tails)
    order by length(name) desc
    limit 1;
  end if;
  return v_zone;
end
$$;

comment on function find_zone(text) is
  'The zone that a calendar calls so: by its IANA name, its Windows name, or behind a prefix like '
  '/mozilla.org/20050126_1/Europe/Berlin; null when it is not known. Only ever a name out of timezones.';

create function zones_agree(p_zone text, p_rule text, p_local timestamp, p_weeks int) returns boolean
  language sql stable
  begin atomic
    select bool_and(
      (p_local + make_interval(weeks => n)) at time zone p_zone
        = (p_local + make_interval(weeks => n)) at time zone p_rule
    )
    from generate_series(0, p_weeks) n;
  end;

create function resolve_zone(p_moment jsonb, p_default text, p_weeks int default 0) returns text
  language plpgsql stable
as $$
declare
  v_name text := nullif(p_moment ->> 'zone', '');
  v_rule text := p_moment ->> 'rule';
  v_local timestamp;
  v_zone text;
begin
  if v_name is null then
    return p_default;
  end if;
  v_zone := find_zone(v_name);
  if (p_moment ->> 'date')::boolean then
    return coalesce(v_zone, p_default);
  elsif v_rule is null or not is_posix_zone(v_rule) then
    return v_zone;
  end if;
  v_local := (p_moment ->> 'local')::timestamp;
  if zones_agree(v_zone, v_rule, v_local, p_weeks)
    or p_weeks > 0 and zones_agree(v_zone, v_rule, app_now() at time zone 'UTC', p_weeks)
  then
    return v_zone;
  end if;
  return v_rule;
end
$$;

comment on function resolve_zone(jsonb, text, int) is
  'The zone of a MOMENT of a calendar: what the file itself says of its zone (rule), by the name of a known zone when '
  'that is the same then and for so many weeks after it, or now; else the known zone of that name; null when there is '
  'none. Nothing named: p_default. Whole days have no zone of their own: the calendar''s, or p_default.';

create function moment_in(p_moment jsonb, p_zone text) returns timestamptz
  language sql stable
  return local_moment(p_moment ->> 'local', p_zone);

create function series_moment(p_moment jsonb, p_series event_series) returns timestamptz
  language plpgsql stable
as $$
declare
  v_local timestamp := (p_moment ->> 'local')::timestamp;
  v_at timestamptz;
begin
  if (p_moment ->> 'date')::boolean then
    return moment_at(v_local::date + p_series.starts_local::time, p_series.zone);
  end if;
  v_at := moment_in(p_moment, coalesce(resolve_zone(p_moment, p_series.zone), p_series.zone));
  if not p_series.all_day then
    return v_at;
  elsif v_at <> moment_at((v_at at time zone p_series.zone)::date, p_series.zone) then
    v_at := moment_at(v_local::date, p_series.zone);
  end if;
  return v_at;
end
$$;

comment on function series_moment(jsonb, event_series) is
  'The start that a MOMENT means in a series: of a date alone the start on that day; in a series of whole days the '
  'day.';

create function series_moments(p_moment jsonb, p_series event_series) returns setof timestamptz
  language sql stable
as $$
  select series_moment(p_moment, p_series)
  union
  select local_moment(p_moment ->> 'local', (p_series).zone)
  where p_moment ->> 'zone' is distinct from 'UTC';
$$;

comment on function series_moments(jsonb, event_series) is
  'The same, and the clock time as it is read in the series'' own zone: many calendars name another and mean that.';

-- What an entry says.

create function read_entry(p_entry jsonb, p_org organizations, out event events, out zone text, out why text)
  language plpgsql stable
as $$
declare
  v_starts jsonb := p_entry -> 'starts';
  v_ends jsonb := p_entry -> 'ends';
  v_days int;
  v_seconds bigint;
begin
  event.org_id := p_org.id;
  event.uid := p_entry ->> 'uid';
  event.sequence := coalesce((p_entry ->> 'sequence')::int, 0);
  event.title := coalesce(nullif(btrim(p_entry ->> 'title'), ''), 'Untitled event');
  event.description := replace(coalesce(p_entry ->> 'description', ''), E'\r', '');
  event.location := btrim(regexp_replace(
    coalesce(p_entry ->> 'location', ''), E'[\\s\u0001-\u001f\u007f-\u009f]+', ' ', 'g'
  ));
  event.is_virtual := is_virtual_place(event.location);
  event.url := case
    when p_entry ->> 'url' ~ '^https?://' and valid_line(p_entry ->> 'url', 2000) then p_entry ->> 'url'
  end;
  event.all_day := coalesce((v_starts ->> 'date')::boolean, false);
  event.status := case when (p_entry ->> 'cancelled')::boolean then 'cancelled' else 'published' end;
  event.takes_attendance := false;
  event.detached := false;

  if coalesce(event.uid, '') = '' then
    why := 'it has no UID by which to know it again';
  -- An index takes no longer ones.
  elsif octet_length(event.uid) > 1000 then
    why := 'its UID is too long';
  elsif not valid_line(event.title, 500) then
    why := 'the title is too long or has characters in it that are not text';
  elsif length(event.description) > 100000 or length(event.location) > 2000 then
    why := 'the description or the place is too long';
  elsif p_entry ? 'recurrence' and moment_in(p_entry -> 'recurrence', 'UTC') is null then
    why := 'its RECURRENCE-ID is not a date and time that exists';
  elsif moment_in(v_starts, 'UTC') is null then
    why := 'its start is not a date and time that exists';
  elsif v_ends is not null and moment_in(v_ends, 'UTC') is null then
    why := 'its end is not a date and time that exists';
  end if;
  if why is not null then
    return;
  end if;

  zone := resolve_zone(v_starts, p_org.timezone, case when p_entry ? 'repeats' then 53 else 0 end);
  if zone is null then
    why := 'its time zone is not known: ' || left(v_starts ->> 'zone', 100);
    return;
  end if;
  event.timezone := event_zone(zone, event.all_day);
  event.starts_at := moment_in(v_starts, zone);
  if v_ends is not null then
    event.ends_at := moment_in(v_ends, case
      when (v_ends ->> 'date')::boolean then zone
      else resolve_zone(v_ends, p_org.timezone)
    end);
    if event.ends_at is null then
      why := 'the time zone of its end is not known: ' || left(v_ends ->> 'zone', 100);
    end if;
  elsif p_entry ? 'duration' then
    v_days := coalesce((p_entry -> 'duration' ->> 'days')::int, 0);
    v_seconds := coalesce((p_entry -> 'duration' ->> 'seconds')::bigint, 0);
    if event.all_day then
      v_days := v_days + v_seconds / 86400;
      v_seconds := v_seconds % 86400;
    end if;
    event.ends_at := moment_at((v_starts ->> 'local')::timestamp + make_interval(days => v_days), zone)
      + make_interval(secs => v_seconds);
  end if;
  if event.ends_at < event.starts_at then
    why := 'it ends before it starts';
  elsif event.all_day and event.ends_at = event.starts_at then
    -- A last day where the day after it belongs: many calendars write so.
    event.ends_at := null;
  end if;
exception
  when datetime_field_overflow or invalid_datetime_format or numeric_value_out_of_range
    or interval_field_overflow or invalid_text_representation
  then
    why := 'it has a date, time or number that cannot be';
end
$$;

comment on function read_entry(jsonb, organizations) is
  'The event that a calendar''s entry describes, and the zone it begins in; or why it describes none.';

create function read_until(p_until jsonb, p_series event_series) returns timestamptz
  language plpgsql stable
as $$
declare
  v_local timestamp := (p_until ->> 'local')::timestamp;
begin
  -- A whole day's end written as midnight UTC stands for the day.
  if (p_until ->> 'date')::boolean
    or p_series.all_day and p_until ->> 'zone' = 'UTC' and v_local = v_local::date
  then
    return moment_at(v_local::date + 1, p_series.zone) - interval '1 microsecond';
  end if;
  return local_moment(p_until ->> 'local', case when p_until ->> 'zone' = 'UTC' then 'UTC' else p_series.zone end);
end
$$;

comment on function read_until(jsonb, event_series) is
  'The last moment at which the series starts: a date counts to its end, and local is local where the series is.';

create function extra_end(p_moment jsonb, p_starts timestamptz, p_series event_series) returns timestamptz
  language plpgsql stable
as $$
begin
  if p_moment ? 'ends' then
    return moment_in(p_moment -> 'ends', coalesce(resolve_zone(p_moment -> 'ends', p_series.zone), p_series.zone));
  elsif p_moment ? 'duration' then
    p_series.duration_days := coalesce((p_moment -> 'duration' ->> 'days')::int, 0);
    p_series.duration_seconds := coalesce((p_moment -> 'duration' ->> 'seconds')::bigint, 0);
    return series_end(p_series, p_starts);
  end if;
  return null;
end
$$;

comment on function extra_end(jsonb, timestamptz, event_series) is
  'The end of a date that lasts otherwise than its series (VALUE=PERIOD), else null.';

create function read_series(
  p_entry jsonb, p_event events, p_zone text, p_org organizations,
  out series event_series, out dates timestamp[], out dates_to timestamp, out why text
)
  language plpgsql stable
as $$
declare
  v_repeats jsonb := p_entry -> 'repeats';
  v_starts timestamp := (p_entry -> 'starts' ->> 'local')::timestamp;
  v_lasts interval;
begin
  series.org_id := p_event.org_id;
  series.uid := p_event.uid;
  series.sequence := p_event.sequence;
  series.rule := v_repeats ->> 'rule';
  series.starts_local := v_starts;
  series.zone := p_zone;
  series.all_day := p_event.all_day;
  series.title := p_event.title;
  series.description := p_event.description;
  series.location := p_event.location;
  series.url := p_event.url;
  series.is_virtual := p_event.is_virtual;
  series.status := p_event.status;
  series.takes_attendance := false;

  if p_entry ? 'duration' and not p_event.all_day then
    v_lasts := make_interval(
      days => coalesce((p_entry -> 'duration' ->> 'days')::int, 0),
      secs => coalesce((p_entry -> 'duration' ->> 'seconds')::int, 0)
    );
  elsif p_event.all_day or p_entry -> 'ends' -> 'zone' is not distinct from p_entry -> 'starts' -> 'zone' then
    v_lasts := (p_event.ends_at at time zone p_zone) - v_starts;
  else
    v_lasts := make_interval(secs => extract(epoch from p_event.ends_at - p_event.starts_at));
  end if;
  series.duration_days := extract(day from v_lasts);
  series.duration_seconds := extract(epoch from v_lasts - make_interval(days => series.duration_days));

  if v_repeats ? 'until' then
    series.until := read_until(v_repeats -> 'until', series);
  end if;
  select
    coalesce(array_agg(x.starts_at order by x.starts_at), '{}'),
    coalesce(array_agg(x.ends_at order by x.starts_at), '{}')
  into series.extra, series.extra_ends
  from (
    select distinct on (starts_at) starts_at, extra_end(e.moment, starts_at, series) as ends_at
    from jsonb_array_elements(v_repeats -> 'extra') as e(moment)
    cross join lateral series_moment(e.moment, series) as starts_at
    order by starts_at, ends_at
  ) x;
  series.left_out := array(
    select distinct m.at
    from jsonb_array_elements(v_repeats -> 'except') as e(moment)
    cross join lateral series_moments(e.moment, series) as m(at)
    where m.at is not null
    order by m.at
  );
  dates := array(select d.local::timestamp from jsonb_array_elements_text(v_repeats -> 'dates') as d(local));
  select coalesce((v_repeats ->> 'to')::timestamp, w.ends::timestamp) into dates_to from import_window() w;

  if greatest(cardinality(dates), cardinality(series.extra)) > 1500 then
    why := 'it has more than 1,500 dates';
  elsif not valid_line(series.rule, 1000) then
    why := 'its rule is too long';
  elsif array_position(series.extra, null) is not null then
    why := 'one of its dates is none that exists, or in a time zone that is not known';
  elsif exists (
    select from unnest(series.extra, series.extra_ends) as x(starts_at, ends_at) where x.ends_at < x.starts_at
  ) then
    why := 'one of its dates ends before it starts';
  elsif v_repeats ? 'until' and series.until is null then
    why := 'the date up to which it repeats is none that exists';
  end if;
exception
  when datetime_field_overflow or invalid_datetime_format or numeric_value_out_of_range
    or interval_field_overflow or invalid_text_representation
  then
    why := 'one of its dates cannot be';
end
$$;

comment on function read_series(jsonb, events, text, organizations) is
  'The series that an entry with a rule or dates describes, given the event that it describes without them.';

commit;
