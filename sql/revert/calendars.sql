-- Revert rollcall:calendars from pg

begin;

create type event_entry as (
  line int, uid text, recurrence_time text, sequence int, title text, description text, location text, url text,
  starts_local text, ends_local text, zone text, all_day boolean, cancelled boolean, duration_seconds bigint
);

create function read_event_entry(p_entry event_entry, p_org organizations, out event events, out why text)
  language plpgsql stable
as $$
declare
  v_zone text := coalesce(nullif(p_entry.zone, ''), p_org.timezone);
begin
  event.org_id := p_org.id;
  event.uid := p_entry.uid;
  event.sequence := coalesce(p_entry.sequence, 0);
  event.title := coalesce(nullif(btrim(p_entry.title), ''), 'Untitled event');
  event.description := replace(coalesce(p_entry.description, ''), E'\r', '');
  event.location := btrim(regexp_replace(coalesce(p_entry.location, ''), E'[\\s\u0001-\u001f\u007f-\u009f]+', ' ', 'g'));
  event.is_virtual := is_virtual_place(event.location);
  event.url := case when p_entry.url ~* '^https?://' and valid_line(p_entry.url, 2000) then p_entry.url end;
  event.all_day := coalesce(p_entry.all_day, false);
  event.timezone := case when event.all_day or v_zone <> 'UTC' then v_zone end;
  event.status := case when p_entry.cancelled then 'cancelled' else 'published' end;

  if coalesce(p_entry.uid, '') = '' or length(p_entry.uid) > 1000 then
    why := 'it has no UID by which to know it again';
  elsif not valid_line(event.title, 500) then
    why := 'the title is too long or has characters in it that are not text';
  elsif length(event.description) > 100000 or length(event.location) > 2000 then
    why := 'the description or the place is too long';
  elsif not exists (select from timezones where name = v_zone) then
    why := 'its time zone is not known';
  else
    event.starts_at := local_moment(p_entry.starts_local, v_zone);
    event.ends_at := case
      when event.starts_at is null then null
      -- A last day where the day after it belongs: many calendars write so.
      when event.all_day and p_entry.ends_local = p_entry.starts_local then null
      when p_entry.ends_local is not null then local_moment(p_entry.ends_local, v_zone)
      when event.all_day and p_entry.duration_seconds % 86400 = 0 then
        (p_entry.starts_local::timestamp + make_interval(days => (p_entry.duration_seconds / 86400)::int))
          at time zone v_zone
      when p_entry.duration_seconds is not null then
        event.starts_at + make_interval(secs => p_entry.duration_seconds)
    end;
    event.recurrence_time := case
      when p_entry.recurrence_time ~ 'Z$' then local_moment(rtrim(p_entry.recurrence_time, 'Z'), 'UTC')
      else local_moment(p_entry.recurrence_time, v_zone)
    end;
    why := case
      when event.starts_at is null then 'its start is not a date and time that exists'
      when local_moment(p_entry.ends_local, v_zone) is null and p_entry.ends_local is not null then
        'its end is not a date and time that exists'
      when p_entry.recurrence_time is not null and event.recurrence_time is null then
        'its RECURRENCE-ID is not a date and time that exists'
      when event.ends_at < event.starts_at then 'it ends before it starts'
    end;
  end if;
end
$$;

comment on function read_event_entry(event_entry, organizations) is
  'The event that a calendar''s entry describes, or why it describes none.';

create function import_event(p_event events, out result text, out why text)
  language plpgsql
as $$
declare
  v_old events;
  v_new events := p_event;
