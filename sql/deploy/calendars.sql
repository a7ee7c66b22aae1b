-- Deploy rollcall:calendars to pg
-- What becomes of the events that are here when a calendar comes in.

begin;

create type event_fate as (result text, why text);

create function store_event(p_old events, p_new events) returns event_fate
  language plpgsql
as $$
declare
  v_status text := p_new.status;
begin
  if p_old.id is null then
    insert into events (
      org_id, series_id, detached, uid, recurrence_time, sequence, title, description, location, url, is_virtual,
      starts_at, ends_at, all_day, timezone, status, takes_attendance, capacity, check_in_opens, grace
    )
    values (
      p_new.org_id, p_new.series_id, p_new.detached, p_new.uid, p_new.recurrence_time, p_new.sequence, p_new.title,
      p_new.description, p_new.location, p_new.url, p_new.is_virtual, p_new.starts_at, p_new.ends_at, p_new.all_day,
      p_new.timezone, p_new.status, p_new.takes_attendance, p_new.capacity, p_new.check_in_opens, p_new.grace
    );
    return row('new', null)::event_fate;
  elsif p_old.deleted_at is not null then
    return row('unchanged', 'it was deleted here')::event_fate;
  end if;

  -- What the calendar does not know stays: its life goes on by itself.
  if p_new.status <> 'cancelled' and p_old.status <> 'cancelled' then
    v_status := p_old.status;
  end if;
  if (
    p_old.title, p_old.description, p_old.location, p_old.url, p_old.is_virtual, p_old.starts_at, p_old.ends_at,
    p_old.all_day, p_old.timezone, p_old.status, p_old.sequence, p_old.series_id, p_old.detached
  ) is not distinct from (
    p_new.title, p_new.description, p_new.location, p_new.url, p_new.is_virtual, p_new.starts_at, p_new.ends_at,
    p_new.all_day, p_new.timezone, v_status, p_new.sequence, p_new.series_id, p_new.detached
  ) then
    return row('unchanged', null)::event_fate;
  end if;
  update events
  set
    title = p_new.title, description = p_new.description, location = p_new.location, url = p_new.url,
    is_virtual = p_new.is_virtual, all_day = p_new.all_day, timezone = p_new.timezone, sequence = p_new.sequence,
    series_id = p_new.series_id, detached = p_new.detached, recurrence_time = p_new.recurrence_time,
    status = v_status, starts_at = p_new.starts_at, ends_at = p_new.ends_at, updated_at = app_now()
  where id = p_old.id;
  return row('changed', case
    when v_status = 'cancelled' and p_old.status <> 'cancelled' then 'cancelled'
    when p_old.status = 'cancelled' and v_status <> 'cancelled' then 'takes place again'
    when (p_old.starts_at, p_old.ends_at) is distinct from (p_new.starts_at, p_new.ends_at) then 'moved'
  end)::event_fate;
end
$$;

comment on function store_event(events, events) is
  'Keeps an event as a calendar tells it: p_old is its row, locked, or nothing.';

-- Looked up once an entry. A plan kept from when the table was empty would read
-- all of an organisation's events each time.

create function event_by_key(p_org bigint, p_uid text, p_recurrence timestamptz) returns events
  language plpgsql
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_event events;
begin
  select * into v_event
  from events
  where org_id = p_org
    and uid = p_uid
    and (recurrence_time = p_recurrence or p_recurrence is null and recurrence_time is null)
  -- Rows that refer to it may come in meanwhile: views, answers, messages.
  for no key update;
  return v_event;
end
$$;

create function series_by_uid(p_org bigint, p_uid text) returns event_series
  language plpgsql
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_series event_series;
begin
  select * into v_series from event_series where org_id = p_org and uid = p_uid for no key update;
  return v_series;
end
$$;

create function older_version(p_told int, p_here int) returns event_fate
  language sql immutable
  return row(
    'unchanged', format('an older version (SEQUENCE %s) than the one that is here (%s)', p_told, p_here)
  )::event_fate;

