-- R-O5: of an organisation with very many events, a member's list works out
-- no more than it shows.
\ir fixture.sql
select plan(12);
select try.person('Ada');
select try.event('Soon ' || n, '2026-11-21 10:00+00'::timestamptz + n * interval '1 hour') from generate_series(1, 150) n;
select try.event('Over ' || n, '2026-11-18 10:00+00'::timestamptz - n * interval '1 hour', null, 'org', 'completed') from generate_series(1, 150) n;
select try.event('Draft ' || n, '2026-11-21 10:00+00', null, 'org', 'draft') from generate_series(1, 250) n;
select try.event('Gone ' || n, '2026-11-21 10:00+00') from generate_series(1, 250) n;
update events set deleted_at = app_now() where title like 'Gone%';
select try.sign_in('Ada') as ada \gset
create temporary table list as select * from member_events(:'ada', null);
select is((select count(*)::int from list), 200, 'R-O5 200 of them');
select is((select count(*)::int from list where title like 'Soon%'), 150, 'R-O5 all that are still to come');
select is((select string_agg(title, ',' order by starts desc) from list where is_over), (select string_agg('Over ' || n, ',' order by n) from generate_series(1, 50) n), 'R-O5 and those that were over last');
select is((select count(*)::int from member_events(:'ada', try.event_id('Over 150'))), 1, 'R-O5 another can still be opened');
select try.event('Later ' || n, '2026-12-21 10:00+00'::timestamptz + n * interval '1 hour') from generate_series(1, 100) n;
select is((select string_agg(title, ',' order by starts, id) from member_events(:'ada', null) where title like 'Later%'), (select string_agg('Later ' || n, ',' order by n) from generate_series(1, 50) n), 'R-O5 with more to come, the next ones');
select is((select count(*)::int from member_events(:'ada', null) where is_over), 0, 'R-O5 ... before all that are over');

-- A weekly series of a year does not bury all else.
select try.org('other') as other \gset
select try.person('Bea', null, 'other');
select try.sign_in('Bea') as bea \gset
with series as (
  insert into event_series (org_id, starts_local, zone, rule, title, status)
  select id, '2026-11-06 21:00', timezone, 'FREQ=WEEKLY', 'Weekly', 'published' from organizations where slug = 'other'
  returning id, org_id
)
insert into events (org_id, series_id, recurrence_time, title, starts_at, status)
select org_id, id, t, 'Weekly ' || to_char(t, 'MMDD'), t, case when t < '2026-11-20 12:00+00' then 'completed' else 'published' end
from series, generate_series('2026-11-13 20:00+00'::timestamptz, '2027-10-22 20:00+00', '7 days') t;
create temporary view bea as select string_agg(title, ',' order by starts) as titles, bool_or(has_later_dates(id)) as more from member_events(:'bea', null);
select is((select titles from bea), 'Weekly 1113,Weekly 1120', 'R-O5 of a series the next, and what is over');
select is((select more from bea), true, 'R-O5 ... which says that there are more');
update events set status = 'cancelled' where title in ('Weekly 1120', 'Weekly 1218');
select is((select titles from bea), 'Weekly 1113,Weekly 1120,Weekly 1127', 'R-O5 one that is cancelled before it is there too');
select try.registered('Bea', 'Weekly 1204');
select try.registered('Bea', 'Weekly 1211', 'cancelled');
select is((select titles from bea), 'Weekly 1113,Weekly 1120,Weekly 1127,Weekly 1204', 'R-O5 and a later one that the person goes to');
update events set status = 'cancelled' where title like 'Weekly%' and starts_at > '2026-11-20';
select is((select titles from bea), 'Weekly 1113,Weekly 1120,Weekly 1204', 'R-O5 of a series without any to come, where it would have gone on');
select is((select more from bea), false, 'R-O5 ... which says that there are no more');
select * from finish();
