-- R-O3: what counts the asking for links, and sessions that are over, do not
-- pile up; the ledger of R-F5 stays.
\ir fixture.sql
select plan(25);
select try.person('Ada'), try.person('Bob');
\set hash 'decode(repeat(\'01\', 32), \'hex\')'
\set session 'decode(repeat(\'aa\', 32), \'hex\')'
create function try.pruned() returns text language sql as $$ select requests || ' ' || sessions from prune(1000) $$;

-- Requests.
select sign_in_ask('nobody@example.org', decode(lpad(to_hex(n), 64, '0'), 'hex')) from generate_series(1000, 1009) n;
select sign_in_ask('ada@example.org', :hash);
select max(id) as request from sign_in_requests \gset
select try.clock('2026-11-20 18:59:59+00');
select sign_in_ask('ada@example.org', :hash), sign_in_ask('ada@example.org', :hash);
update scheduled_notifications set lease_until = '2026-11-21 18:00+00' where sign_in_request_id = :request;
select try.deliver();
select try.clock('2026-11-21 18:00:00+00');
select is(try.pruned(), '0 0', 'R-O3 what may be counted or opened is kept a day');
select try.clock('2026-11-21 18:00:01+00');
select is((select requests from prune(4)), 4, 'no more at once than asked for');
select is((select count(*)::int from sign_in_requests), 9, '... the oldest');
select is(try.pruned(), '6 0', 'R-O3 a request of a day ago goes, known or not');
select results_eq('select count(*)::int from scheduled_notifications where kind = ''sign_in''', array[1], 'R-F5 but not while its mail is in the queue');
select expire_notifications(100);
select is(try.pruned(), '1 0', '... and then it does');
select is((select string_agg(state, ',' order by id) from notification_log where kind = 'sign_in'), 'expired,sent,sent', 'R-F5 the ledger has every one');
select is((select count(*)::int from notification_pushes), 2, 'R-T4 and what was sent stays marked');
select is((select count(*)::int from sign_in_requests where email_hash = :hash), 2, 'R-O3 newer ones stay');
select results_eq(format('select state, user_name from sign_in_link(%s, 1, %L)', :request, '2026-11-20 18:15+00'), $$values ('expired', null)$$, 'R-O3 a link whose row is gone still says that it expired');
select throws_ok(format('select sign_in_use(%s, 1, %L, %s, '''')', :request, '2026-11-20 18:15+00', :'session'), 'RC410', 'link_expired', '... its button too');
select is_empty(format('select * from sign_in_link(%s, 1, %L)', :request, '2026-11-22 18:15+00'), 'a row that never was is nothing');
select throws_ok(format('select sign_in_use(%s, 1, %L, %s, '''')', :request, '2026-11-22 18:15+00', :'session'), 'RC404', 'absent', '... its button neither');

-- Sessions.
select try.sign_in('Ada') as ended \gset
select try.sign_in('Bob') as expires \gset
select sign_out(:'ended');
select try.clock('2026-12-21 18:00:01+00');
select is((select sessions from prune(1000)), 0, 'R-O3 a session stays for 30 days after its end');
select try.clock('2026-12-21 18:00:02+00');
select is((select sessions from prune(1000)), 1, 'R-O3 ... one that was ended');
select try.clock('2027-01-20 18:00:01+00');
select is((select sessions from prune(1000)), 0, 'R-O3 ... one that ran out');
select try.clock('2027-01-20 18:00:02+00');
select is((select sessions from prune(1000)), 1, 'R-O3 ... a second later');

-- Contacts of devices at a door.
select try.event('Talk', '2026-11-20 18:00+00') as talk \gset
select try.event('Camp', '2026-11-20 18:00+00', '2026-12-19 18:00+00') as camp, try.event('Off', '2026-12-01 18:00+00', '2026-12-01 20:00+00', 'org', 'cancelled') as off \gset
insert into door_contacts (org_id, event_id, user_id, device, at)
select e.org_id, e.id, try.user_id('Ada'), gen_random_uuid(), '2026-11-20 18:00+00' from events e, generate_series(1, 3) n where e.id in (:talk, :camp, :off);
create function try.contacts() returns text language plpgsql as $$
begin
  perform prune(1000);
  return (select string_agg(title || ' ' || n, ', ' order by title) from (select e.title, count(*) as n from door_contacts c join events e on e.id = c.event_id group by 1) t);
end $$;
select try.clock('2026-11-20 23:00+00');
select advance_events(), try.clock('2026-11-22 23:00+00');
select is(try.contacts(), 'Camp 3, Off 3, Talk 3', 'R-B3 a contact of a device at the door stays for 48 hours after completion');
select try.clock('2026-11-22 23:00:01+00');
select is(try.contacts(), 'Camp 3, Off 3', '... and then it goes');
select try.clock('2026-12-03 20:00:01+00');
select is(try.contacts(), 'Camp 3', '... of a cancelled event 48 hours after its end');
select try.clock('2026-12-19 18:00+00');
select is(try.contacts(), 'Camp 3', 'R-B3 that of an event of a month stays for the month');
select advance_events(), try.clock('2026-12-21 18:00:01+00');
select prune(1) is not null;
select is((select count(*)::int from door_contacts), 2, '... no more at once than asked for');
select is(try.contacts(), null, 'R-B3 ... and 48 hours');
select try.clock('2027-01-20 18:00:02+00');

-- Cheap, however much there is.
insert into sign_in_requests (email_hash, created_at, expires_at)
select sha256(int4send(n)), app_now(), app_now() from generate_series(1, 20000) n;
insert into sessions (user_id, hash, created_at, last_seen_at, expires_at)
select try.user_id('Ada'), sha256(int4send(n)), app_now(), app_now(), app_now() from generate_series(1, 20000) n;
analyze sign_in_requests, sessions;
select pg_stat_force_next_flush(), prune(1000);
select pg_stat_reset();
select pg_stat_force_next_flush(), prune(1000);
select pg_stat_force_next_flush();
select is((select sum(seq_scan)::int from pg_stat_user_tables where relname in ('sign_in_requests', 'sessions')), 0, 'with nothing to do it reads the indexes only');
insert into scheduled_notifications (notification_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
select 'x' || n, 'sign_in', 0, try.user_id('Ada'), app_now(), app_now(), app_now() from generate_series(1, 20000) n;
analyze scheduled_notifications;
select try.clock('2027-02-20 18:00:02+00');
select pg_stat_reset(), pg_stat_force_next_flush();
select prune(500);
select pg_stat_force_next_flush();
select is((select seq_scan::int from pg_stat_user_tables where relname = 'scheduled_notifications'), 0, '... and looks into a full queue by an index');
select * from finish();
