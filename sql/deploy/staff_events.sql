-- Deploy rollcall:staff_events to pg
-- Events as staff make and change them: what a form says, one event or a
-- series of it, and the steps of its life that a person takes.

begin;

create function org_words(p_org bigint, p_text text) returns tsvector
  language sql immutable parallel safe
  return array_to_tsvector(array(select p_org || ':' || lexeme from unnest(to_tsvector('simple', p_text))));

comment on function org_words(bigint, text) is
  'The words of a title or a name, each with its organisation''s number in front: one index finds the words of one '
  'organisation, however many are in others.';

create index events_org_title on events using gin (org_words(org_id, title));
create index events_org_drafts on events (org_id, effective_end, id) where status = 'draft' and deleted_at is null;

-- What a form says --------------------------------------------------------

create type event_form as (
  title text, all_day text, start_date text, start_time text, end_date text, end_time text, zone text, location text,
  url text, description text, capacity text, takes_attendance text, status text, repeats text, until text, times text,
  scope text
);

create function form_moment(p_date text, p_time text) returns timestamp
  language plpgsql stable
as $$
begin
  if p_date ~ '^(19[7-9]|2[01]\d)\d-\d\d-\d\d$' and p_time ~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$' then
    return (p_date || ' ' || p_time)::timestamp;
  end if;
  return null;
exception when datetime_field_overflow then
  return null;
end
$$;

comment on function form_moment(text, text) is
  'What a date and a time input say together; null when there is no such day or hour. Years 1970 to 2199.';

create function form_start(p_form event_form) returns timestamp
  language sql stable
  return form_moment(
    (p_form).start_date, case when (p_form).all_day = 'yes' then '00:00' else (p_form).start_time end
  );

create function form_end(p_form event_form) returns timestamp
  language sql stable
  return case
    when (p_form).all_day = 'yes' then form_moment((p_form).end_date, '00:00') + interval '1 day'
    else form_moment(coalesce((p_form).end_date, (p_form).start_date), (p_form).end_time)
  end;

comment on function form_end(event_form) is
  'The end where the event is, of whole days the midnight after the last; null when it is not told.';

