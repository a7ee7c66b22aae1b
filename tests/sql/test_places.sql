-- R-B1, R-F7: places, the waiting list, and the mails about them.
\ir fixture.sql
select plan(38);

select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dan', 'Eva', 'Fay']) n;
select try.event('Talk', '2026-11-22 18:00+00');
update events set capacity = 2 where title = 'Talk';
create function try.register(name text, title text default 'Talk') returns text language sql
  as $$ select register_for_event(try.sign_in(name), try.event_id(title), 'req') $$;
create function try.withdraw(name text, title text default 'Talk') returns void language sql
  as $$ select withdraw_from_event(try.sign_in(name), try.event_id(title), 'req') $$;
create function try.places(title text default 'Talk') returns text language sql as $$
  select string_agg(u.name || ' ' || p.status, ', ' order by u.name)
  from event_participants p join users u on u.id = p.user_id where p.event_id = try.event_id(title) and p.status <> 'cancelled'
$$;
create function try.mails() returns text language sql as $$
  select coalesce(string_agg(u.name || ' ' || q.kind || ' ' || q.notify_type, ', ' order by q.id), '')
  from scheduled_notifications q join users u on u.id = q.user_id
$$;

select is(try.register(n), case when n in ('Ada', 'Bob') then 'registered' else 'waitlisted' end, 'R-B1 two places: ' || n)
from unnest(array['Ada', 'Bob']) n;
select try.clock('2026-11-20 18:01+00'), try.register('Dan');
select try.clock('2026-11-20 18:02+00'), try.register('Cem');
select is(try.places(), 'Ada registered, Bob registered, Cem waitlisted, Dan waitlisted', 'R-B1 who comes later waits');
select is(waiting_place(try.sign_in(n), try.event_id('Talk')), w, 'the page says the place: ' || n) from (values ('Dan', 1::bigint), ('Cem', 2), ('Ada', null), ('Eva', null)) t(n, w);
select is(try.mails(), 'Ada registration registered, Bob registration registered, Dan registration waitlisted, Cem registration waitlisted', 'each is mailed what they have');
select is((select count(*)::int from scheduled_notifications where expires_at = '2026-11-22 18:00+00' and urgency = 3), 4, 'R-F7 until the event''s start');
select try.clock('2026-11-20 18:03+00');
select lives_ok($$select try.register('Cem')$$, 'again is no error');
select is(waiting_place(try.sign_in('Cem'), try.event_id('Talk')), 2::bigint, '... and moves nobody');

-- What a mail is made of.
create temporary table prepared as
  select c.kind, c.user_id, p.* from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p;
select results_eq(
  format($$select data ->> 'is_registered', data ->> 'waiting_place', row_id, expires_at from prepared where user_id in (%s, %s) order by user_id$$, try.user_id('Ada'), try.user_id('Cem')),
  $$select case u.name when 'Ada' then 'true' else 'false' end, case u.name when 'Ada' then '0' else '2' end,
      case u.name when 'Ada' then p.id end, case u.name when 'Ada' then timestamptz '2026-11-29 20:00+00' else '2026-11-22 18:00+00' end
    from event_participants p join users u on u.id = p.user_id where u.name in ('Ada', 'Cem') order by u.id$$,
  'the ticket of who has a place, until a week after the end; the waiting list''s place of who waits');
select is((select bool_and(template = 'mail_place' and preference_id is not null) from prepared), true, 'R-F4 each with its stop link');
update scheduled_notifications set lease_until = null, lease_id = null;

-- Somebody goes: the next one gets the place.
select try.withdraw('Bob');
select is(try.places(), 'Ada registered, Cem waitlisted, Dan registered', 'a place that comes free goes to who waits longest');
select is(waiting_place(try.sign_in('Cem'), try.event_id('Talk')), 1::bigint, '... and the others move up');
select ok(try.mails() like '%, Dan promotion registered', '... who is mailed');
select is(try.deliver(), 3, 'two have what they were mailed, and one has got a place');
select is(try.logged(), 'Ada sent, Bob skipped withdrawn, Cem sent, Dan skipped place_changed, Dan sent', 'R-F5 why the others are not sent');
select try.clock('2026-11-20 18:04+00');
select is(try.register('Bob'), 'waitlisted', 'who comes back waits behind the others');
select is(waiting_place(try.sign_in('Bob'), try.event_id('Talk')), 2::bigint, '... at the end');