create function import_single(p_event events) returns event_fate
  language plpgsql
as $$
declare
  v_old events := event_by_key(p_event.org_id, p_event.uid, null);
  v_series event_series;
  v_cancelled int;
begin
  if v_old.id is not null then
    if v_old.sequence > p_event.sequence then
      return older_version(p_event.sequence, v_old.sequence);
    end if;
    return store_event(v_old, p_event);
  end if;
  v_series := series_by_uid(p_event.org_id, p_event.uid);
  if v_series.id is null then
    return store_event(null, p_event);
  elsif v_series.sequence > p_event.sequence then
    return older_version(p_event.sequence, v_series.sequence);
  elsif v_series.status = 'cancelled' and p_event.status = 'cancelled' then
    return row('unchanged', null)::event_fate;
  end if;

  -- It repeated. Who cancels it as a whole need not repeat how.
  update event_series
  set status = 'cancelled', sequence = p_event.sequence, updated_at = app_now()
  where id = v_series.id;
  if p_event.status <> 'cancelled' then
    update events e
    set series_id = null, recurrence_time = null, detached = false
    where e.id = (
      select i.id
      from events i
      where i.series_id = v_series.id
        and i.deleted_at is null
        and (p_event.starts_at at time zone v_series.zone)::date
          in ((i.recurrence_time at time zone v_series.zone)::date, (i.starts_at at time zone v_series.zone)::date)
      order by i.starts_at <> p_event.starts_at, i.recurrence_time
      limit 1
    )
    returning * into v_old;
    perform store_event(v_old, p_event);
  end if;
  v_cancelled := cancel_instances(v_series.id, app_now());
  return row('changed', concat_ws(
    ': ',
    case when p_event.status = 'cancelled' then 'cancelled' else 'does not repeat any more' end,
    case when v_cancelled > 0 then v_cancelled || ' cancelled' end
  ))::event_fate;
end
$$;

comment on function import_single(events) is
  'An entry that does not repeat. When it did, the instance on its day stays and the others to come are cancelled.';

create function import_instance(p_event events, p_recurrence jsonb, p_zone text, p_told int)
  returns event_fate
  language plpgsql
as $$
declare
  v_old events;
  v_new events := p_event;
  v_series event_series := series_by_uid(p_event.org_id, p_event.uid);
begin
  if v_series.id is null then
    v_new.recurrence_time := moment_in(p_recurrence, coalesce(resolve_zone(p_recurrence, p_zone), p_zone));
  else
    v_new.series_id := v_series.id;
    v_new.detached := true;
    v_new.takes_attendance := v_series.takes_attendance;
    v_new.capacity := v_series.capacity;
    v_new.check_in_opens := v_series.check_in_opens;
    v_new.grace := v_series.grace;
    v_new.recurrence_time := coalesce(
      (
        select e.recurrence_time
        from series_moments(p_recurrence, v_series) as m(at)
        join events e on e.series_id = v_series.id and e.recurrence_time = m.at
        order by m.at <> series_moment(p_recurrence, v_series)
        limit 1
      ),
      series_moment(p_recurrence, v_series)
    );
  end if;
  if v_new.recurrence_time is null then
    return row('refused', 'its RECURRENCE-ID is not a date and time that exists')::event_fate;
  end if;

  v_old := event_by_key(v_new.org_id, v_new.uid, v_new.recurrence_time);
  if v_old.id is null and v_series.id is not null
    and event_end(v_new.starts_at, v_new.ends_at, v_new.all_day) <= app_now() - interval '14 days'
  then
    return row('unchanged', 'it is over for more than 14 days')::event_fate;
  elsif v_old.detached or v_series.id is null or p_told is null or p_told < v_series.sequence then
    if p_event.sequence < v_old.sequence then
      return older_version(p_event.sequence, v_old.sequence);
    end if;
  end if;
  return store_event(v_old, v_new);
end
$$;

