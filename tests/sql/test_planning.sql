-- R-A2, R-A4, R-G1: many prompts at once, and what their foreign keys did.
\ir fixture.sql
select plan(36);

create function try.open(name text) returns text language sql
  as $$ select dblink_connect(name, format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database())) $$;
create function try.ask(name text, query text) returns text language sql
  as $$ select r from dblink(name, query) as t(r text) $$;
create function try.begin_ask(name text, query text) returns void language plpgsql
  as $$ begin perform dblink_exec(name, 'begin'); perform dblink_send_query(name, query); end $$;
-- What was asked has to wait for somebody's lock.
create function try.waits(name text) returns boolean language plpgsql as $$
begin
  for i in 1..100 loop
    if exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') then return dblink_is_busy(name) = 1; end if;
    perform pg_sleep(0.02);
    perform pg_stat_clear_snapshot();
  end loop;
  return false;
end
$$;
create function try.answer(name text) returns text language plpgsql as $$
declare answer text;
begin
  select r into answer from dblink_get_result(name) as t(r text);
  perform from dblink_get_result(name) as t(r text);
  return answer;
end
$$;
-- Which rows of the queue name a person, an event or an organisation that is not there.
create function try.orphans() returns int language sql as $$
  select count(*)::int from scheduled_notifications q
  where q.user_id not in (select id from users) or q.event_id not in (select id from events)
    or q.org_id not in (select id from organizations)
    or q.sign_in_request_id is not null and q.sign_in_request_id not in (select id from sign_in_requests)
$$;
select try.open('one'), try.open('two');

-- Who is deleted, and what waits for them.
select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n;
select try.event('Talk', '2026-11-20 15:00+00'), try.event('Walk', '2026-11-20 14:00+00');
select try.viewed(n, t) from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n, unnest(array['Talk', 'Walk']) t;
select is(schedule_post_event_prompts(100), 8, 'eight prompts wait');
delete from users where name = 'Dee';
select is(try.queued(), 'Ada 1, Ada 1, Bob 1, Bob 1, Cem 1, Cem 1', 'R-G1 who is deleted takes their messages along');
delete from events where title = 'Walk';
select is(try.queued() || ' ' || try.orphans(), 'Ada 1, Bob 1, Cem 1 0', '... and so does an event');
select try.org('club') as club \gset
select try.person('Eve', null, 'club'), try.event('Club night', '2026-11-20 15:00+00', null, 'club');
select try.viewed('Eve', 'Club night'), schedule_post_event_prompts(100);
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
values ('news-1', :club, 'staff_notice', 2, try.user_id('Ada'), app_now(), app_now(), app_now() + interval '1 day');
select is(count(*)::int, 5, 'one about an event of another organisation, and its news') from scheduled_notifications;
delete from organizations where id = :club;
select is(try.queued() || ' ' || count(*) || ' ' || try.orphans(), 'Ada 1, Bob 1, Cem 1 3 0', '... and an organisation, with its events and its news') from scheduled_notifications;
select request_sign_in('ada@example.org', sha256('ada'), null, null);
select is(count(*)::int, 1, 'a link to sign in waits') from scheduled_notifications where kind = 'sign_in';
delete from sign_in_requests;
select is(count(*)::int, 0, '... and goes with the request for it') from scheduled_notifications where kind = 'sign_in';

-- At the same moment as the planner.
select try.person('Fay'), try.viewed('Fay', 'Talk');
select dblink_exec('one', 'begin');
select is(try.ask('one', 'select schedule_post_event_prompts(100)'), '1', 'a planner has just planned for somebody');
select try.begin_ask('two', $$delete from users where name = 'Fay' returning name$$);
select ok(try.waits('two'), '... whose deletion waits for it');
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'Fay', '... and then is done');
select dblink_exec('two', 'commit');
select is(try.queued() || ' ' || try.orphans(), 'Ada 1, Bob 1, Cem 1 0', 'R-G1 ... with what was planned');
select try.person('Gus'), try.viewed('Gus', 'Talk'), try.person('Hal'), try.viewed('Hal', 'Talk');
select dblink_exec('one', 'begin');
select is(try.ask('one', $$delete from users where name = 'Gus' returning name$$), 'Gus', 'somebody is being deleted');
select is(try.ask('two', 'select schedule_post_event_prompts(100)'), '0', '... and a planner plans nothing meanwhile, without waiting');
select dblink_exec('one', 'rollback');
select dblink_exec('one', 'begin');
select is(try.ask('one', $$delete from users where name = 'Gus' returning name$$), 'Gus', 'they are, after all');
select dblink_exec('one', 'commit');
select is(try.ask('two', 'select schedule_post_event_prompts(100)'), '1', 'R-A4 ... and the next one plans for all others');
select is(try.queued() || ' ' || try.orphans(), 'Ada 1, Bob 1, Cem 1, Hal 1 0', '... and for nobody who is not there');
select dblink_exec('one', 'begin');
select try.ask('one', $$delete from users where name = 'Hal' returning name$$) as gone \gset
select try.begin_ask('two', $$delete from users where name = 'Cem' returning name$$);
select is(try.answer('two'), 'Cem', 'two deletions do not wait for each other');
select dblink_exec('two', 'commit'), dblink_exec('one', 'commit');
select is(try.queued(), 'Ada 1, Bob 1', '... and both take along what waited');