create function event_form_faults(p_form event_form) returns table (field text, key text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_zone text := safe_zone(p_form.zone);
  v_timed boolean := p_form.all_day is distinct from 'yes';
  v_day timestamp := form_moment(p_form.start_date, '00:00');
  v_start timestamp := form_start(p_form);
  v_end timestamp := form_end(p_form);
  v_repeats boolean := p_form.repeats <> 'none';
begin
  return query
    select f.field, f.key
    from (
      values
        ('title', 'bad_title', not coalesce(valid_line(p_form.title, 500), false)),
        ('start_date', 'bad_date', v_day is null),
        ('start_time', 'start_time_missing', v_timed and p_form.start_time is null),
        (
          'start_time',
          'bad_time',
          v_timed and p_form.start_time is not null and form_moment('2000-01-01', p_form.start_time) is null
        ),
        ('start_time', 'time_skipped', v_timed and (v_start at time zone v_zone) at time zone v_zone <> v_start),
        ('end_date', 'bad_date', p_form.end_date is not null and form_moment(p_form.end_date, '00:00') is null),
        ('end_time', 'end_time_missing', v_timed and p_form.end_date is not null and p_form.end_time is null),
        (
          'end_time',
          'bad_time',
          v_timed and p_form.end_time is not null and form_moment('2000-01-01', p_form.end_time) is null
        ),
        ('end_time', 'time_skipped', v_timed and (v_end at time zone v_zone) at time zone v_zone <> v_end),
        (
          case when p_form.end_date is null then 'end_time' else 'end_date' end,
          'end_before_start',
          moment_at(v_end, v_zone) <= moment_at(v_start, v_zone)
        ),
        ('zone', 'zone_unknown', not exists (select from timezones where name = p_form.zone)),
        ('location', 'bad_place', not valid_line(p_form.location, 2000)),
        ('url', 'bad_link', p_form.url !~ '^https?://[^[:space:]]+$' or not valid_line(p_form.url, 2000)),
        ('description', 'bad_text', length(p_form.description) > 100000),
        ('capacity', 'bad_capacity', p_form.capacity !~ '^[1-9]\d{0,5}$'),
        (
          'repeats',
          'bad_repeats',
          v_repeats and p_form.repeats not in (
            'daily', 'weekly', 'fortnightly', 'monthly_date', 'monthly_weekday', 'monthly_last', 'calendar'
          )
        ),
        (
          'repeats',
          'not_last_weekday',
          p_form.repeats = 'monthly_last' and date_trunc('month', v_day + interval '7 days') = date_trunc('month', v_day)
        ),
        ('until', 'bad_date', v_repeats and p_form.until is not null and form_moment(p_form.until, '00:00') is null),
        ('until', 'until_before_start', v_repeats and form_moment(p_form.until, '00:00') < v_day),
        ('times', 'until_or_times', v_repeats and p_form.until is not null and p_form.times is not null),
        ('times', 'bad_times', v_repeats and p_form.times !~ '^([2-9]|[1-9]\d{1,2}|1000)$')
    ) f(field, key, is_so)
    where f.is_so;
end
$$;

comment on function event_form_faults(event_form) is 'What is wrong with a form, each with its field; no row: it can be taken.';

create function read_event_form(p_form event_form, p_org bigint) returns events
  language plpgsql stable
as $$
declare
  v_fault record;
  v_event events;
begin
  select * into v_fault from event_form_faults(p_form) limit 1;
  if found then
    raise exception using errcode = 'RC422', message = v_fault.key, detail = v_fault.field;
  end if;
  v_event.org_id := p_org;
  v_event.title := p_form.title;
  v_event.description := coalesce(p_form.description, '');
  v_event.location := coalesce(p_form.location, '');
  v_event.is_virtual := is_virtual_place(v_event.location);
  v_event.url := p_form.url;
  v_event.all_day := coalesce(p_form.all_day = 'yes', false);
  v_event.timezone := p_form.zone;
  v_event.starts_at := moment_at(form_start(p_form), p_form.zone);
  v_event.ends_at := moment_at(form_end(p_form), p_form.zone);
  v_event.status := case when p_form.status = 'draft' then 'draft' else 'published' end;
  v_event.capacity := p_form.capacity::int;
  v_event.takes_attendance := coalesce(p_form.takes_attendance = 'yes', false);
  return v_event;
end
$$;

comment on function read_event_form(event_form, bigint) is
  'The event that a form describes; raises what is first wrong with it.';

-- How it repeats -----------------------------------------------------------

create function repeat_rule(p_repeats text, p_date date) returns text
  language sql immutable
  return case p_repeats
    when 'daily' then 'FREQ=DAILY'
    when 'weekly' then 'FREQ=WEEKLY'
    when 'fortnightly' then 'FREQ=WEEKLY;INTERVAL=2'
    when 'monthly_date' then 'FREQ=MONTHLY;BYMONTHDAY=' || extract(day from p_date)
    when 'monthly_weekday' then
      -- A fifth weekday is no month's but the last.
      'FREQ=MONTHLY;BYDAY=' || (array[1, 2, 3, 4, -1])[(extract(day from p_date)::int + 6) / 7]
      || (array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])[extract(isodow from p_date)::int]
    when 'monthly_last' then
      'FREQ=MONTHLY;BYDAY=-1'
      || (array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])[extract(isodow from p_date)::int]
  end;

comment on function repeat_rule(text, date) is 'What the form''s choice is as an RRULE for a series that starts that day.';

create function repeat_choice(p_rule text) returns text
  language sql immutable
  return case
    when p_rule is null then 'none'
    when p_rule = 'FREQ=DAILY' then 'daily'
    when p_rule = 'FREQ=WEEKLY' then 'weekly'
    when p_rule = 'FREQ=WEEKLY;INTERVAL=2' then 'fortnightly'
    when p_rule ~ '^FREQ=MONTHLY;BYMONTHDAY=\d+$' then 'monthly_date'
    when p_rule ~ '^FREQ=MONTHLY;BYDAY=-1[A-Z]+$' then 'monthly_last'
    when p_rule ~ '^FREQ=MONTHLY;BYDAY=[1-4][A-Z]+$' then 'monthly_weekday'
    else 'calendar'
  end;

create function repeat_text(p_rule text, p_date date) returns text
  language sql stable
  return case repeat_choice(p_rule)
    when 'daily' then 'Every day'
    when 'weekly' then 'Every week on ' || to_char(p_date, 'FMDay')
    when 'fortnightly' then 'Every two weeks on ' || to_char(p_date, 'FMDay')
    when 'monthly_date' then 'Every month on day ' || to_char(p_date, 'FMDD')
    when 'monthly_weekday' then
      'Every month on the ' || (array['first', 'second', 'third', 'fourth', 'last'])[(extract(day from p_date)::int + 6) / 7]
      || to_char(p_date, ' FMDay')
    when 'monthly_last' then 'Every month on the last ' || to_char(p_date, 'FMDay')
    when 'calendar' then 'As its calendar says'
  end;

comment on function repeat_text(text, date) is 'How a series that starts that day repeats, in words.';

