-- R-B3: what the door reads, however many people there are: its lists and the
-- search go by indexes, at an event of 10,000 of whom a search finds a few.
-- With FULL=1 others make it 1,000,000 altogether, else 100,000.
\ir fixture.sql
select * from no_plan();

\set full ''
\getenv full FULL
select case when :'full' = '' then 9 else 99 end as events \gset
select try.person('Sid', null, 'org', 'staff'), try.person('Dan', null, 'org', 'door');
select try.sign_in('Sid') as sid, try.sign_in('Dan') as dan \gset
insert into users (email, name)
select 'p' || n || '@example.org', case when n % 1000 = 0 then 'Rare ' else 'Usual ' end || 'Person ' || n from generate_series(1, 10000) n;
insert into memberships (user_id, org_id, role) select id, :org, 'member' from users where name like '% Person %';
insert into events (org_id, title, starts_at, ends_at, status)
select :org, 'Event ' || n, app_now() - n * interval '1 day', app_now() - (n - 1) * interval '1 day', 'completed' from generate_series(0, :events) n;
update events set status = 'ongoing', title = 'Talk' where title = 'Event 0' returning id as talk \gset
set session_replication_role = replica;
insert into event_participants (event_id, org_id, user_id, attendance_status)
select e.id, e.org_id, u.id, (array['unknown', 'present', 'late'])[1 + u.id % 3] from events e, users u where u.name like '% Person %';
set session_replication_role = origin;
analyze;

create function try.plan(statement text) returns jsonb language plpgsql as $$
declare v_plan jsonb;
begin
  execute 'explain (analyze, buffers, format json, timing off, costs off) ' || statement into v_plan;
  return v_plan -> 0 -> 'Plan';
end $$;
-- Pages that a look at the door reads; an event's people are some 2,000.
create function try.touched(session bytea, event bigint, search text, participant bigint, unmarked boolean, after bigint) returns bigint language sql as $$
  select (p ->> 'Shared Hit Blocks')::bigint + (p ->> 'Shared Read Blocks')::bigint
  from try.plan(format('select * from door_people(%L, ''org'', %s, %L, %L, 0, %L, %L)', session, event, search, participant, unmarked, after)) as p
$$;

select cmp_ok(try.touched(:'sid', :talk, '', null, false, null), '<', 8000::bigint, 'R-B3 the list of an event of 10,000 reads its own people');
select cmp_ok(try.touched(:'sid', :talk, '', null, true, null), '<', 8000::bigint, 'R-B3 ... who is not marked yet');
select cmp_ok(try.touched(:'sid', :talk, '', null, false, (select max(id) from event_participants where event_id = :talk)), '<', 8000::bigint, 'R-B3 ... the page after');
select cmp_ok(try.touched(:'sid', :talk, 'rare', null, false, null), '<', 8000::bigint, 'R-B3 ... a search for a few');
select cmp_ok(try.touched(:'sid', :talk, 'usual', null, false, null), '<', 8000::bigint, 'R-B3 ... a search that finds nearly all');
select cmp_ok(try.touched(:'dan', :talk, 'person', null, false, null), '<', 8000::bigint, 'R-B3 ... at the door too');
select cmp_ok(try.touched(:'sid', :talk, 'p77@example.org', null, false, null), '<', 8000::bigint, 'R-B3 ... an address');
select cmp_ok(try.touched(:'sid', :talk, '', (select max(id) from event_participants where event_id = :talk), false, null), '<', 300::bigint, 'R-B3 a ticket''s code finds one');

select * from finish();
