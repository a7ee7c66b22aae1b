-- R-F6: the last run and the last good one are kept, staff are told when that
-- was over five minutes ago, and what can be measured is counted right.
\ir fixture.sql
select plan(22);
create function try.metric(p_line text) returns text language sql as $$
  select split_part(line, ' ', -1) from regexp_split_to_table(metrics(), E'\n') line
  where left(line, length(p_line) + 1) = p_line || ' '
$$;
select try.person('Ada'), try.person('Bob'), try.person('Eve');
select try.clock('2026-11-20 18:00:00+00');

select record_run(true, '{"sent": 2, "skipped_moved": 1, "channel_down": false, "started": "x", "Odd\"key": 5}');
select is(late_run('UTC'), null, 'R-F6 a run just now is not late');
select try.clock('2026-11-20 18:05:00+00');
select is(late_run('UTC'), null, 'R-F6 nor one five minutes ago');
select try.clock('2026-11-20 18:05:01+00');
select is(late_run('Europe/Berlin'), say_time('2026-11-20 18:00:00+00', 'Europe/Berlin'), 'R-F6 over five minutes ago it is, said in the reader''s zone');
select record_run(false, '{"sent": 7}');
select isnt(late_run('UTC'), null, 'R-F6 a run that was not good does not end that');
select is((select good_summary ->> 'sent' || ' ' || (last_summary ->> 'sent') from sweep_runs), '2 7', 'R-F6 what each of them did is kept');
select is(try.metric('rollcall_run_last{what="sent"}'), '7', 'R-F6 the last run can be measured');
select is(try.metric('rollcall_run_good_timestamp_seconds')::numeric, extract(epoch from timestamptz '2026-11-20 18:00:00+00'), '... when the last good one was');
select is(try.metric('rollcall_run_last_timestamp_seconds')::numeric, extract(epoch from timestamptz '2026-11-20 18:05:01+00'), '... and when the last');
select record_run(true, '{"sent": 3, "skipped_moved": 1, "channel_down": false, "started": "x", "Odd\"key": 5}');
select is(late_run('UTC'), null, 'R-F6 the next good one ends it');
select is((select string_agg(line, ';' order by line) from regexp_split_to_table(metrics(), E'\n') line where line like 'rollcall_run_last{%'), 'rollcall_run_last{what="sent"} 3;rollcall_run_last{what="skipped_moved"} 1', 'R-F6 numbers only, by words of ours');

-- The queue: one due for ten minutes, one held, one planned, one leased.
select sign_in_ask('ada@example.org', decode(lpad('1', 64, '0'), 'hex'));
select sign_in_ask('bob@example.org', decode(lpad('2', 64, '0'), 'hex'));
select sign_in_ask('eve@example.org', decode(lpad('3', 64, '0'), 'hex'));
select sign_in_ask('ada@example.org', decode(lpad('4', 64, '0'), 'hex'));
create temp table row_of as select id, row_number() over (order by id) as n from scheduled_notifications;
grant select on row_of to public;
update scheduled_notifications set not_before = app_now() - interval '10 minutes' where id = (select id from row_of where n = 1);
update scheduled_notifications set not_before = app_now() + interval '1 hour', cause = 'quiet' where id = (select id from row_of where n = 2);
update scheduled_notifications set not_before = app_now() + interval '1 hour' where id = (select id from row_of where n = 3);
update scheduled_notifications set not_before = app_now() - interval '1 hour', lease_id = 1, lease_until = app_now() + interval '1 minute' where id = (select id from row_of where n = 4);
select is(try.metric(format('rollcall_queue{state="%s",category="account"}', s)), '1', 'R-F6 the queue by state and category: ' || s)
from unnest(array['due', 'held', 'planned', 'leased']) s;
select is(try.metric('rollcall_queue_oldest_due_seconds{category="account"}')::numeric, 600::numeric, 'R-F6 the oldest that is due, and not the one under way');
select is(try.metric('rollcall_queue_oldest_due_seconds{category="prompt"}')::numeric, 0::numeric, '... 0 where none is');

select is(try.metric('rollcall_dead_messages'), '0', 'R-F6 no message is dead');
select is(try.metric('rollcall_suppressed_addresses'), '0', '... no address suppressed');
select is(try.metric('rollcall_channel_paused{channel="email"}'), '0', '... mail is not paused');
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where name = 'Eve';
update delivery_channels set paused_until = app_now() + interval '1 minute';
select is(try.metric('rollcall_suppressed_addresses') || try.metric('rollcall_channel_paused{channel="email"}'), '11', 'R-F6 both are seen');
select is((select count(*)::int from regexp_split_to_table(metrics(), E'\n') line where line !~ '^# (HELP|TYPE) rollcall_[a-z_]+ .+$' and line !~ '^rollcall_[a-z_]+(\{[a-z]+="[a-z0-9_]+"(,[a-z]+="[a-z0-9_]+")*\})? -?[0-9.]+$' and line <> ''), 0, 'R-F6 each line is one that Prometheus reads');
select is(metrics() ~ '@|Ada|Eve', false, 'R-G3 and names nobody');
select * from finish();
