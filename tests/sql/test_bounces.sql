-- R-F2: what a report of non-delivery means for the address, as if it had been
-- refused at once.
\ir fixture.sql
select * from no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob, try.person('Cleo') as cleo \gset
-- A message of that person that a server took, that long ago: its id.
create sequence try.sent start 1000;
create function try.sent(person text, ago interval default '1 minute', state text default 'sent') returns bigint language sql as $$
  insert into notification_log (id, notification_id, org_id, kind, user_id, revision, scheduled_for, state, reply_code, retry_count, first_attempt_at, created_at, processed_at)
  values (nextval('try.sent'), 'registration-' || currval('try.sent'), 1, 'registration', try.user_id(person), 1, app_now(), state, 250, 1, app_now() - ago, app_now() - ago, app_now() - ago)
  returning id
$$;
create function try.bounce(id bigint, class text, status text) returns text language sql as $$ select record_bounce(id, class, status) $$;
create function try.suppressed() returns text language sql as $$
  select coalesce(string_agg(name || ' ' || suppressed_cause, ', ' order by name), '') from users where suppressed_at is not null
$$;
create function try.day(n int) returns void language sql as $$ select try.clock(timestamptz '2026-11-20 18:00+00' + n * interval '1 day') $$;

select try.sent('Ada') as first \gset
select is(try.bounce(:first, 'address', '5.1.1'), 'suppressed', 'R-F2 an address that does not exist is suppressed');
select is(try.suppressed(), 'Ada 5.1.1', '... and no other');
select is((select concat_ws('|', state, reply_code, last_error, bounced_at = app_now(), bounce_counts is null) from notification_log where id = :first), 'sent|250|5.1.1 came back|t|t', 'R-F5 the ledger has both: taken, and came back');
select is(try.bounce(:first, 'address', '5.1.1'), 'again', 'a second report of it changes nothing');
select is(try.bounce(try.sent('Bob'), c, s), 'noted', format('R-F2 %s %s suppresses nobody', c, s)) from (values ('retry', '4.4.7'), ('retry', '5.2.2'), ('ours', '5.7.1'), ('ours', null)) t(c, s);
select is(try.bounce(try.sent('Bob', '1 minute', s), 'address', '5.1.1'), 'unknown', format('R-F2 one that was %s did not come back', s)) from unnest(array['dead', 'skipped', 'expired', 'cancelled']) s;
select is(try.bounce(99, 'address', '5.1.1'), 'unknown', '... nor one that never was');
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
values ('registration-early', 1, 'registration', 3, :bob, app_now(), app_now(), app_now() + interval '1 day') returning id as early \gset
select is(try.bounce(:early, 'address', '5.1.1'), 'early', 'R-F2 ... one whose sending is not recorded yet is to come again');
select is(try.bounce(try.sent('Bob', '30 days'), 'address', '5.1.1'), 'old', 'R-F2 a report of a message of a month ago is not believed');
select throws_ok(format('select record_bounce(%s, %L, null)', try.sent('Bob'), c), 'RC422', 'bad_class', 'a class that is none: ' || coalesce(c, 'null')) from unnest(array['sent', null]) c;
select is(try.suppressed(), 'Ada 5.1.1', 'nobody else is suppressed');
select is(try.bounce(try.sent('Bob'), 'retry', 'ada@example.org'), 'noted', 'a status that is none');
select is((select last_error from notification_log order by bounced_at desc nulls last, id desc limit 1), 'came back', 'R-G3 ... is not kept');

-- A bare refusal: the third on a different day.
select is(try.bounce(try.sent('Cleo'), 'recipient', '550'), 'counted', 'R-F2 a bare refusal is counted');
select is(try.bounce(try.sent('Cleo'), 'recipient', '550'), 'counted', '... the same day once');
select try.day(1);
select is(try.bounce(try.sent('Cleo'), 'recipient', '550'), 'counted', '... the second day');
-- A mail that a server took says nothing: it took those that came back as well.
select try.sent('Cleo');
select try.day(2);
select is(try.bounce(try.sent('Cleo'), 'recipient', '550'), 'suppressed', '... and suppresses on the third');
select is(try.suppressed(), 'Ada 5.1.1, Cleo 550', 'R-F2 with what was said');
select try.sent('Cleo') as before, try.sent('Cleo') as bare \gset
select is(lift_suppression(:cleo), true, 'mailed again');
select is(bounces_counted(:cleo), 0, 'R-F2 lifted, it counts from the beginning');
select is(try.bounce(:before, 'address', '5.1.1') || ' ' || try.bounce(:bare, 'recipient', '550'), 'noted noted', '... what left before that is noted');
select is((select suppressed_at is null and bounces_counted(id) = 0 from users where id = :cleo), true, '... and puts nothing back');
select is(try.bounce(try.sent('Cleo', '0'), 'recipient', '550'), 'counted', '... so one more is the first');
select is(lift_suppression(:cleo), false, 'nothing was in the way');

-- Another address.
select try.person('Dee') as dee \gset
select try.sent('Dee') as one, try.sent('Dee') as late \gset
select is(try.bounce(:one, 'recipient', '550'), 'counted', 'an address refuses');
select is(bounces_counted(:dee), 1, '... once');
update users set email = 'dee@elsewhere.example' where id = :dee;
select is(bounces_counted(:dee), 0, 'R-F2 what the old address refused is no matter of the new one');
select is(try.bounce(:late, 'address', '5.1.1'), 'noted', '... nor what comes back from there later');
select is((select suppressed_at from users where id = :dee), null, '... so they are written to');
update notification_log set bounced_at = null, processed_at = app_now() where id = :late;
select is(try.bounce(:late, 'address', '5.1.1'), 'noted', '... of mail that was leaving at that moment too');
select is(try.bounce(try.sent('Dee', '0'), 'address', '5.1.1'), 'suppressed', '... what left since counts');

-- Refused at once and later are days alike.
select count_refusal(:bob, '550');
select try.day(3);
select is(try.bounce(try.sent('Bob'), 'recipient', '553'), 'counted', 'one day at once, one later');
select try.day(4);
select count_refusal(:bob, '551');
select is((select suppressed_cause from users where id = :bob), '551', 'R-F2 ... and a third at once suppress');
-- Days a month apart are no row of days.
select lift_suppression(:ada);
select try.day(10); select is(try.bounce(try.sent('Ada'), 'recipient', '550'), 'counted', 'a day');
select try.day(45); select is(try.bounce(try.sent('Ada'), 'recipient', '550'), 'counted', 'one five weeks later');
select try.day(80); select is(try.bounce(try.sent('Ada'), 'recipient', '550'), 'counted', 'and another');
select is(bounces_counted(:ada), 1, 'R-F2 what came back a month ago is forgotten');

-- Who is erased, or never was.
select try.sent('Cleo') as last \gset
delete from users where id = :cleo;
select is(try.bounce(:last, 'address', '5.1.1'), 'noted', 'R-G1 of who was erased nothing is kept anew');
select * from finish();
