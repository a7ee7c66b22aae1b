-- R-A4, R-B2: events that move, are cancelled, or were not looked at for days.
\ir fixture.sql
select plan(32);

select try.person('Ada'), try.person('Bob');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.viewed('Ada', 'Talk'), try.viewed('Bob', 'Talk');
select is(schedule_post_event_prompts(10), 2, 'two prompts are planned');

-- Moved while prompts wait.
update events set title = 'Talk', description = 'new words';
select is((select revision from events), 1, 'R-A4 other changes leave the revision as it is');
update events set ends_at = '2026-11-20 17:30+00';
select is((select revision from events), 1, 'R-A4 moved to an end that is past: the revision does not rise');
update events set starts_at = '2026-11-21 15:00+00', ends_at = '2026-11-21 17:00+00', status = 'completed';
select is((select revision from events), 2, 'R-A4 moved to an end still to come: it rises');
select is((select status from events), 'published', 'R-B2 an event moved ahead is not completed, whoever says so');
update events set status = 'completed';
update events set starts_at = '2026-11-21 14:00+00';
select is((select row(revision, status)::text from events), '(3,published)', 'R-B2 an event moved ahead begins its life again');
update events set ends_at = ends_at;
select is((select revision from events), 3, 'R-A4 the same end is no move');
select is(cancel_moved_prompts(), 2, 'R-A4 what waits is taken back');
select is(try.logged(), 'Ada cancelled moved, Bob cancelled moved', 'R-A4 ... with its cause');
select is(schedule_post_event_prompts(10), 0, 'R-A4 not asked before its new end');
select try.clock('2026-11-21 18:00+00');
select is(schedule_post_event_prompts(10), 2, 'R-A4 asked anew after it');
select is((select array_agg(distinct notification_id ~ '-1-r3$') from scheduled_notifications), array[true], 'R-A4 ... under the new revision');
select is(try.deliver(), 2, 'and sent');

-- Moved between the claim and the recheck.
select try.event('Walk', '2026-11-21 14:00+00', '2026-11-21 16:00+00'), try.viewed('Ada', 'Walk'), try.viewed('Bob', 'Walk');
select schedule_post_event_prompts(10);
create temporary table claimed as select * from claim_notifications(1);
update events set ends_at = '2026-11-21 20:00+00' where title = 'Walk';
select is(cancel_moved_prompts(), 1, 'R-F1 what is on its way is left to who sends it');
select is((select p.outcome || ' ' || p.cause from claimed c, prepare_notification(c.id, c.lease_id) p), 'skip moved', 'R-A4 moved, found at the recheck');
select is((select count(*)::int from notification_log where state = 'cancelled' and cause = 'moved' and event_id = try.event_id('Walk')), 2, 'R-F1 the cause is kept for both');

-- Cancelled, and on again.
select try.event('Play', '2026-11-21 14:00+00', '2026-11-21 16:00+00'), try.viewed('Ada', 'Play'), try.viewed('Bob', 'Play');
select is(schedule_post_event_prompts(10), 2, 'two are planned for the play');
drop table claimed;
create temporary table claimed as select * from claim_notifications(1);
update events set status = 'cancelled' where title = 'Play';
select is(cancel_moved_prompts(), 1, 'R-A3 a cancelled event takes its prompts back');
select is((select p.outcome || ' ' || p.cause from claimed c, prepare_notification(c.id, c.lease_id) p), 'skip event_cancelled', 'R-A3 cancelled, found at the recheck');
select is(schedule_post_event_prompts(10), 0, 'and plans no more');
update events set status = 'completed' where title = 'Play';
select is(schedule_post_event_prompts(10), 2, 'taking place after all, it is asked about');
select is(try.deliver(), 2, '... and they go out');

-- Life.
delete from events;
select try.event('Soon', '2026-11-21 19:00+00'), try.event('Now', '2026-11-21 17:00+00'), try.event('Then', '2026-11-21 10:00+00');
select try.event('Draft', '2026-11-21 10:00+00', null, 'org', 'draft'), try.event('Off', '2026-11-21 10:00+00', null, 'org', 'cancelled');
select is((select row(started, completed)::text from advance_events()), '(2,1)', 'R-B2 catches up: what began and what is over');
select results_eq('select title, status from events order by title',
  $$values ('Draft', 'draft'), ('Now', 'ongoing'), ('Off', 'cancelled'), ('Soon', 'published'), ('Then', 'completed')$$,
  'R-B2 each event stands where it belongs');
select is((select row(started, completed)::text from advance_events()), '(0,0)', 'R-B2 again changes nothing');
select try.clock('2026-11-21 19:00+00');
select is((select row(started, completed)::text from advance_events()), '(1,1)', 'R-B2 at the start to the second, at the end to the second');
select is((select status from events where title = 'Soon'), 'ongoing', 'R-B2 it goes on');

-- Expiry.
insert into organizations (slug, name) values ('x', 'X');
select try.person('Eve', 'UTC', 'x'), try.event('Late', '2026-11-07 16:00+00', null, 'x'), try.viewed('Eve', 'Late');
update organizations set prompts_since = '2026-01-01';
select try.clock('2026-11-21 17:59+00');
select is(schedule_post_event_prompts(10), 1, 'R-A4 a minute before end + 14 days it is planned');
select try.clock('2026-11-21 18:00+00');
select is(expire_notifications(10), 1, 'R-A4 at end + 14 days it is put away');
select is((select state || ' ' || cause from notification_log where user_id = try.user_id('Eve')), 'expired too_late', '... as expired');
select is(try.deliver(), 0, 'and nothing is sent');

-- Moved back in the past while a prompt was held.
select try.event('Long ago', '2026-11-21 10:00+00', '2026-11-21 12:00+00', 'x'), try.viewed('Eve', 'Long ago');
select schedule_post_event_prompts(10);
update events set starts_at = '2026-11-01 10:00+00', ends_at = '2026-11-01 12:00+00' where title = 'Long ago';
select is((select p.outcome || ' ' || p.cause from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p), 'skip too_late', 'R-A4 past the end as it is now + 14 days nothing is sent');
select * from finish();