comment on function import_instance(events, jsonb, text, int) is
  'An entry with a RECURRENCE-ID: one instance as it is by itself, or an event of its own when the series is not '
  'known. p_told: the SEQUENCE of the series in the same file; when it is no older than the one here, an instance that '
  'was never changed by itself has no count of its own to compare with.';

create function adopt_events(p_series event_series, p_dates timestamp[]) returns boolean
  language plpgsql
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_event events := event_by_key(p_series.org_id, p_series.uid, null);
  v_starts timestamptz;
begin
  update events
  set series_id = p_series.id, detached = true
  where org_id = p_series.org_id
    and uid = p_series.uid
    and recurrence_time is not null
    and series_id is null;

  if v_event.id is null then
    return false;
  end if;
  select s.starts_at into v_starts
  from series_starts(p_series, p_dates) s
  where (s.starts_at at time zone p_series.zone)::date = (v_event.starts_at at time zone p_series.zone)::date
  limit 1;
  -- On none of its days, it becomes the first that is still to come with it.
  if v_starts is null and v_event.starts_at > app_now() then
    v_starts := moment_at(p_series.starts_local, p_series.zone);
  end if;
  if v_starts is null
    or v_starts <= app_now() and v_event.starts_at > app_now()
    or exists (select from events e where e.series_id = p_series.id and e.recurrence_time = v_starts)
  then
    v_starts := v_event.starts_at;
  end if;
  update events e
  set series_id = p_series.id, recurrence_time = v_starts
  where e.id = v_event.id
    and not exists (select from events i where i.series_id = p_series.id and i.recurrence_time = v_starts);
  return true;
end
$$;

comment on function adopt_events(event_series, timestamp[]) is
  'Events of that UID that came before it was known to repeat become its instances; says whether there was one that '
  'did not repeat.';

create function say_dates(p_series event_series) returns text
  language sql stable
as $$
  select case
    when count(*) = 0 then 'none of its dates is within the next 12 months'
    else format(
      '%s %s, to %s', count(*), case when count(*) = 1 then 'date' else 'dates' end,
      to_char(max(e.recurrence_time) at time zone (p_series).zone, 'FMDD FMMonth YYYY')
    )
  end
  from events e
  where e.series_id = (p_series).id;
$$;

comment on function say_dates(event_series) is '52 dates, to 12 November 2027';

create function say_changes(p_changes series_changes) returns text
  language sql immutable
  return nullif(concat_ws(
    ', ',
    case when (p_changes).made > 0 then (p_changes).made || ' new' end,
    case when (p_changes).moved > 0 then (p_changes).moved || ' moved' end,
    case when (p_changes).cancelled > 0 then (p_changes).cancelled || ' cancelled' end,
    case when (p_changes).restored > 0 then (p_changes).restored || ' again' end
  ), '');

comment on function say_changes(series_changes) is '3 new, 1 moved, 1 cancelled';

create function insert_series(p_series event_series) returns event_series
  language plpgsql
as $$
declare
  v_made event_series;
begin
  insert into event_series (
    org_id, uid, sequence, rule, starts_local, zone, all_day, until, duration_days, duration_seconds, extra,
    extra_ends, left_out, title, description, location, url, is_virtual, status
  )
  values (
    p_series.org_id, p_series.uid, p_series.sequence, p_series.rule, p_series.starts_local, p_series.zone,
    p_series.all_day, p_series.until, p_series.duration_days, p_series.duration_seconds, p_series.extra,
    p_series.extra_ends, p_series.left_out, p_series.title, p_series.description, p_series.location, p_series.url,
    p_series.is_virtual, p_series.status
  )
  returning * into v_made;
  return v_made;
end
$$;

create function update_series(p_old event_series, p_new event_series) returns boolean
  language plpgsql
as $$
declare
  v_status text := p_new.status;
