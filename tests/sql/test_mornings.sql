-- R-A5: the second prompt at 09:00 in every zone that this server knows: once
-- a week from 2005 to 2037, and each hour around each change of clocks.
\ir fixture.sql
set client_min_messages = error;
set jit = off;
set search_path = public, tap, try;
select plan(8);

-- What clocks in a zone are ahead of UTC.
create function try.ahead(at timestamptz, zone text) returns interval language sql stable
  return (at at time zone zone) - (at at time zone 'UTC');

-- A copy of a zone under posix/ is tested as well, and named without it.
create temporary table zones as
  select name, regexp_replace(name, '^posix/', '') as known_as from pg_timezone_names;

-- Weeks at whose ends clocks differ; by halving, the second of the change.
create temporary table changes as
  with weeks as (
    select z.name, w.at, try.ahead(w.at, z.name) as ahead,
      lead(try.ahead(w.at, z.name)) over (partition by z.name order by w.at) as next
    from zones z cross join generate_series('2005-01-01 12:00+00'::timestamptz, '2038-01-05', '7 days') w(at)
    where z.name = z.known_as
  ), around as (
    select name, at as low, at + interval '7 days' as high, ahead from weeks where ahead <> next
  )
  select name, found.at
  from around s
  cross join lateral (
    with recursive half(low, high) as (
      select s.low, s.high
      union all
      select case when same then middle else low end, case when same then high else middle end
      from half
      cross join lateral (select date_trunc('second', low + (high - low) / 2)) as m(middle)
      cross join lateral (select try.ahead(middle, s.name) = s.ahead) as t(same)
      where high - low > interval '1 second'
    )
    select min(high) as at from half
  ) found;
-- Someone presses, in each week and in each hour around each change.
create temporary table mornings as
  with presses as (
    select z.name, z.known_as, w.at
    from zones z cross join generate_series('2005-01-01 12:00+00'::timestamptz, '2037-12-31', '7 days') w(at)
    union all
    select z.name, z.known_as, h.at
    from zones z
    join changes c on c.name = z.known_as
    cross join generate_series(c.at - interval '33 hours', c.at + interval '6 hours', '1 hour') h(at)
  ), asked as (
    select *, second_prompt_due(at, name) as due from presses offset 0
  )
  select name, known_as, count(*) as presses, min(due - at) as soonest, max(due - at) as latest,
    count(*) filter (where (due at time zone name)::time <> '09:00') as at_another_hour,
    -- The day before may be one that was left out: its 09:00 is this one's.
    count(*) filter (
      where ((due at time zone name)::date - 1 + time '09:00') at time zone name >= at + interval '3 hours'
        and ((due at time zone name)::date - 1 + time '09:00') at time zone name < due
    ) as not_the_first
  from asked
  group by name, known_as;

select is((select count(*) from mornings), (select count(*) from pg_timezone_names), 'R-A5 every zone is tried');
select cmp_ok((select count(*) from changes), '>', 14000::bigint, 'R-A5 ... around each change of its clocks');
select cmp_ok((select min(presses) from mornings), '>=', 1721::bigint, 'R-A5 ... and once a week');
select is((select array_agg(name) from mornings where at_another_hour > 0), null, 'R-A5 it is always 09:00 there');
select is((select array_agg(name) from mornings where not_the_first > 0), null, 'R-A5 always the first one');
select is((select array_agg(name) from mornings where soonest < interval '3 hours'), null, 'R-A5 always at least 3 hours away');
select is((select array_agg(name) from mornings where latest >= interval '30 hours'), null, 'R-A5 never 30 hours away');
-- Where clocks once went back by two hours or more; everywhere else it is
-- under 28.
select is(
  (select array_agg(distinct known_as order by known_as) from mornings where latest >= interval '28 hours'),
  array['Antarctica/Casey', 'Antarctica/Davis', 'Antarctica/Troll', 'Antarctica/Vostok', 'Asia/Chita', 'Asia/Magadan'],
  'R-A5 28 hours or more in these zones only'
);
select * from finish();
