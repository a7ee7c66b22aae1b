-- R-A12, R-F7, R-G2, R-O1: what people want to be told, how and when.
\ir fixture.sql
select * from no_plan();
select try.person('Ada'), try.person('Bob', 'America/New_York'), try.person('Amy', null, 'org', 'admin');
select try.sign_in('Ada') as ada, try.sign_in('Amy') as amy, try.sign_in('Bob') as bob \gset
update organizations set prompts_since = '2000-01-01';

-- What is offered, and to whom.
select results_eq(format('select slug, frequency, categories, unwanted, seen from own_mail(%L, null)', :'ada'), $$values ('org', 'all', 'event', null::text, 'all')$$, 'R-A12 all without a row; a member can stop news of events besides');
select results_eq(format('select slug, frequency, categories, unwanted, seen from own_mail(%L, null)', :'amy'), $$values ('org', 'all', 'event shift', null::text, 'all')$$, 'R-F7 an admin can stop news for the team');
update memberships set responder = true where user_id = try.user_id('Bob');
select is((select categories from own_mail(:'bob', 'org')), 'event shift', 'R-F7 ... and a responder');
select is_empty(format('select * from own_mail(%L, ''other'')', :'ada'), 'R-O2 nothing of others');
select throws_ok(format('select set_own_mail(%L, ''other'', ''none'', ''event'', ''all'')', :'ada'), 'RC404', 'absent', 'R-O2 nor to be changed');
select throws_ok(format('select set_own_mail(%L, ''org'', ''hourly'', ''event'', ''all'')', :'ada'), 'RC422', 'bad_frequency', 'R-A12 four frequencies');
select throws_ok('select set_own_mail(''\x00'', ''org'', ''none'', ''event'', ''all'')', 'RC401', 'no_session', 'signed in only');

-- none takes back what waits; all asks what is still due and was not asked.
select try.event('Regatta', '2026-11-20 14:00+00', '2026-11-20 16:00+00'), try.event('Ball', '2026-11-19 14:00+00', '2026-11-19 16:00+00'),
  try.event('Old', '2026-11-01 14:00+00', '2026-11-01 16:00+00');
select try.viewed('Ada', t), try.viewed('Bob', t) from unnest(array['Regatta', 'Ball', 'Old']) t;
select schedule_post_event_prompts(100);
select is(try.queued(), 'Ada 1, Ada 1, Bob 1, Bob 1', 'both are asked about what ended within 14 days');
update scheduled_notifications set not_before = app_now() + interval '1 hour' where event_id = try.event_id('Ball');
select is(try.deliver(), 2, 'of one event it is mailed');
select set_own_mail(:'ada', 'org', 'none', 'event', 'all');
select is(try.queued(), 'Bob 1', 'R-A12 none takes back what waits');
select is((select string_agg(concat_ws(' ', state, cause), ', ') from notification_log where user_id = try.user_id('Ada') and event_id = try.event_id('Ball')), 'cancelled unsubscribed', '... as unsubscribing does');
select schedule_post_event_prompts(100);
select is(try.queued(), 'Bob 1', 'R-A12 none plans none');
select set_own_mail(:'ada', 'org', 'all', 'event', 'none');
select schedule_post_event_prompts(100);
select results_eq($$select notification_id collate "default", prompt_number from scheduled_notifications where user_id = try.user_id('Ada') and prompt_number = 1$$,
  $$values (format('prompt-%s-%s-1-r1', try.event_id('Ball'), try.user_id('Ada')), 1)$$, 'R-A12 set back: asked once about what is still due, and not again about what was asked');
select is((select count(*)::int from planned_prompts(100)), 0, '... and a dry run says the same');
select is(try.deliver(), 1, '... it is mailed');
select schedule_post_event_prompts(100);
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada')), 0, '... once');