begin
  select * into v_old
  from events
  where org_id = p_event.org_id
    and uid = p_event.uid
    and recurrence_time is not distinct from p_event.recurrence_time
  -- Rows that refer to it may come in meanwhile: views, answers, messages.
  for no key update;
  if not found then
    insert into events (
      org_id, uid, recurrence_time, sequence, title, description, location, url, is_virtual, starts_at, ends_at,
      all_day, timezone, status
    )
    values (
      p_event.org_id, p_event.uid, p_event.recurrence_time, p_event.sequence, p_event.title, p_event.description,
      p_event.location, p_event.url, p_event.is_virtual, p_event.starts_at, p_event.ends_at,
      p_event.all_day, p_event.timezone, p_event.status
    );
    result := 'new';
    return;
  end if;
  if v_old.sequence > p_event.sequence then
    result := 'unchanged';
    why := format('an older version (SEQUENCE %s) than the one that is here (%s)', p_event.sequence, v_old.sequence);
    return;
  end if;

  -- What the calendar does not know stays: its life goes on by itself.
  if p_event.status <> 'cancelled' and v_old.status <> 'cancelled' then
    v_new.status := v_old.status;
  end if;
  if (
    v_old.title, v_old.description, v_old.location, v_old.url, v_old.is_virtual, v_old.starts_at, v_old.ends_at,
    v_old.all_day, v_old.timezone, v_old.status, v_old.sequence, v_old.deleted_at
  ) is not distinct from (
    v_new.title, v_new.description, v_new.location, v_new.url, v_new.is_virtual, v_new.starts_at, v_new.ends_at,
    v_new.all_day, v_new.timezone, v_new.status, v_new.sequence, null::timestamptz
  ) then
    result := 'unchanged';
    return;
  end if;
  update events
  set
    title = v_new.title, description = v_new.description, location = v_new.location, url = v_new.url,
    is_virtual = v_new.is_virtual, all_day = v_new.all_day, timezone = v_new.timezone, sequence = v_new.sequence,
    status = v_new.status, starts_at = v_new.starts_at, ends_at = v_new.ends_at, updated_at = app_now()
  where id = v_old.id;
  result := 'changed';
  why := case
    when v_new.status = 'cancelled' and v_old.status <> 'cancelled' then 'cancelled'
    when v_old.status = 'cancelled' and v_new.status <> 'cancelled' then 'takes place again'
    when (v_old.starts_at, v_old.ends_at) is distinct from (v_new.starts_at, v_new.ends_at) then 'moved'
  end;
end
$$;

create or replace function import_events(p_slug text, p_events jsonb, p_dry_run boolean) returns setof event_verdict
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org organizations := org_by_slug(p_slug);
  v_entry event_entry;
  v_read record;
  v_verdict event_verdict;
  v_verdicts event_verdict[] := '{}';
begin
  begin
    for v_entry in select * from jsonb_populate_recordset(null::event_entry, p_events) loop
      select * into v_read from read_event_entry(v_entry, v_org);
      v_verdict := (v_entry.line, v_entry.uid, (v_read.event).title, 'refused', v_read.why);
      if v_read.why is null then
        select i.result, i.why into v_verdict.result, v_verdict.why from import_event(v_read.event) i;
      end if;
      v_verdicts := array_append(v_verdicts, v_verdict);
    end loop;
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select * from unnest(v_verdicts);
end
$$;

comment on function import_events(text, jsonb, boolean) is
  'A calendar''s entries into an organisation, each with its verdict: new, changed, unchanged, or refused and why. '
  'What the file does not name is not touched. A dry run does it all and takes it back.';

drop function import_calendar(organizations, jsonb, boolean);
drop function order_entries(jsonb);
drop function import_entry(organizations, jsonb, int, jsonb);
drop type calendar_verdict;
drop function import_series(event_series, timestamp[], timestamp, jsonb);
drop function update_series(event_series, event_series);
drop function insert_series(event_series);
drop function say_changes(series_changes);
drop function say_dates(event_series);
drop function adopt_events(event_series, timestamp[]);
drop function import_instance(events, jsonb, text, int);
drop function import_single(events);
drop function older_version(int, int);
drop function series_by_uid(bigint, text);
drop function event_by_key(bigint, text, timestamptz);
drop function store_event(events, events);
drop type event_fate;

commit;