create function rule_fits(p_rule text, p_day date) returns boolean
  language sql immutable
  return p_rule = repeat_rule('monthly_date', p_day)
    or p_rule = repeat_rule('monthly_weekday', p_day)
    or (p_rule = repeat_rule('monthly_last', p_day) and extract(day from p_day + 7) <= 7);

comment on function rule_fits(text, date) is 'Whether a day is one of a monthly rule''s.';

create function months_between(p_from date, p_to date) returns int
  language sql immutable
  return (
    (extract(year from p_to) - extract(year from p_from)) * 12 + extract(month from p_to) - extract(month from p_from)
  )::int;

create function repeat_start(p_repeats text, p_given date, p_own date, p_first date, p_today date) returns date
  language sql immutable
  return case
    when p_first = p_own then p_given
    when p_repeats in ('daily', 'weekly', 'fortnightly') then (
      select min(d.day)
      from (values (case p_repeats when 'daily' then 1 when 'weekly' then 7 else 14 end)) as s(step)
      cross join generate_series(0, 400) n
      cross join lateral (
        select p_given + (n - floor((p_own - p_first)::numeric / s.step)::int) * s.step
      ) as d(day)
      where d.day >= p_today
    )
    else (
      select min(d.day)::date
      from (
        select date_trunc('month', p_given::timestamp) + make_interval(months => months_between(p_own, p_first))
      ) as m(start)
      cross join lateral generate_series(m.start, m.start + interval '3 years', interval '1 day') as d(day)
      where d.day >= p_today
        and rule_fits(repeat_rule(p_repeats, p_given), d.day::date)
    )
  end;

comment on function repeat_start(text, date, date, date, date) is
  'Where a series begins again: p_given is the new date of the event that was p_own, p_first the date of the first '
  'event that changes with it.';

-- Whose events, and which of a series --------------------------------------
-- Bodies with rows of events in them are quoted: one that is kept parsed holds
-- the row as it is, so that no column could ever be added.

create function team_event(p_org bigint, p_event bigint) returns events
  language plpgsql
as $$
declare
  v_event events;
begin
  -- The series first, as a calendar that comes in takes them.
  perform from event_series
  where id = (select series_id from events where id = p_event and org_id = p_org)
  for no key update;
  select * into v_event
  from events
  where id = p_event
    and org_id = p_org
    and deleted_at is null
  for no key update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_event;
end
$$;

comment on function team_event(bigint, bigint) is 'The organisation''s event, held until this is done; raises 404.';

create function series_changed_from(p_event events, p_scope text) returns events
  language sql stable
as $$
  select e.*
  from events e
  where e.series_id = (p_event).series_id
    and e.effective_end > app_now()
    and e.deleted_at is null
    and (p_scope = 'all' or e.recurrence_time >= (p_event).recurrence_time)
  order by e.recurrence_time
  limit 1;
$$;

comment on function series_changed_from(events, text) is
  'The first event that a change of this and the following, or of all, concerns: what is over stays as it was.';

create function repeat_begin(p_form event_form, p_event events, p_out_rule out text, p_out_starts out timestamp)
  language plpgsql stable
as $$
declare
  v_given date := form_start(p_form)::date;
  v_series event_series;
  v_first events;
  v_start date := v_given;
begin
  if p_event.series_id is not null and p_form.scope in ('following', 'all') then
    select * into v_series from event_series where id = p_event.series_id;
    v_first := series_changed_from(p_event, p_form.scope);
    v_start := repeat_start(
      p_form.repeats,
      v_given,
      (p_event.recurrence_time at time zone v_series.zone)::date,
      (v_first.recurrence_time at time zone v_series.zone)::date,
      (app_now() at time zone p_form.zone)::date
    );
  end if;
  p_out_rule := repeat_rule(p_form.repeats, v_given);
  p_out_starts := v_start + form_start(p_form)::time;
end
$$;

comment on function repeat_begin(event_form, events) is
  'The rule that a form asks for and where it begins; no rule when it does not repeat.';

