-- R-A11: a history is read in its order and no further, and what it shows of
-- an event follows the event in the same transaction.
\ir fixture.sql
select no_plan();

select try.person('Ada'), try.person('Bob');
select try.event('E' || n, timestamptz '2026-10-01 10:00+00' + n * interval '1 day') from generate_series(1, 200) n;
insert into attendance (user_id, event_id, org_id, status) select u.id, e.id, e.org_id, 'unknown' from users u, events e;
select try.sign_in('Ada') as ada \gset
create function try.history() returns text language sql stable
  as $$ select string_agg(e.title, ' ' order by h.place) from attendance_history(current_setting('try.ada')::bytea, null, null, 3) with ordinality h(event_id, starts, status, rating, place) join events e on e.id = h.event_id $$;
select set_config('try.ada', :'ada', false);
-- By how much the version rises, now and not at the end.
create function try.rise(statement text) returns bigint language plpgsql as $$
declare
  v_before bigint := (select version from event_words);
begin
  begin
    execute statement;
    set constraints all immediate;
    set constraints all deferred;
    return (select version from event_words) - v_before;
  end;
end $$;

-- Its order.
select is(try.history(), 'E200 E199 E198', 'R-A11 newest start first');
update events set starts_at = '2026-10-01 00:00+00', ends_at = null where title = 'E200';
select is(try.history(), 'E199 E198 E197', 'R-A11 a moved event stands where it is now');
update events set deleted_at = app_now() where title = 'E199';
select is(try.history(), 'E198 E197 E196', 'R-A11 a deleted one nowhere');
update events set deleted_at = null where title = 'E199';
select is(try.history(), 'E199 E198 E197', 'R-A11 ... until it is back');
update events set deleted_at = app_now() where title = 'E198';
insert into users (email, name) values ('late@example.org', 'Late') returning id as late \gset
insert into attendance (user_id, event_id, org_id, status) select :late, id, org_id, 'unknown' from events where title in ('E198', 'E199');
select results_eq(format('select e.title, a.event_starts_at = e.starts_at from attendance a join events e on e.id = a.event_id where a.user_id = %s order by 1', :late),
  $$values ('E198', null::boolean), ('E199', true)$$, 'R-A11 an answer stands where its event does from the beginning');
delete from events where title = 'E199';
select is(try.history(), 'E197 E196 E195', 'R-A11 what is gone is gone');

-- No more is read than is shown.
analyze attendance;
create function try.rows_read(query text) returns int language plpgsql as $$
declare
  v_plan json;
begin
  execute 'explain (analyze, timing off, summary off, format json) ' || query into v_plan;
  return (select max((p.node #>> '{}')::numeric)::int from jsonb_path_query(v_plan::jsonb, 'strict $.**."Actual Rows"') p(node));
end $$;
select is(try.rows_read(format('select * from attendance_history(%L, null, null, 51)', :'ada')), 51, 'R-A11 of 198 answers 51 are read');

-- What events are called may be kept while the version stands.
-- Each in a transaction of its own.
select format('select is(try.rise(%L) > 0, true, %L)', s.ql, 'R-A11 told: ' || s.ql) from (values
  ('update events set title = ''Fest'' where title = ''E5'''),
  ('update events set location = ''Attic'' where title = ''Fest'''),
  ('update events set is_virtual = true where title = ''Fest'''),
  ('update events set starts_at = starts_at + interval ''1 hour'', ends_at = null where title = ''Fest'''),
  ('update events set all_day = true where title = ''Fest'''),
  ('update events set timezone = ''Asia/Tokyo'' where title = ''Fest'''),
  ('update organizations set name = ''Other'''),
  ('update organizations set logo = ''x.svg'''),
  ('update organizations set timezone = ''Asia/Tokyo'''),
  ('delete from timezones where name = ''Asia/Tokyo'''),
  ('insert into timezones values (''Asia/Tokyo'')')
) s(ql) \gexec
select format('select is(try.rise(%L), 0::bigint, %L)', s.ql, 'R-A11 not told: ' || s.ql) from (values
  ('update events set status = ''completed'''),
  ('update events set title = title, updated_at = app_now()'),
  ('update organizations set prompt_audience = ''both'''),
  ('select refresh_timezones()')
) s(ql) \gexec
select * from finish();
