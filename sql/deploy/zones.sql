-- Deploy rollcall:zones to pg
-- Time zones that cannot fail, and times as people read them.

begin;

create table timezones (
  name text primary key
);

comment on table timezones is
  'The names of pg_timezone_names, kept because that view reads the disk each time. '
  '"at time zone" would also take CEST or FOO3BAR, and raises on what it does not know.';

create function refresh_timezones() returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    delete from timezones where name not in (select name from pg_timezone_names);
    insert into timezones (name) select name from pg_timezone_names on conflict do nothing;
  end;

comment on function refresh_timezones() is
  'Brings timezones up to what this server knows, after its time zone data changed.';

select refresh_timezones();

create function safe_zone(p_zone text) returns text
  language plpgsql stable parallel safe
as $$
begin
  return coalesce((select name from timezones where name = p_zone), 'UTC');
end
$$;

comment on function safe_zone(text) is
  'The zone itself when this server knows it, else UTC: what "at time zone" may be given.';

-- The functions below take a zone that safe_zone() has let through.

create function say_date(p_at timestamptz, p_zone text) returns text
  language sql stable parallel safe
  return to_char(p_at at time zone p_zone, 'FMDay FMDD FMMonth YYYY');

create function say_time(p_at timestamptz, p_zone text) returns text
  language sql stable parallel safe
  return to_char(p_at at time zone p_zone, 'FMDay FMDD FMMonth YYYY, HH24:MI');

comment on function say_time(timestamptz, text) is 'Friday 20 November 2026, 18:30';

create function iso_time(p_at timestamptz, p_zone text) returns text
  language sql stable parallel safe
  return to_char(p_at at time zone p_zone, 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when p_at at time zone p_zone < p_at at time zone 'UTC' then '-' else '+' end
    || to_char(greatest(
      (p_at at time zone p_zone) - (p_at at time zone 'UTC'),
      (p_at at time zone 'UTC') - (p_at at time zone p_zone)
    ), 'HH24:MI');

comment on function iso_time(timestamptz, text) is
  '2026-11-20T18:30:00+01:00, whatever zone the session is in.';

create function say_event_start(p_starts timestamptz, p_all_day boolean, p_event_zone text, p_zone text)
  returns text
  language sql stable parallel safe
  return case
    when p_all_day then say_date(p_starts, safe_zone(p_event_zone))
    else say_time(p_starts, p_zone)
  end;

comment on function say_event_start(timestamptz, boolean, text, text) is
  'Whole days are days where the event is; a time of day is told where the person is.';

create function say_event_end(
  p_starts timestamptz, p_ends timestamptz, p_all_day boolean, p_event_zone text, p_zone text
)
  returns text
  language sql stable parallel safe
  return case
    when p_ends is null then null
    when p_all_day then
      nullif(
        say_date(p_ends - interval '1 microsecond', safe_zone(p_event_zone)),
        say_date(p_starts, safe_zone(p_event_zone))
      )
    when say_date(p_starts, p_zone) = say_date(p_ends, p_zone) then
      to_char(p_ends at time zone p_zone, 'HH24:MI')
    else say_time(p_ends, p_zone)
  end;

comment on function say_event_end(timestamptz, timestamptz, boolean, text, text) is
  'The hour alone on the day of the start, else day and hour; null when the end is not told.';

create function next_local_time(p_after timestamptz, p_zone text, p_time time) returns timestamptz
  language sql stable parallel safe
  return case
    when ((p_after at time zone p_zone)::date + p_time) at time zone p_zone >= p_after
    then ((p_after at time zone p_zone)::date + p_time) at time zone p_zone
    else ((p_after at time zone p_zone)::date + 1 + p_time) at time zone p_zone
  end;

comment on function next_local_time(timestamptz, text, time) is
  'The first moment at or after p_after at which clocks in the zone show p_time.';

create function quiet_until(p_at timestamptz, p_zone text, p_from time, p_to time) returns timestamptz
  language sql stable parallel safe
  return case
    when case
      when p_from < p_to then
        (p_at at time zone p_zone)::time >= p_from and (p_at at time zone p_zone)::time < p_to
      when p_from > p_to then
        (p_at at time zone p_zone)::time >= p_from or (p_at at time zone p_zone)::time < p_to
      else false
    end
    then next_local_time(p_at, p_zone, p_to)
    else p_at
  end;

comment on function quiet_until(timestamptz, text, time, time) is
  'p_at itself outside the quiet hours, else the moment they end. Equal hours mean none.';

grant select on timezones to rollcall_member, rollcall_sweep;
grant execute on function
  safe_zone(text),
  say_date(timestamptz, text),
  say_time(timestamptz, text),
  iso_time(timestamptz, text),
  say_event_start(timestamptz, boolean, text, text),
  say_event_end(timestamptz, timestamptz, boolean, text, text)
  to rollcall_member;
grant execute on function refresh_timezones(), iso_time(timestamptz, text) to rollcall_sweep;

commit;
