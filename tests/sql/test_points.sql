-- R-B10: the ledger of points.
\ir fixture.sql
select plan(24);
select try.person(n) from unnest(array['Ada', 'Bob', 'Cem']) n;
select try.event('Talk', '2026-11-22 18:00+00'), try.event('Walk', '2026-11-23 18:00+00');
create function try.ledger(name text) returns text language sql as $$
  select coalesce(string_agg(what || ' ' || amount, ', ' order by id), '') from points where user_id = try.user_id(name) $$;
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Bob', 'Cem']) n;
create function try.session(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = session.name $$;
create function try.balance(name text) returns bigint language sql as $$
  select points from own_balances(try.session(name)) $$;
create function try.door(name text, status text) returns void language sql as $$
  select from mark_attendance((select id from organizations), null, array[row(
    (select id from event_participants where user_id = try.user_id(name) and event_id = try.event_id('Talk')),
    status, case when status <> 'unknown' then app_now() end, 'correction', 'other', null)::attendance_mark], null, 'req') $$;

select is(try.balance('Ada'), 0::bigint, 'R-B10 who did nothing has none');
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk', 'waitlisted');
select is(try.ledger('Ada'), 'register 10', 'R-B10 register 10');
select is(try.ledger('Bob'), 'waitlist 5', 'R-B10 waitlist 5');
update event_participants set status = 'registered';
select is(try.ledger('Bob'), 'waitlist 5, promoted 8', 'R-B10 promoted 8');
select is(try.ledger('Ada'), 'register 10', 'what stays as it was gives nothing');
update event_participants set status = 'cancelled' where user_id = try.user_id('Bob');
select is(try.ledger('Bob'), 'waitlist 5, promoted 8, cancel -5', 'R-B10 cancel -5');
update event_participants set status = 'registered' where user_id = try.user_id('Bob');
update event_participants set status = 'cancelled' where user_id = try.user_id('Bob');
update event_participants set status = 'registered' where user_id = try.user_id('Bob');
select is(try.ledger('Bob'), 'waitlist 5, promoted 8, cancel -5, register 10', 'again and again gives, and takes, each once');

select try.door('Ada', 'late');
select is(try.ledger('Ada'), 'register 10, attend 40', 'R-B10 attend 40, late in full');
select try.door('Ada', 'present');
select is(try.ledger('Ada'), 'register 10, attend 40', '... once');
select is(try.balance('Ada'), 50::bigint, 'the balance is their sum');
select try.door('Ada', 'absent');
select is(try.ledger('Ada'), 'register 10, attend 40, reversal -40', 'R-B10 a correction away from present or late takes it back');
select try.door('Ada', 'excused'), try.door('Ada', 'unknown');
select is(try.ledger('Ada'), 'register 10, attend 40, reversal -40', '... once');
select try.door('Ada', 'present');
select is(try.ledger('Ada'), 'register 10, attend 40, reversal -40, attend 40', '... and back again gives it again');
select is(try.balance('Ada'), 50::bigint, '... no more than once in all');

-- From before the ledger.
alter table event_participants disable trigger user;
insert into event_participants (event_id, org_id, user_id, attendance_status) select id, org_id, try.user_id('Cem'), 'present' from events where title = 'Talk';
alter table event_participants enable trigger user;
select try.door('Cem', 'absent');
select is(try.ledger('Cem'), '', 'what was not given is not taken back');
update event_participants set status = 'cancelled' where user_id = try.user_id('Cem');
select is(try.ledger('Cem'), 'cancel -5', 'a ledger may be below 0');
select is(try.balance('Cem'), 0::bigint, 'R-B10 the balance shown is not');

-- Walk-ins: one insert.
insert into event_participants (event_id, org_id, user_id, attendance_status) select id, org_id, try.user_id('Cem'), 'present' from events where title = 'Walk';
select is(try.ledger('Cem'), 'cancel -5, register 10, attend 40', 'who walks in has registered and come');

-- Who sees it.
select results_eq(format('select event_title, what_text, amount, zone from own_points(%L, null, 2)', try.session('Cem')), $$values ('Walk', 'Came', 40, 'Europe/Berlin'), ('Walk', 'Registered', 10, 'Europe/Berlin')$$, 'their own, the last first');
select is((select count(*)::int from own_points(try.session('Cem'), (select max(id) from points where user_id = try.user_id('Cem')), 10)), 2, '... and what was before');
select is_empty('select from own_points(null, null, 10)', 'nobody sees any');
select is_empty('select from own_balances(null)', '... nor a balance');
delete from users where name = 'Ada';
select is((select count(*)::int from points where user_id not in (select id from users)), 0, 'R-G1 erased with the person');

insert into events (org_id, title, starts_at) select :org, 'E' || n, app_now() from generate_series(1, 3000) n;
insert into points (user_id, org_id, event_id, what, amount) select try.user_id('Bob'), :org, id, 'attend', 40 from events where title ~ '^E\d';
analyze points;
create function try.plan(query text) returns text language plpgsql as $$
declare line text; said text := '';
begin
  for line in execute 'explain (costs off) ' || query loop said := said || line || ' '; end loop;
  return said;
end $$;
select matches(try.plan(format('select * from points where user_id = %s order by id desc limit 51', try.user_id('Bob'))), 'points_(latest|pkey)', 'the last ones are found by index');
select * from finish();
