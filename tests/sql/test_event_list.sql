-- R-O5: of an organisation with very many events, a member's list works out
-- no more than it shows.
\ir fixture.sql
select plan(6);
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
select * from finish();