create function team_repeat(p_session bytea, p_slug text, p_event bigint, p_form jsonb)
  returns table (rule text, starts text, until text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_form event_form := jsonb_populate_record(null::event_form, p_form);
  v_event events;
  v_begin record;
begin
  select e.* into v_event
  from team_org(p_session, p_slug, 'admin') t
  join events e on e.org_id = t.org_id
  where e.id = p_event
    and e.deleted_at is null;
  if exists (select from event_form_faults(v_form))
    or (v_event.series_id is not null and v_form.scope is distinct from 'following' and v_form.scope is distinct from 'all')
  then
    return;
  end if;
  v_begin := repeat_begin(v_form, v_event);
  return query
    select
      v_begin.p_out_rule || coalesce(';COUNT=' || v_form.times, ''),
      to_char(v_begin.p_out_starts, 'YYYY-MM-DD"T"HH24:MI:SS'),
      case when v_form.times is null then w.ends else '2300-01-01T00:00:00' end
    from import_window() w
    where v_begin.p_out_rule is not null
      and v_begin.p_out_starts is not null;
end
$$;

comment on function team_repeat(bytea, text, bigint, jsonb) is
  'What base/calendar.h must be asked before the form is given to make_event() or change_event(): no row when nothing.';

-- Making and changing -------------------------------------------------------

create function series_of(p_event events, p_form event_form, p_dates timestamp[]) returns event_series
  language plpgsql stable
as $$
declare
  v_series event_series;
  v_starts timestamp := p_event.starts_at at time zone p_event.timezone;
  v_ends timestamp := p_event.ends_at at time zone p_event.timezone;
begin
  v_series := jsonb_populate_record(
    null::event_series,
    to_jsonb(p_event) - 'id' - 'version' - 'created_at' - 'updated_at' - 'sequence' - 'uid'
  );
  v_series.zone := p_event.timezone;
  v_series.rule := repeat_rule(p_form.repeats, v_starts::date);
  v_series.starts_local := p_dates[1];
  v_series.until := case
    when p_form.times is not null then moment_at(p_dates[cardinality(p_dates)], p_event.timezone)
    else (form_moment(p_form.until, '00:00') + interval '1 day') at time zone p_event.timezone - interval '1 second'
  end;
  if v_ends is not null then
    v_series.duration_days := extract(day from v_ends - v_starts);
    v_series.duration_seconds := greatest(0, extract(
      epoch from p_event.ends_at
        - moment_at(v_starts + make_interval(days => v_series.duration_days), p_event.timezone)
    ));
  end if;
  return v_series;
end
$$;

comment on function series_of(events, event_form, timestamp[]) is
  'The series of which the event is one: its rule, its end, and how long each lasts, in days of the calendar and '
  'seconds on top.';

create function add_series(p_series event_series) returns bigint
  language sql
as $$
  insert into event_series (
    org_id, rule, starts_local, zone, all_day, until, duration_days, duration_seconds, title, description, location,
    url, is_virtual, status, capacity, takes_attendance, check_in_opens, grace
  )
  values (
    (p_series).org_id, (p_series).rule, (p_series).starts_local, (p_series).zone, (p_series).all_day,
    (p_series).until, (p_series).duration_days, (p_series).duration_seconds, (p_series).title,
    (p_series).description, (p_series).location, (p_series).url, (p_series).is_virtual, (p_series).status,
    (p_series).capacity, (p_series).takes_attendance, (p_series).check_in_opens, (p_series).grace
  )
  returning id;
$$;

create function read_dates(p_dates jsonb) returns timestamp[]
  language sql immutable
  return array(select d::timestamp from jsonb_array_elements_text(p_dates) with ordinality as t(d, place) order by place);

create function spread_in_window(p_series bigint, p_dates timestamp[]) returns void
  language plpgsql
as $$
declare
  v_to timestamp := (import_window()).ends;
  v_series event_series;
begin
  select * into v_series from event_series where id = p_series;
  perform spread_series(v_series, array(select d from unnest(p_dates) d where d < v_to order by d), v_to);
end
$$;

comment on function spread_in_window(bigint, timestamp[]) is
  'Makes the events that are missing; those that are further ahead come as time goes on.';

create function make_event(p_session bytea, p_slug text, p_form jsonb, p_dates jsonb) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (require_team(p_session, p_slug, 'admin')).org_id;
  v_form event_form := jsonb_populate_record(null::event_form, p_form);
  v_event events := read_event_form(v_form, v_org);
  v_dates timestamp[] := read_dates(p_dates);
  v_series bigint;
  v_id bigint;
begin
  if event_end(v_event.starts_at, v_event.ends_at, v_event.all_day) <= app_now() then
    raise exception using errcode = 'RC422', message = 'event_past', detail = 'start_date';
  end if;
  if v_form.repeats <> 'none' then
    if coalesce(cardinality(v_dates), 0) = 0 then
      raise exception using errcode = 'RC422', message = 'never_repeats', detail = 'repeats';
    end if;
    v_series := add_series(series_of(v_event, v_form, v_dates));
    perform spread_in_window(v_series, v_dates);
    select id into v_id from events where series_id = v_series order by recurrence_time limit 1;
  end if;
  -- One by itself, or the first of a series that is further ahead.
  if v_id is null then
    insert into events (
      org_id, title, description, location, url, is_virtual, starts_at, ends_at, all_day, timezone, status, capacity,
      takes_attendance, series_id, recurrence_time
    )
    values (
      v_org, v_event.title, v_event.description, v_event.location, v_event.url, v_event.is_virtual,
      v_event.starts_at, v_event.ends_at, v_event.all_day, v_event.timezone, v_event.status, v_event.capacity,
      v_event.takes_attendance, v_series, case when v_series is not null then v_event.starts_at end
    )
    returning id into v_id;
  end if;
  return v_id;
end
$$;

comment on function make_event(bytea, text, jsonb, jsonb) is
  'Makes the event of a form, or a series of it with the dates that base/calendar.h gave; its id, or the first one''s.';

create function rewrite_event(p_id bigint, p_new events, p_publish boolean) returns void
  language sql
as $$
  update events
  set
    title = (p_new).title, description = (p_new).description, location = (p_new).location, url = (p_new).url,
    is_virtual = (p_new).is_virtual, starts_at = (p_new).starts_at, ends_at = (p_new).ends_at,
    all_day = (p_new).all_day, timezone = (p_new).timezone, capacity = (p_new).capacity,
    takes_attendance = (p_new).takes_attendance, series_id = (p_new).series_id,
    recurrence_time = (p_new).recurrence_time, detached = (p_new).detached,
    status = case when status = 'draft' and p_publish then 'published' else status end,
    updated_at = app_now()
  where id = p_id;
$$;

create function split_series(p_series event_series, p_first events) returns event_series
  language plpgsql
as $$
declare
  v_series event_series := p_series;
begin
  if p_series.uid is not null then
    raise exception using errcode = 'RC422', message = 'calendar_says_when', detail = 'scope';
  end if;
  if not exists (
    select from events where series_id = p_series.id and recurrence_time < p_first.recurrence_time
  ) then
    return p_series;
  end if;
  update event_series
  set until = p_first.recurrence_time - interval '1 second', updated_at = app_now()
  where id = p_series.id;
  v_series.starts_local := p_first.recurrence_time at time zone p_series.zone;
  v_series.id := add_series(v_series);
  update event_series set extended_to = p_series.extended_to where id = v_series.id;
  update events
  set series_id = v_series.id
  where series_id = p_series.id
    and recurrence_time >= p_first.recurrence_time;
  return v_series;
end
$$;

comment on function split_series(event_series, events) is
  'Ends a series before one of its events, and the series that goes on with it; the same when there is none before.';

create function repeat_period(p_rule text, p_date date) returns int
  language sql immutable
  return case
    when p_rule ~ '^FREQ=MONTHLY' then months_between('1970-01-01', p_date)
    else p_date - date '1970-01-01'
  end;

create function change_series(
  p_series event_series, p_new event_series, p_first events, p_event bigint, p_dates timestamp[], p_publish boolean
) returns bigint[]
  language plpgsql
as $$
declare
  -- Each month's event stays that month's; of other rules they move by days.
  v_rule text := case when p_series.rule ~ '^FREQ=MONTHLY' then p_new.rule end;
  v_shift int := repeat_period(v_rule, p_dates[1]::date)
    - repeat_period(v_rule, (p_first.recurrence_time at time zone p_series.zone)::date);
  v_row events;
  v_local timestamp;
  v_ids bigint[];
  v_locals timestamp[];
begin
  select array_agg(e.id order by e.recurrence_time), array_agg(d.local order by e.recurrence_time)
  into v_ids, v_locals
  from events e
  left join unnest(p_dates) as d(local)
    on repeat_period(v_rule, d.local::date)
      = repeat_period(v_rule, (e.recurrence_time at time zone p_series.zone)::date) + v_shift
  where e.series_id = p_series.id
    and e.recurrence_time >= p_first.recurrence_time
    and e.effective_end > app_now();
  -- Out of each other's way, since no two may have the same.
  update events set recurrence_time = recurrence_time + interval '1000 years' where id = any(v_ids);
  update event_series
  set
    rule = p_new.rule, starts_local = p_new.starts_local, zone = p_new.zone, all_day = p_new.all_day,
    until = p_new.until, duration_days = p_new.duration_days, duration_seconds = p_new.duration_seconds,
    -- One that had an end may go on now: all of its dates are to be looked at.
    extended_to = '-infinity'
  where id = p_series.id;

  for i in 1 .. cardinality(v_ids) loop
    select * into v_row from events where id = v_ids[i];
    v_local := v_locals[i];
    if v_local is null then
      update events
      set
        status = case when status = 'draft' then status else 'cancelled' end,
        deleted_at = case when status = 'draft' then app_now() else deleted_at end,
        series_id = null, recurrence_time = null, detached = false, updated_at = app_now()
      where id = v_row.id;
      continue;
    end if;
    v_row.series_id := p_series.id;
    v_row.recurrence_time := moment_at(v_local, p_new.zone);
    if not v_row.detached or v_row.id = p_event then
      v_row.title := p_new.title;
      v_row.description := p_new.description;
      v_row.location := p_new.location;
      v_row.url := p_new.url;
      v_row.is_virtual := p_new.is_virtual;
      v_row.capacity := p_new.capacity;
      v_row.takes_attendance := p_new.takes_attendance;
      v_row.all_day := p_new.all_day;
      v_row.timezone := p_new.zone;
      v_row.starts_at := v_row.recurrence_time;
      v_row.ends_at := series_end(p_new, v_row.starts_at);
      v_row.detached := false;
    end if;
    perform rewrite_event(v_row.id, v_row, p_publish);
  end loop;
  return v_ids;
end
$$;

comment on function change_series(event_series, event_series, events, bigint, timestamp[], boolean) is
  'Gives the events of a series from p_first on their new dates and words. Each is found again by its date, so that '
  'who registered stays; one that has no date any more is cancelled. Those that were changed by themselves only keep '
  'their place.';

create function change_all(
  p_old events, p_new events, p_form event_form, p_series_version int, p_dates timestamp[], p_publish boolean
) returns bigint[]
  language plpgsql
as $$
declare
  v_series event_series;
  v_new event_series;
  v_first events;
  v_dates timestamp[] := p_dates;
  v_begin record := repeat_begin(p_form, p_old);
  v_ids bigint[];
begin
  select * into v_series from event_series where id = p_old.series_id for no key update;
  perform from events where series_id = v_series.id order by id for no key update;
  v_first := series_changed_from(p_old, p_form.scope);
  if v_series.version <> p_series_version or v_dates[1] <> v_begin.p_out_starts then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  elsif v_first.id is null then
    raise exception using errcode = 'RC410', message = 'event_over';
  elsif p_form.repeats = 'none' then
    raise exception using errcode = 'RC422', message = 'series_repeats', detail = 'repeats';
  elsif coalesce(cardinality(v_dates), 0) = 0 then
    raise exception using errcode = 'RC422', message = 'never_repeats', detail = 'repeats';
  elsif event_end(
    moment_at(v_dates[1], p_new.timezone),
    moment_at(v_dates[1], p_new.timezone) + (p_new.ends_at - p_new.starts_at),
    p_new.all_day
  ) <= app_now() then
    raise exception using errcode = 'RC422', message = 'event_past', detail = 'start_date';
  end if;
  if p_form.scope = 'following' then
    v_series := split_series(v_series, v_first);
  end if;
  v_new := series_of(p_new, p_form, v_dates);
  v_dates := array(select d from unnest(v_dates) d where v_new.until is null or moment_at(d, v_new.zone) <= v_new.until);
  v_ids := change_series(v_series, v_new, v_first, p_old.id, v_dates, p_publish);
  perform change_series_words(v_series.id, p_new, p_publish);
  perform spread_in_window(v_series.id, v_dates);
  return v_ids;
end
$$;

comment on function change_all(events, events, event_form, int, timestamp[], boolean) is
  'Changes this event and the following, or all of its series that are not over.';

create function change_series_words(p_series bigint, p_new events, p_publish boolean) returns void
  language sql
as $$
  update event_series
  set
    title = (p_new).title, description = (p_new).description, location = (p_new).location, url = (p_new).url,
    is_virtual = (p_new).is_virtual, capacity = (p_new).capacity, takes_attendance = (p_new).takes_attendance,
    status = case when status = 'draft' and p_publish then 'published' else status end,
    updated_at = app_now()
  where id = p_series;
$$;

create function change_words(p_old events, p_new events, p_series_version int) returns bigint[]
  language plpgsql
as $$
declare
  v_row events;
  v_ids bigint[] := '{}';
begin
  perform from event_series where id = p_old.series_id and version = p_series_version for no key update;
  if not found then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  elsif (p_new.starts_at, p_new.ends_at, p_new.all_day) is distinct from (p_old.starts_at, p_old.ends_at, p_old.all_day)
  then
    raise exception using errcode = 'RC422', message = 'calendar_says_when', detail = 'start_date';
  end if;
  perform change_series_words(p_old.series_id, p_new, false);
  for v_row in
    select *
    from events
    where series_id = p_old.series_id
      and effective_end > app_now()
      and (not detached or id = p_old.id)
    order by id
    for no key update
  loop
    v_row.title := p_new.title;
    v_row.description := p_new.description;
    v_row.location := p_new.location;
    v_row.url := p_new.url;
    v_row.is_virtual := p_new.is_virtual;
    v_row.capacity := p_new.capacity;
    v_row.takes_attendance := p_new.takes_attendance;
    perform rewrite_event(v_row.id, v_row, false);
    v_ids := v_ids || v_row.id;
  end loop;
  return v_ids;
end
$$;

comment on function change_words(events, events, int) is
  'Changes all of a series that a calendar says the dates of: everything but those.';

create function change_one(p_old events, p_new events, p_form event_form, p_dates timestamp[], p_publish boolean)
  returns bigint[]
  language plpgsql
as $$
declare
  v_new events := p_new;
begin
  v_new.series_id := p_old.series_id;
  v_new.recurrence_time := p_old.recurrence_time;
  v_new.detached := p_old.series_id is not null;
  if p_old.series_id is null and p_old.uid is null and p_form.repeats <> 'none' and cardinality(p_dates) > 0 then
    v_new.series_id := add_series(series_of(v_new, p_form, p_dates));
    v_new.recurrence_time := v_new.starts_at;
  end if;
  perform rewrite_event(p_old.id, v_new, p_publish);
  if v_new.series_id is distinct from p_old.series_id then
    update event_series set status = case when e.status = 'draft' then 'draft' else 'published' end
    from events e
    where e.id = p_old.id and event_series.id = v_new.series_id;
    perform spread_in_window(v_new.series_id, p_dates);
  end if;
  return array[p_old.id];
end
$$;

comment on function change_one(events, events, event_form, timestamp[], boolean) is
  'Changes one event; one that begins to repeat becomes the first of its series.';

create function change_event(
  p_session bytea, p_slug text, p_event bigint, p_version int, p_series_version int, p_form jsonb, p_dates jsonb
) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (require_team(p_session, p_slug, 'admin')).org_id;
  v_form event_form := jsonb_populate_record(null::event_form, p_form);
  v_old events := team_event(v_org, p_event);
  v_new events := read_event_form(v_form, v_org);
  v_dates timestamp[] := read_dates(p_dates);
  v_publish boolean := v_old.status = 'draft' and v_new.status = 'published';
  v_ids bigint[];
begin
  if v_old.version <> p_version then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  -- What a form cannot say is left as it was: seconds, and which of two hours
  -- that clocks show alike.
  if v_new.starts_at at time zone v_new.timezone = date_trunc('minute', v_old.starts_at at time zone v_new.timezone) then
    v_new.starts_at := v_old.starts_at;
  end if;
  if v_new.ends_at at time zone v_new.timezone = date_trunc('minute', v_old.ends_at at time zone v_new.timezone) then
    v_new.ends_at := v_old.ends_at;
  end if;
  v_ids := case
    when v_old.series_id is null or coalesce(v_form.scope, 'this') not in ('following', 'all') then
      change_one(v_old, v_new, v_form, v_dates, v_publish)
    when v_form.scope = 'all' and exists (select from event_series where id = v_old.series_id and uid is not null) then
      change_words(v_old, v_new, p_series_version)
    else change_all(v_old, v_new, v_form, p_series_version, v_dates, v_publish)
  end;
  return case
    when exists (
      select
      from events e
      where e.id = any(v_ids)
        and e.capacity < (
          select count(*) from event_participants p where p.event_id = e.id and p.status = 'registered'
        )
    ) then 'event_saved_full'
    else 'event_saved'
  end;
end
$$;

comment on function change_event(bytea, text, bigint, int, int, jsonb, jsonb) is
  'Changes an event, or with it what its form''s scope says; raises 409 when somebody else changed it since.';

-- Steps of its life -----------------------------------------------------------

create function step_event(
  p_session bytea, p_slug text, p_event bigint, p_version int, p_scope text, p_step text
) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (require_team(p_session, p_slug, 'admin')).org_id;
  v_old events := team_event(v_org, p_event);
  v_whole boolean := v_old.series_id is not null and p_scope in ('following', 'all');
  v_from text[] := case p_step
    when 'publish' then '{draft}' when 'delete' then '{draft}' when 'cancel' then '{published,ongoing}'
    when 'resume' then '{cancelled}'
  end;
  v_series event_series;
  v_first events;
begin
  if v_old.effective_end <= app_now() and not v_whole and p_step in ('cancel', 'resume') then
    raise exception using errcode = 'RC410', message = 'event_over';
  elsif v_old.version <> p_version or (not v_old.status = any(v_from) and not v_whole) then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  if v_whole then
    select * into v_series from event_series where id = v_old.series_id for no key update;
    perform from events where series_id = v_series.id order by id for no key update;
    v_first := series_changed_from(v_old, p_scope);
    if v_first.id is null then
      raise exception using errcode = 'RC410', message = 'event_over';
    end if;
    if p_scope = 'following' then
      v_series := split_series(v_series, v_first);
    end if;
    update event_series
    set
      status = case when p_step in ('publish', 'resume') then 'published' else 'cancelled' end,
      updated_at = app_now()
    where id = v_series.id;
  end if;
  update events
  set
    status = case p_step when 'delete' then status when 'cancel' then 'cancelled' else 'published' end,
    deleted_at = case when p_step = 'delete' then app_now() end,
    detached = detached or (not v_whole and series_id is not null),
    version = version + 1,
    updated_at = app_now()
  where (id = v_old.id and (effective_end > app_now() or not v_whole) or v_whole and series_id = v_series.id
    and effective_end > app_now() and deleted_at is null and (p_step <> 'resume' or not detached))
    and status = any(v_from);
  return 'event_' || p_step;
end
$$;

comment on function step_event(bytea, text, bigint, int, text, text) is
  'publish, delete (drafts only), cancel or resume: one event, this and the following, or all of its series that are '
  'not over. The sweep takes back what was planned for those that are cancelled.';

-- What staff see --------------------------------------------------------------

create function event_status_text(p_status text, p_starts timestamptz, p_end timestamptz) returns text
  language sql stable
  return case
    when p_status = 'draft' then 'Draft'
    when p_status = 'cancelled' then 'Cancelled'
    when p_end <= app_now() then 'Over'
    when p_starts <= app_now() then 'Happening now'
    else 'Coming up'
  end;

create function word_search(p_before text, p_words text) returns tsquery
  language sql immutable
  return (
    select string_agg(quote_literal(p_before || replace(lexeme, '\', '\\')) || ':*', ' & ')
    from unnest(to_tsvector('simple', p_words))
  )::tsquery;

comment on function word_search(text, text) is
  'Finds words that begin like each of these, in org_words() with p_before ORG:; null when there is no word.';

create function events_titled(p_search tsquery, p_most int) returns setof bigint
  language plpgsql stable
  set enable_seqscan = off
  set enable_indexscan = off
as $$
begin
  return query select id from events where org_words(org_id, title) @@ p_search limit p_most;
end
$$;

create function team_events(
  p_session bytea, p_slug text, p_show text, p_words text, p_after timestamptz, p_after_event bigint
) returns setof events
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- A word may be in one title or in all of them: each search has its own plan.
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_now timestamptz := app_now();
  v_org bigint := (select t.org_id from team_org(p_session, p_slug, 'staff') t);
  v_search tsquery := word_search('', p_words);
  v_found bigint[];
begin
  if p_words <> '' and v_search is null then
    return;
  elsif v_search is not null then
    -- A rare word is looked up; one in thousands of titles is soon met on the way.
    v_found := array(select events_titled(word_search(v_org || ':', p_words), 20000));
    v_found := case when cardinality(v_found) < 20000 then v_found end;
  end if;
  if p_show = 'past' then
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.effective_end <= v_now
        and e.status <> 'draft'
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_search is null or v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) < (p_after, p_after_event))
      order by e.effective_end desc, e.id desc
      limit 51;
  elsif p_show = 'drafts' then
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.status = 'draft'
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_search is null or v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) > (p_after, p_after_event))
      order by e.effective_end, e.id
      limit 51;
  else
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.effective_end > v_now
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_search is null or v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) > (p_after, p_after_event))
      order by e.effective_end, e.id
      limit 51;
  end if;
end
$$;

comment on function team_events(bytea, text, text, text, timestamptz, bigint) is
  'A page of 50, and one more when there are more: past, drafts, else what is to come, by their ends, since those stand '
  'in an index and say whether an event is over.';

-- Who may call what -------------------------------------------------------------

grant select on events, event_series to rollcall_staff;
grant select (event_id, status) on event_participants to rollcall_staff;
grant select (event_id) on event_views to rollcall_staff;
grant execute on function
  event_status_text(text, timestamptz, timestamptz),
  team_events(bytea, text, text, text, timestamptz, bigint),
  repeat_choice(text),
  repeat_text(text, date),
  event_form_faults(event_form),
  team_repeat(bytea, text, bigint, jsonb),
  make_event(bytea, text, jsonb, jsonb),
  change_event(bytea, text, bigint, int, int, jsonb, jsonb),
  step_event(bytea, text, bigint, int, text, text)
  to rollcall_staff;

commit;
