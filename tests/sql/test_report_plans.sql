-- R-B8: what reports read, however much there is: an event of 10,000
-- participants by its indexes, an organisation a row an event.
\ir fixture.sql
select * from no_plan();

select try.person('Sid', null, 'org', 'staff') as sid_id \gset
select try.sign_in('Sid') as sid \gset
insert into events (org_id, title, starts_at, ends_at, status, takes_attendance)
select :org, 'Event ' || n, app_now() - n * interval '1 day', app_now() - n * interval '23 hours', 'completed', true from generate_series(1, 400) n;
insert into users (email, name) select 'p' || n || '@example.org', 'Person ' || n from generate_series(1, 5000) n;
set session_replication_role = replica;
-- Five thousand at the first, and ten thousand others elsewhere.
insert into event_participants (event_id, org_id, user_id, attendance_status)
select e.id, e.org_id, u.id, (array['present', 'late', 'absent', 'excused'])[u.id % 4 + 1]
from events e join users u on e.title = 'Event 1' or u.id % 200 = e.id % 200 where u.name <> 'Sid';
insert into attendance (user_id, event_id, org_id, status, responded_at)
select user_id, event_id, org_id, 'attended', app_now() from event_participants where user_id % 2 = 0;
insert into notifications (user_id, org_id, event_id, type, prompt_number, title)
select user_id, org_id, event_id, 'attendance_prompt', 1, 'T' from event_participants;
set session_replication_role = origin;
insert into event_changes (event_id) select id from events;
select count(review_events(1000));
analyze;

-- The tables that a statement goes over from end to end, and the rows that it
-- takes from them.
create function try.scans(statement text) returns text language plpgsql as $$
declare v_plan jsonb;
begin
  execute 'explain (analyze, format json, timing off, costs off) ' || statement into v_plan;
  return (
    with recursive node as (
      select v_plan -> 0 -> 'Plan' as n
      union all
      select p.n from node cross join lateral jsonb_array_elements(node.n -> 'Plans') as p(n)
    )
    select string_agg(distinct n ->> 'Relation Name', ', ')
    from node
    where n ->> 'Node Type' = 'Seq Scan'
      and n ->> 'Relation Name' in ('event_participants', 'attendance', 'notifications', 'users')
      and (n ->> 'Actual Loops')::int > 0
  );
end $$;
create function try.touched(statement text) returns bigint language plpgsql as $$
declare v_plan jsonb;
begin
  execute 'explain (analyze, buffers, format json, timing off, costs off) ' || statement into v_plan;
  return (v_plan #>> '{0,Plan,Shared Hit Blocks}')::bigint + (v_plan #>> '{0,Plan,Shared Read Blocks}')::bigint;
end $$;
set plan_cache_mode = force_generic_plan;
set jit = off;

select is(try.scans(format('select * from count_people(%s)', try.event_id('Event 7'))), null, 'R-B8 a small event among large ones is found by its indexes');
select is(try.scans(format('select * from org_tallies(%s, ''-infinity'')', :org)), null, 'R-B8 an organisation''s report scans no table of people');
-- Read as a whole, the people's tables alone have more pages than that.
select cmp_ok(try.touched(format('select * from org_tallies(%s, ''-infinity'')', :org)), '<', 3000::bigint, 'R-B8 ... but a row or two of each event');
select cmp_ok(try.touched(format('select * from report_trend(%L, ''org'', 0)', :'sid')), '<', 3000::bigint, 'R-B8 ... the trend too');
select cmp_ok(try.touched(format('select * from event_report(%L, ''org'', %s)', :'sid', try.event_id('Event 7'))), '<', 400::bigint, 'R-B8 a report of few people reads few pages');
select cmp_ok(try.touched(format('select * from person_record(%L, ''org'', %s, null, null, 50)', :'sid', try.user_id('Person 7'))), '<', 400::bigint, 'R-B8 a person''s history reads their own rows');

-- R-B9: thousands wait; a page is the index's next fifty, of all events or one.
select cmp_ok((select count(*) from mismatches), '>', 1000::bigint, 'thousands wait');
select cmp_ok(try.touched(format('select * from team_mismatches(%L, ''org'', null, false, null, 51)', :'sid')), '<', 1500::bigint, 'R-B9 ... a page of what disagrees reads about a page');
select cmp_ok(try.touched(format('select * from team_mismatches(%L, ''org'', %s, false, null, 51)', :'sid', try.event_id('Event 1'))), '<', 1500::bigint, 'R-B9 ... and so of one event');
select cmp_ok(try.touched(format('select * from team_mismatches(%L, ''org'', null, true, null, 51)', :'sid')), '<', 300::bigint, 'R-B9 ... and of what was decided, where nothing was');
select cmp_ok(try.touched(format('select * from event_report(%L, ''org'', %s)', :'sid', try.event_id('Event 1'))), '<', 100::bigint, 'R-B8 a report of thousands reads their count');
insert into event_changes (event_id) values (try.event_id('Event 1'));
select cmp_ok(try.touched(format('select * from event_report(%L, ''org'', %s)', :'sid', try.event_id('Event 1'))), '>', 100::bigint, 'R-B8 ... where they have changed, counts them');

select * from finish();