-- A form from before something changed.
select id as preference from event_notification_preferences where user_id = try.user_id('Ada') \gset
select unsubscribe(:preference, 1);
select throws_ok(format('select set_own_mail(%L, ''org'', ''daily'', ''event'', ''all'')', :'ada'), 'RC409', 'changed_meanwhile', 'R-G2 an old form does not undo a stop made meanwhile');
select is((select frequency from event_notification_preferences where id = :preference), 'none', '... it stays stopped');
select throws_ok(format('select set_own_mail(%L, ''org'', ''daily'', ''event'', '''')', :'ada'), 'RC409', 'changed_meanwhile', '... also without a word of what was seen');
select lives_ok(format('select set_own_mail(%L, ''org'', ''all'', ''event'', ''none'')', :'ada'), 'R-A12 who saw that may change it');

-- Categories: looked up just before sending, stopped by their link.
select pause_channel('email', 'no answer');
select try.clock('2026-11-20 18:02+00');
create temporary table sent as select c.kind, c.id, c.lease_id, p.* from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p(outcome, cause, template, message, first, sent_date, email, name, org_id, org_name, data, row_id, generation, expires, preference_id, preference_generation);
select results_eq('select kind, outcome from sent', $$values ('staff_notice', 'send')$$, 'the team is told');
select results_eq('select p.user_id, p.category, p.channel, p.wanted, p.generation from category_preferences p join sent on p.id = preference_id and p.generation = preference_generation',
  $$values (try.user_id('Amy'), 'shift', 'email', true, 1)$$, 'R-F4 its mail has a stop link for the category');
select preference_id as stop from sent \gset
select results_eq(format('select * from stop_category_link(%s, 1)', :stop), $$values ('Org org', 'shift', true)$$, 'R-G2 looking at it');
select is_empty(format('select * from stop_category_link(%s, 2)', :stop), 'revoked: nothing');
select throws_ok(format('select stop_category(%s, 2)', :stop), 'RC404', 'absent', '... refused');
select is((select wanted from category_preferences where category = 'shift'), true, 'R-A8 looking stops nothing');
update scheduled_notifications set lease_id = null, lease_until = null;
select results_eq(format('select * from stop_category(%s, 1)', :stop), $$values ('Org org', 'shift', false)$$, 'R-G2 the button does');
select is((select concat_ws(' ', state, cause) from notification_log where kind = 'staff_notice'), 'cancelled not_wanted', '... and takes back what waits');
select lives_ok(format('select stop_category(%s, 1)', :stop), '... and again changes nothing');
select is((select seen from own_mail(:'amy', 'org')), 'all shift', 'the account shows it');

update delivery_channels set outage_from = null, outage_to = null, paused_until = null;
select try.clock('2026-11-21 12:00+00'), pause_channel('email', 'no answer');
select try.clock('2026-11-21 12:02+00');
select is((select cause from due_notifications(10) where kind = 'staff_notice'), 'not_wanted', 'R-F7 what comes later is not wanted');
select results_eq('select p.outcome, p.cause from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p', $$values ('skip', 'not_wanted')$$, '... and not sent');
select is((select concat_ws(' ', state, cause) from notification_log where kind = 'staff_notice' order by id desc limit 1), 'skipped not_wanted', '... with its cause');
select set_own_mail(:'amy', 'org', 'all', 'event shift', 'all shift');
select is(is_wanted(try.user_id('Amy'), (select id from organizations), 'shift', 'email'), true, 'asked for again, it comes');
insert into category_preferences (user_id, org_id, category, channel, wanted) select try.user_id('Amy'), id, 'account', 'email', false from organizations;
select is(is_wanted(try.user_id('Amy'), (select id from organizations), 'account', 'email'), true, 'R-F7 what cannot be stopped comes whatever a row says');
insert into category_preferences (user_id, org_id, category, channel, wanted) select try.user_id('Bob'), id, 'prompt', 'email', false from organizations;
select try.deliver();
select is((select concat_ws(' ', state, cause) from notification_log where user_id = try.user_id('Bob') and event_id = try.event_id('Ball')), 'skipped not_wanted', 'R-F7 a question by a channel that is stopped');

-- Moving to another clock.
delete from scheduled_notifications; delete from notification_log; delete from notifications; delete from category_preferences;
update event_notification_preferences set frequency = 'all';
select try.clock('2026-11-20 21:30+00');
update users set quiet = true where name in ('Ada', 'Bob');
select schedule_post_event_prompts(100);
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada') and cause = 'quiet_hours' and not_before = '2026-11-21 07:00+00'), 2, 'held until 08:00 in Berlin');
select throws_ok(format('select set_own_zone(%L, ''CEST'')', :'ada'), 'RC422', 'zone_unknown', 'R-O1 a zone is a name of the list');
select set_own_zone(:'ada', 'America/New_York');
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada') and cause is null and not_before = '2026-11-20 21:30+00'), 2, 'R-F7 it is afternoon in New York: nothing to hold them for');
select set_own_zone(:'ada', 'Europe/London');
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada') and cause = 'quiet_hours' and not_before = '2026-11-21 08:00+00'), 2, 'R-F7 in London they wait for 08:00 there');
select set_own_quiet(:'ada', true, '23:00', '06:30');
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada') and cause is null and not_before = '2026-11-20 21:30+00'), 2, 'R-F7 so do other hours');
select set_own_quiet(:'ada', true, '20:00', '06:30');
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada') and cause = 'quiet_hours' and not_before = '2026-11-21 06:30+00'), 2, '... whichever way');
select set_own_quiet(:'ada', false, '20:00', '06:30');
select is((select count(*)::int from scheduled_notifications where user_id = try.user_id('Ada') and not_before = '2026-11-20 21:30+00'), 2, '... and none');
select throws_ok(format('select set_own_quiet(%L, true, ''8pm'', ''06:30'')', :'ada'), 'RC422', 'bad_time', 'a time is a time');
select throws_ok(format('select set_own_quiet(%L, true, ''06:30'', ''06:30'')', :'ada'), 'RC422', 'quiet_same', 'no hours are not quiet hours');
update scheduled_notifications set cause = 'retry', not_before = '2026-11-20 21:40+00', first_attempt_at = app_now(), lease_id = null where user_id = try.user_id('Ada') and event_id = try.event_id('Ball');
select set_own_quiet(:'ada', true, '20:00', '06:30');
select results_eq($$select cause, not_before from scheduled_notifications where user_id = try.user_id('Ada') and event_id = try.event_id('Ball')$$, $$values ('retry', '2026-11-20 21:40+00'::timestamptz)$$, 'what was tried before keeps its time');

-- Nine in the morning.
delete from scheduled_notifications;
insert into notifications (user_id, org_id, event_id, type, prompt_number, title)
select try.user_id('Ada'), org_id, id, 'attendance_prompt', 1, title from events where title = 'Regatta' returning id as prompt \gset
select set_own_zone(:'ada', null), try.clock('2026-11-20 18:00+00');
select is(snooze_attendance_prompt(try.user_id('Ada'), :prompt), '2026-11-21 08:00+00', 'asked for Saturday at nine, in Berlin');
select set_own_zone(:'ada', 'America/New_York');
select results_eq('select scheduled_for, not_before, notify_type from scheduled_notifications', $$values ('2026-11-21 14:00+00'::timestamptz, '2026-11-21 14:00+00'::timestamptz, 'snooze')$$, 'R-A5 Saturday at nine, in New York');
select set_own_zone(:'ada', 'Asia/Tokyo');
select is((select scheduled_for from scheduled_notifications), '2026-11-21 00:00+00', 'R-A5 ... in Tokyo');
select set_own_zone(:'ada', 'Pacific/Kiritimati');
select is((select scheduled_for from scheduled_notifications), '2026-11-21 19:00+00', 'R-A5 never less than three hours after it was asked for: there it is Sunday');
select set_own_zone(:'ada', null);
select is((select scheduled_for from scheduled_notifications), '2026-11-22 08:00+00', 'the morning that was named last');
select try.clock('2026-11-23 10:00+00'), set_own_zone(:'ada', 'America/New_York');
select is((select scheduled_for from scheduled_notifications), '2026-11-22 08:00+00', 'what is due already is not put off');
select set_own_zone(:'bob', 'Asia/Tokyo');
select is((select count(*)::int from scheduled_notifications where user_id <> try.user_id('Ada')), 0, 'nobody else''s mail is touched');

-- Finding a zone.
select results_eq($$select name from find_zones('new york', 20)$$, $$values ('America/New_York')$$, 'R-O1 a city as people write it');
select results_eq($$select name from find_zones(' New_York,', 20)$$, $$values ('America/New_York')$$, 'R-O1 ... or as the list does');
select is((select name from find_zones('berl', 20) limit 1), 'Europe/Berlin', 'R-O1 a part of it');
select is((select name from find_zones('america/argentina/u', 20) limit 1), 'America/Argentina/Ushuaia', 'R-O1 with its continent');
select is((select count(*)::int from find_zones('america', 20)), 20, 'R-O1 twenty at most');
select is_empty($$select * from find_zones('', 20) union all select * from find_zones(' / ', 20) union all select * from find_zones('%', 20) union all select * from find_zones('\', 20)$$, 'R-O1 nothing for nothing');
select is((select count(*)::int from find_zones('posix', 20)), 0, 'R-O1 no zone under a second name');

-- One's own name.
select set_own_name(:'ada', 'Ada King');
select is((select name from own_settings(:'ada')), 'Ada King', 'a name can be changed');
select throws_ok(format('select set_own_name(%L, E''A\nB'')', :'ada'), 'RC422', 'bad_name', 'R-F4 to one line');
select is_empty('select * from own_settings(''\x00'')', 'nothing of nobody');

select * from finish();