begin
  if p_new.status <> 'cancelled' and p_old.status <> 'cancelled' then
    v_status := p_old.status;
  end if;
  update event_series s
  set
    sequence = p_new.sequence, rule = p_new.rule, starts_local = p_new.starts_local, zone = p_new.zone,
    all_day = p_new.all_day, until = p_new.until, duration_days = p_new.duration_days,
    duration_seconds = p_new.duration_seconds, extra = p_new.extra, extra_ends = p_new.extra_ends,
    left_out = p_new.left_out, title = p_new.title, description = p_new.description, location = p_new.location,
    url = p_new.url, is_virtual = p_new.is_virtual, status = v_status, updated_at = app_now()
  where s.id = p_old.id
    and (
      s.sequence, s.rule, s.starts_local, s.zone, s.all_day, s.until, s.duration_days, s.duration_seconds, s.extra,
      s.extra_ends, s.left_out, s.title, s.description, s.location, s.url, s.is_virtual, s.status
    ) is distinct from (
      p_new.sequence, p_new.rule, p_new.starts_local, p_new.zone, p_new.all_day, p_new.until, p_new.duration_days,
      p_new.duration_seconds, p_new.extra, p_new.extra_ends, p_new.left_out, p_new.title, p_new.description,
      p_new.location, p_new.url, p_new.is_virtual, v_status
    );
  return found;
end
$$;

create function import_series(p_series event_series, p_dates timestamp[], p_to timestamp, p_own jsonb)
  returns event_fate
  language plpgsql
as $$
declare
  v_old event_series := series_by_uid(p_series.org_id, p_series.uid);
  v_new event_series;
  v_single int := (event_by_key(p_series.org_id, p_series.uid, null)).sequence;
  v_changed boolean;
  v_changes text;
begin
  if p_series.sequence < greatest(v_old.sequence, v_single) then
    return older_version(p_series.sequence, greatest(v_old.sequence, v_single));
  end if;

  if v_old.id is null then
    v_old := insert_series(p_series);
    if not adopt_events(v_old, p_dates) then
      perform spread_series(v_old, p_dates, p_to);
      return row('new', case when v_old.status = 'cancelled' then 'cancelled' else say_dates(v_old) end)::event_fate;
    end if;
    v_new := v_old;
    v_changed := true;
  else
    v_changed := update_series(v_old, p_series);
    select * into v_new from event_series where id = v_old.id;
    v_changed := adopt_events(v_new, p_dates) or v_changed;
  end if;
  if not v_changed then
    perform spread_series(
      v_old, array(select d.local from unnest(p_dates) as d(local) where d.local >= v_old.extended_to), p_to
    );
    return row('unchanged', null)::event_fate;
  end if;

  v_changes := say_changes(rearrange_series(
    v_old, p_dates, p_to,
    array(
      select m.at
      from jsonb_array_elements(p_own) as o(moment)
      cross join lateral series_moments(o.moment, v_new) as m(at)
      where m.at is not null
    )
  ));
  return row('changed', nullif(concat_ws(
    ': ',
    case
      when v_single is not null then 'repeats now'
      when p_series.status = 'cancelled' and v_old.status <> 'cancelled' then 'cancelled'
      when p_series.status <> 'cancelled' and v_old.status = 'cancelled' then 'takes place again'
    end,
    v_changes
  ), ''))::event_fate;
end
$$;

comment on function import_series(event_series, timestamp[], timestamp, jsonb) is
  'An entry that repeats. p_own: the RECURRENCE-IDs that the same file has for it.';

create type calendar_verdict as (line int, uid text, title text, starts timestamptz, result text, why text);

create function import_entry(p_org organizations, p_entry jsonb, p_told int, p_own jsonb) returns calendar_verdict
  language plpgsql
as $$
declare
  v_read record;
  v_series record;
  v_event events;
  v_fate event_fate;