-- Room is made.
update events set capacity = 3 where title = 'Talk';
select is(try.places(), 'Ada registered, Bob waitlisted, Cem registered, Dan registered', 'more places: the next in order');
update events set capacity = 1 where title = 'Talk';
select is(try.places(), 'Ada registered, Bob waitlisted, Cem registered, Dan registered', 'fewer places take nobody off the list');
select try.withdraw('Dan');
select is(try.places(), 'Ada registered, Bob waitlisted, Cem registered', '... and one that comes free then is none');
update events set capacity = null where title = 'Talk';
select is(try.places(), 'Ada registered, Bob registered, Cem registered', 'without a limit nobody waits');

-- However somebody goes.
update events set capacity = 3 where title = 'Talk';
select try.clock('2026-11-20 18:05+00'), try.register('Dan'), try.register('Eva');
update memberships set role = 'admin' where user_id = try.user_id('Fay');
select remove_person(try.sign_in('Fay'), 'org', try.user_id('Ada'), 'req');
select is(try.places(), 'Bob registered, Cem registered, Dan registered, Eva waitlisted', 'who is removed gives the place on');
delete from users where name = 'Bob';
select is(try.places(), 'Cem registered, Dan registered, Eva registered', '... and who is erased');

-- Nobody passes who waits.
select try.clock('2026-11-20 18:06+00'), try.register('Fay');
alter table event_participants disable trigger event_participants_freed;
select try.clock('2026-11-20 18:07+00'), try.withdraw('Cem');
alter table event_participants enable trigger event_participants_freed;
select is(try.register('Cem'), 'waitlisted', 'with a place free and somebody waiting, the new one waits');
select is(promote_waiting(try.event_id('Talk')), 1, '... behind them');
select is(try.places(), 'Cem waitlisted, Dan registered, Eva registered, Fay registered', '... in order');

-- Never past the start.
select try.clock('2026-11-22 18:00+00'), try.withdraw('Dan');
select is(try.places(), 'Cem waitlisted, Eva registered, Fay registered', 'nobody is promoted once it has begun');
select is(promote_waiting(try.event_id('Talk')), 0, '... by nobody');
update events set starts_at = '2026-11-23 18:00+00' where title = 'Talk';
select is(try.places(), 'Cem registered, Eva registered, Fay registered', 'moved to later, they are');
select try.event('Soon', '2026-11-22 17:59+00', '2026-11-22 21:00+00', status => 'ongoing');
delete from scheduled_notifications;
select try.register('Cem', 'Soon');
select is(try.mails(), '', 'no mail about a place at what has begun');

-- R-F7 quiet hours.
select try.clock('2026-11-22 22:00+00');
update users set quiet = true, timezone = 'Europe/Berlin';
select try.event('Far', '2026-11-23 22:00:01+00'), try.event('Near', '2026-11-23 22:00+00');
select try.register('Eva', 'Far'), try.register('Fay', 'Near');
select is((select string_agg(u.name || ' ' || p.outcome || coalesce(' ' || p.cause, ''), ', ' order by u.name)
  from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p join users u on u.id = c.user_id), 'Eva hold quiet_hours, Fay send', 'R-F7 held at night, unless it starts within 24 hours');
select is((select not_before from scheduled_notifications where user_id = try.user_id('Eva')), '2026-11-23 07:00+00'::timestamptz, '... until the morning');

-- The reads are bounded by the event.
insert into users (email, name) select 'p' || n || '@example.org', 'P' || n from generate_series(1, 2000) n;
insert into event_participants (event_id, org_id, user_id, status)
select e.id, e.org_id, u.id, 'waitlisted' from events e, users u where e.title = 'Soon' and u.name ~ '^P\d';
analyze event_participants;
create function try.plan(query text) returns text language plpgsql as $$
declare line text; said text := '';
begin
  for line in execute 'explain (costs off) ' || query loop said := said || line || ' '; end loop;
  return said;
end $$;
select ok(try.plan(format('select id from event_participants where event_id = %s and status = ''waitlisted'' order by updated_at, id limit 1', try.event_id('Talk'))) like '%event_participants_waiting%', 'who is next is found by the index');
-- Two changes of one place in one second are two mails.
select try.event('Walk', '2026-12-22 18:00+00');
select try.clock('2026-11-20 19:00:00.1+00'), try.register('Eva', 'Walk');
select try.clock('2026-11-20 19:00:00.2+00'), try.withdraw('Eva', 'Walk');
select try.clock('2026-11-20 19:00:00.3+00'), try.register('Eva', 'Walk');
select is((select count(*)::int from scheduled_notifications q where q.event_id = try.event_id('Walk')), 2, 'R-F7 two changes of a place in one second have a mail each');
select is((select count(distinct notification_id)::int from scheduled_notifications q where q.event_id = try.event_id('Walk')), 2, '... under their own names');
select * from finish();