-- Any other message.
create function try.message(to_whom text, about text, of_org bigint) returns text language sql as $$
  select format('insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, scheduled_for, not_before, expires_at) values (%L, %s, ''event_moved'', 3, %s, %s, now(), now(), now()) returning notification_id',
    'm' || random(), of_org, coalesce(try.event_id(about), 0), coalesce(try.user_id(to_whom), 0)) $$;
select throws_ok(try.message('Nobody', 'Talk', :org), '23503', 'a message names what is not there', 'R-G1 a message to nobody is refused');
select throws_ok(try.message('Ada', 'Nothing', :org), '23503', null, '... as is one about nothing');
select throws_ok(try.message('Ada', 'Talk', 0), '23503', null, '... and one from nowhere');
select throws_ok($$update scheduled_notifications set user_id = 0, prompt_number = 2$$, '23503', null, '... or one that is given to nobody');
select try.person('Ivy');
select try.message('Ivy', 'Talk', :org) as message \gset
select dblink_exec('one', 'begin');
select try.ask('one', :'message') as made \gset
select try.begin_ask('two', $$delete from users where name = 'Ivy' returning name$$);
select ok(try.waits('two'), 'who is deleted waits for a message to them');
select dblink_exec('one', 'commit');
select is(try.answer('two'), 'Ivy', '... and then goes');
select dblink_exec('two', 'commit');
select is(try.orphans() || ' ' || try.queued(), '0 Ada 1, Bob 1', 'R-G1 ... with it');
select try.person('Joy');
select try.message('Joy', 'Talk', :org) as message \gset
select dblink_exec('one', 'begin');
select try.ask('one', $$delete from users where name = 'Joy' returning name$$) as gone \gset
select try.begin_ask('two', :'message');
select ok(try.waits('two'), 'a message waits for the deletion of whom it is to');
select dblink_exec('one', 'commit');
select throws_ok($$select try.answer('two')$$, '23503', null, 'R-G1 ... and is refused');
select from dblink_get_result('two') as t(r text);
select dblink_exec('two', 'rollback');

-- Somebody who is no planner writes a first prompt.
select try.person('Kim'), try.viewed('Kim', 'Talk'), try.person('Lea'), try.viewed('Lea', 'Talk');
select dblink_exec('one', 'begin');
select try.ask('one', format('insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at) select %L, org_id, kind, urgency, event_id, %s, 1, scheduled_for, not_before, expires_at from scheduled_notifications limit 1 returning id',
  format('prompt-%s-%s-1-r1', try.event_id('Talk'), try.user_id('Kim')), try.user_id('Kim'))) as made \gset
select try.begin_ask('two', 'select schedule_post_event_prompts(100)');
select ok(try.waits('two'), 'a planner that plans the same waits');
select dblink_exec('one', 'commit');
select is(try.answer('two'), '1', 'R-A4 ... and plans what is left');
select dblink_exec('two', 'commit');
select is(try.queued(), 'Ada 1, Bob 1, Kim 1, Lea 1', '... each once');
select dblink_disconnect('one'), dblink_disconnect('two');

-- Thousands, in tables of which the last that was known is that they were empty.
delete from users;
delete from events;
vacuum analyze scheduled_notifications, notifications, event_views, event_participants, users, attendance, notification_log, event_notification_preferences;
select try.event('Fair', '2026-11-20 15:00+00') as fair \gset
insert into users (email, name, quiet) select 'p' || n || '@example.org', 'P' || n, false from generate_series(1, 9000) n;
insert into event_views (event_id, user_id, org_id) select :fair, id, :org from users where substr(name, 2)::int <= 6000;
insert into event_participants (event_id, user_id, org_id) select :fair, id, :org from users where substr(name, 2)::int > 3000;
insert into attendance (event_id, user_id, org_id, status, responded_at) select :fair, id, :org, 'attended', app_now() from users where name in ('P2999', 'P8999');
insert into event_notification_preferences (user_id, org_id, frequency) select id, :org, case name when 'P5000' then 'daily' else 'none' end from users where name in ('P5000', 'P5001', 'P9000');
-- How many rows were read of tables that have one for each person.
create function try.rows_read() returns bigint language sql volatile as $$
  select sum(seq_tup_read + idx_tup_fetch) from pg_stat_xact_user_tables
  where relname in ('scheduled_notifications', 'notifications', 'event_views', 'event_participants', 'users', 'attendance', 'notification_log', 'event_notification_preferences') $$;
begin;
select try.rows_read() as before \gset
select is(array[schedule_post_event_prompts(4000), schedule_post_event_prompts(4000), schedule_post_event_prompts(4000)], array[4000, 4000, 996], 'R-A2 all of thousands, in chunks: but for who answered, and who wants none');
select ok(try.rows_read() - :before < 9000 * 20, 'R-A4 ... reading a few rows for each, whatever was thought of the tables');
commit;
select is(count(*) || ' ' || count(distinct user_id), '8996 8996', '... each once') from scheduled_notifications;
select is(u.name || ' ' || q.urgency, 'P5000 4', '... and one of them as a line of a digest') from scheduled_notifications q join users u on u.id = q.user_id where q.cause = 'digest';
begin;
select try.rows_read() as before \gset
select is(schedule_post_event_prompts(4000), 0, 'R-A4 planned again, nothing is doubled');
select ok(try.rows_read() - :before < 9000 * 10, '... and no table is read over and over');
commit;

select * from finish();