begin
  select * into v_read from read_entry(p_entry, p_org);
  v_event := v_read.event;
  if v_read.why is null and p_entry ? 'repeats' and not p_entry ? 'recurrence' then
    select * into v_series from read_series(p_entry, v_event, v_read.zone, p_org);
    v_read.why := v_series.why;
  end if;

  if v_read.why is not null then
    v_fate := ('refused', v_read.why);
  elsif p_entry ? 'recurrence' then
    v_fate := import_instance(v_event, p_entry -> 'recurrence', v_read.zone, p_told);
  elsif p_entry ? 'repeats' then
    v_fate := import_series(v_series.series, v_series.dates, v_series.dates_to, p_own);
  else
    v_fate := import_single(v_event);
  end if;
  return row(
    (p_entry ->> 'line')::int, v_event.uid, v_event.title, v_event.starts_at, v_fate.result, v_fate.why
  )::calendar_verdict;
end
$$;

create function order_entries(p_entries jsonb)
  returns table (place bigint, entry jsonb, taken jsonb, told int, own jsonb)
  language sql stable rows 1000
  -- Nobody can guess how many entries there are: never each with each.
  set enable_nestloop = off
  begin atomic
    with entries as (
      select
        e.place,
        e.entry,
        nullif(e.entry ->> 'uid', '') as uid,
        e.entry -> 'recurrence' as recurrence,
        coalesce((e.entry ->> 'sequence')::int, 0) as sequence
      from jsonb_array_elements(p_entries) with ordinality as e(entry, place)
    ), ranked as (
      select
        *,
        first_value(entry -> 'line') over same as taken,
        row_number() over same as rank
      from entries
      window same as (
        partition by uid, recurrence ->> 'local', recurrence ->> 'zone', case when uid is null then place end
        order by sequence desc, place desc
      )
    ), told as (
      select uid, sequence from ranked where recurrence is null and rank = 1
    ), own as (
      select uid, jsonb_agg(recurrence) as own
      from entries
      where recurrence is not null
        and local_moment(recurrence ->> 'local', 'UTC') is not null
      group by uid
    )
    select r.place, r.entry, case when r.rank > 1 then r.taken end, t.sequence, o.own
    from ranked r
    left join told t on t.uid = r.uid
    left join own o on o.uid = r.uid and r.entry ? 'repeats'
    order by r.recurrence is not null, r.place;
  end;

comment on function order_entries(jsonb) is
  'A file''s entries, series before their instances. taken: the line of another entry for the same event that is taken '
  'in its place: the one with the higher SEQUENCE, else the later. told, own: see import_instance(), import_series().';

create function import_calendar(p_org organizations, p_entries jsonb, p_dry_run boolean) returns setof calendar_verdict
  language plpgsql
as $$
declare
  v_entry record;
  v_verdict calendar_verdict;
  v_verdicts calendar_verdict[] := '{}';
begin
  -- Two files at once would find each other's events missing.
  perform pg_advisory_xact_lock(hashtextextended('import_calendar', p_org.id));
  begin
    for v_entry in select * from order_entries(p_entries) loop
      if v_entry.taken is null then
        v_verdict := import_entry(p_org, v_entry.entry, v_entry.told, v_entry.own);
      else
        v_verdict := (
          v_entry.entry ->> 'line', v_entry.entry ->> 'uid', v_entry.entry ->> 'title', null, 'unchanged',
          format('the entry on line %s is for the same event and is taken', v_entry.taken)
        );
      end if;
      v_verdicts := array_append(v_verdicts, v_verdict);
    end loop;
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select v.* from unnest(v_verdicts) v order by v.line;
end
$$;

comment on function import_calendar(organizations, jsonb, boolean) is
  'A calendar''s entries into an organisation, each with its verdict: new, changed, unchanged, or refused and why. '
  'What the file does not name is not touched. A dry run does it all and takes it back.';

create or replace function import_events(p_slug text, p_events jsonb, p_dry_run boolean) returns setof event_verdict
  language sql security definer set search_path = pg_catalog, public, pg_temp
as $$
  select v.line, v.uid, v.title, v.result, v.why
  from import_calendar(org_by_slug(p_slug), p_events, p_dry_run) v;
$$;

comment on function import_events(text, jsonb, boolean) is
  'import_calendar() for the operator, who names the organisation.';

-- What it did by itself until now.
drop function import_event(events);
drop function read_event_entry(event_entry, organizations);
drop type event_entry;

commit;
