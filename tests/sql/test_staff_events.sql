-- R-O1, R-O2, R-A4, R-B2: events as an organisation's admins make and change them, one or a series of them.
\ir fixture.sql
select plan(1);

-- Friday 20 November 2026, 19:00 in Berlin. The clocks there go back on 25 October and forward on 28 March 2027.
select try.person('Ada'), try.person('Bob');
select try.person('Root', null, 'org', 'admin'), try.person('Sam', null, 'org', 'staff');
select try.org('other') as other \gset
select try.person('Eve', null, 'other', 'admin');
select try.sign_in('Root') as root \gset
select try.sign_in('Sam') as sam \gset
select try.sign_in('Eve') as eve \gset

-- A form, some of its fields given.
create function try.form(fields jsonb) returns jsonb language sql immutable as $$
  select '{"title": "Training", "start_date": "2026-12-04", "start_time": "18:30", "end_time": "20:00",
    "zone": "Europe/Berlin", "repeats": "none", "scope": "this"}'::jsonb || fields $$;
-- What base/calendar.h answers, for the rules of these tests.
create function try.dates(rule text, starts text, until text) returns jsonb language sql stable as $$
  select jsonb_agg(to_char(d, 'YYYY-MM-DD"T"HH24:MI:SS') order by d)
  from (
    select d
    from generate_series(starts::timestamp, until::timestamp,
      case when rule ~ 'INTERVAL=2' then interval '14 days' when rule ~ 'WEEKLY' then interval '7 days' else interval '1 day' end) d
    where rule !~ 'MONTHLY' or rule_fits(regexp_replace(rule, ';COUNT.*', ''), d::date)
    limit coalesce(substring(rule from 'COUNT=(\d+)')::int, 1500)
  ) x $$;
create function try.make(who bytea, fields jsonb) returns bigint language plpgsql as $$
declare r record;
begin
  select * into r from team_repeat(who, 'org', null, try.form(fields));
  return make_event(who, 'org', try.form(fields), case when r.rule is not null then try.dates(r.rule, r.starts, r.until) end);
end $$;
create function try.change(who bytea, event bigint, fields jsonb, behind int default 0) returns text language plpgsql as $$
declare r record; s record;
begin
  select * into r from team_repeat(who, 'org', event, try.form(fields));
  select e.version, coalesce(q.version, 0) as series into s from events e left join event_series q on q.id = e.series_id where e.id = event;
  return change_event(who, 'org', event, s.version - behind, s.series, try.form(fields),
    case when r.rule is not null then try.dates(r.rule, r.starts, r.until) end);
end $$;
create function try.step(who bytea, event bigint, step text, scope text default 'this') returns text language sql as $$
  select step_event(who, 'org', event, (select version from events where id = event), scope, step) $$;
-- A series as people see it: "04.12. 18:30, 11.12. 18:30 cancelled".
create function try.series(event bigint, zone text default 'Europe/Berlin') returns text language sql stable as $$
  select string_agg(to_char(e.starts_at at time zone zone, 'DD.MM. HH24:MI') || case e.status when 'published' then '' else ' ' || e.status end, ', ' order by e.starts_at)
  from events e where e.series_id = (select series_id from events where id = event) and e.deleted_at is null $$;
grant execute on all functions in schema try to public;

-- One event.
select try.make(:'root', '{}') as one \gset
select is((select row(title, starts_at, ends_at, status, all_day, timezone, is_virtual)::text from events where id = :one),
  '(Training,"2026-12-04 17:30:00+00","2026-12-04 19:00:00+00",published,f,Europe/Berlin,t)', 'R-O1 an event is made, its times by its zone');
