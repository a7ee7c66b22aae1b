-- R-O2, R-G1: the calendar that other programs follow: what stands in it, for
-- how long, and who can open it.
\ir fixture.sql
select plan(40);
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Bob', 'America/New_York') as bob, try.person('Cem') as cem \gset
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Bob', 'Cem']) n;
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = $1 $$;
-- "Bar CONFIRMED 20261121T180000Z-20261121T200000Z 1"
create function try.feed(who text) returns text language sql stable as $$
  select string_agg(concat_ws(' ', e.summary, e.status, e.starts || coalesce('-' || e.ends, ''), e.sequence), ', ' order by e.uid collate "C") from own_feed(try.s(who)) f cross join feed_entries(f.id, f.generation) e $$;
create function try.shift(title text, starts timestamptz, ends timestamptz) returns bigint language sql as $$
  insert into duty_schedules (org_id, title, location, notes, start_at, end_at, updated_at) select id, title, 'Hall', 'Bring gloves', starts, ends, '2026-11-01 10:00+00' from organizations o where o.slug = 'org' returning id $$;
create function try.put(shift bigint, who bigint) returns bigint language sql as $$
  insert into duty_assignments (org_id, schedule_id, user_id, assigned_at) select org_id, id, who, '2026-11-02 10:00+00' from duty_schedules where id = shift returning id $$;

-- The address. It is Friday 20 November 2026, 18:00 UTC.
select is((select count(*)::int from own_feed(try.s('Bob'))), 0, 'there is no address that nobody asked for');
select make_feed(try.s('Bob')), make_feed(try.s('Bob')), make_feed(try.s('Cem'));
select id as feed, generation from own_feed(try.s('Bob')) \gset
select is((select count(*)::int from calendar_feeds), 2, 'asked for twice it is one');
select is((select concat_ws(' ', generation, made_at, made_text) from own_feed(try.s('Bob'))), '1 2026-11-20T13:00:00-05:00 Friday 20 November 2026, 13:00', '... made then, by the person''s clock');
select is(feed_is_there(:feed, 1), true, 'it opens a calendar');
select is(feed_is_there(f, g), false, 'R-A8 nothing opens ' || f || ' of generation ' || g) from (values (:feed, 0), (:feed, 2), (999999, 1)) w(f, g);
select is((select count(*)::int from feed_entries(:feed, 2)), 0, '... nor reads anything there');
select is(try.feed('Bob'), null, 'with nothing in it yet');

-- Shifts.
select try.shift('Bar', '2026-11-21 18:00+00', '2026-11-21 20:00+00') as bar, try.shift('Night', '2026-10-25 00:30+02', '2026-10-25 03:30+01') as night,
  try.shift('Old', '2026-10-21 15:00+00', '2026-10-21 17:59+00') as old \gset
select try.put(s, :bob) from unnest(array[:bar, :night, :old]) s;
select is(try.feed('Bob'), 'Bar CONFIRMED 20261121T180000Z-20261121T200000Z 1, Night CONFIRMED 20261024T223000Z-20261025T023000Z 1', 'shifts in UTC, also over a change of clocks; what was over 30 days ago is not in it');
select is(try.feed('Cem'), null, 'R-O2 nobody else''s');
select is((select concat_ws(' | ', uid, stamp, whole_days, location, description, path) from feed_entries(:feed, 1) where summary = 'Bar'), format('shift-%s | 20261102T100000Z | f | Hall | Bring gloves | /shifts/%s', :bar, :bar), '... with place, notes and a link, and when it last changed');
update duty_schedules set end_at = end_at + interval '1 hour', revision = 2, updated_at = '2026-11-03 10:00+00' where id = :bar;
select is((select concat_ws(' ', uid, sequence, stamp, ends) from feed_entries(:feed, 1) where summary = 'Bar'), format('shift-%s 2 20261103T100000Z 20261121T210000Z', :bar), 'moved, it is the same shift with the next number');
select say_shift_word(try.s('Bob'), :bar, 'declined', null);
select is(try.feed('Bob'), 'Bar CANCELLED 20261121T180000Z-20261121T210000Z 2, Night CONFIRMED 20261024T223000Z-20261025T023000Z 1', 'who said that they can''t come has it cancelled');
select is((select stamp from feed_entries(:feed, 1) where summary = 'Bar'), '20261120T180000Z', '... as of then');
select say_shift_word(try.s('Bob'), :bar, 'coming', null);
update duty_schedules set status = 'cancelled' where id = :bar;
select is((select status from feed_entries(:feed, 1) where summary = 'Bar'), 'CANCELLED', 'so has everybody when it does not take place');
update duty_schedules set status = 'active' where id = :bar;
select unassign_shift(try.s('Ada'), 'org', :bar, :bob);
select is((select concat_ws(' | ', status, summary, location, description, path, stamp) from feed_entries(:feed, 1) where uid = 'shift-' || :bar), 'CANCELLED | Bar | 20261120T180000Z', 'who is taken off has it cancelled, and sees no more of it');
select is(try.feed('Cem'), null, '... and nobody else');
select is(array(select has_left_shift(try.s(n), s) from (values ('Bob', :bar), ('Bob', :night), ('Cem', :bar)) w(n, s)), '{t,f,f}', 'R-O2 it is known of them, and of that shift alone');
select assign_shift(try.s('Ada'), 'org', :bar, jsonb_build_array(:bob), false);
select is((select string_agg(status, ', ') from feed_entries(:feed, 1) where uid = 'shift-' || :bar), 'CONFIRMED', '... until they are assigned again');
select offer_shift(try.s('Bob'), :bar), take_shift(try.s('Cem'), :bar, false);
select is((select status from feed_entries(:feed, 1) where uid = 'shift-' || :bar) || try.feed('Cem'), 'CANCELLEDBar CONFIRMED 20261121T180000Z-20261121T210000Z 2', 'a shift that another takes goes from one calendar to the other');
select is(prune_unassigned(10), 0, 'what is in a calendar is not pruned');
update duty_schedules set start_at = '2026-10-20 18:00+00', end_at = '2026-10-21 17:59+00' where id = :bar;
select is(prune_unassigned(0), 0, 'pruned are no more than asked for');
select is(prune_unassigned(10), 1, '... when no calendar has it any more');
select is((select count(*)::int from duty_unassignments), 0, '... and all of them');
delete from duty_schedules where id = :bar;

-- Events.
select try.event('Talk', '2026-11-22 18:00+00', '2026-11-22 19:30+00') as talk, try.event('Open end', '2026-11-23 18:00+00') as open_end,
  try.event('Fair', '2026-11-24 23:00+00', '2026-11-26 23:00+00') as fair, try.event('Past', '2026-10-20 10:00+00') as past, try.event('Draft', '2026-11-23 18:00+00', null, 'org', 'draft') as draft \gset
update events set all_day = true where id = :fair;
select try.registered('Bob', t, s) from (values ('Talk', 'registered'), ('Open end', 'waitlisted'), ('Fair', 'registered'), ('Past', 'registered'), ('Draft', 'registered')) w(t, s);
select is(try.feed('Bob'), 'Talk CONFIRMED 20261122T180000Z-20261122T193000Z 1, Open end TENTATIVE 20261123T180000Z-20261123T200000Z 1, Fair CONFIRMED 20261125-20261127 2, Night CONFIRMED 20261024T223000Z-20261025T023000Z 1', 'events they registered for; who waits for a place is not sure of it; whole days are days where it is');
update event_participants set status = 'cancelled' where user_id = :bob and event_id = :talk;
select is((select status from feed_entries(:feed, 1) where summary = 'Talk'), 'CANCELLED', 'who withdraws has it cancelled');
update event_participants set status = 'registered' where user_id = :bob and event_id = :talk;
update events set status = 'cancelled' where id = :talk;
select is((select status from feed_entries(:feed, 1) where summary = 'Talk'), 'CANCELLED', '... as everybody has when it is off');
update events set ends_at = starts_at where id = :open_end;
select is((select ends from feed_entries(:feed, 1) where summary = 'Open end'), null, 'what takes no time has no end');
update events set deleted_at = app_now() where id = :open_end;
select is((select count(*)::int from feed_entries(:feed, 1) where summary = 'Open end'), 0, 'what is deleted is not in it');

select try.event('Meet', '2026-11-27 18:00+00', '2026-11-27 19:00+00') as meet \gset
update events set location = 'Cellar', description = 'Bring maps' where id = :meet;
select try.registered('Bob', 'Meet');
select is((select concat_ws(' | ', status, location, description, path) from feed_entries(:feed, 1) where summary = 'Meet'), 'CONFIRMED | Cellar | Bring maps | /events/' || :meet, 'an event has its place, what it is, and a link');
delete from memberships where user_id = :bob;
select is((select concat_ws(' | ', status, location, description, path) from feed_entries(:feed, 1) where summary = 'Meet'), 'CANCELLED', 'R-O2 who was removed from the organisation has it cancelled, and sees no more of it');
insert into memberships (user_id, org_id) values (:bob, (select id from organizations where slug = 'org'));

-- Another address, and none.
select renew_feed(try.s('Bob'));
select is(feed_is_there(:feed, 1), false, 'with another address, the one before opens nothing');
select is((select generation || ' ' || feed_is_there(id, generation) from own_feed(try.s('Bob'))), '2 true', '... and the new one does');
select revoke_feed(try.s('Bob'));
select is(feed_is_there(:feed, 2), false, 'revoked, it opens nothing');
select make_feed(try.s('Bob'));
select is((select id > :feed from own_feed(try.s('Bob'))), true, '... nor does it when a new one is made');
select is(feed_is_there(:feed, 2) or feed_is_there(:feed, 1), false, '... ever');
select is((select count(*)::int from calendar_feeds f where f.user_id = :cem), 1, '... and nobody else loses theirs');

-- What goes with others leaves no trace.
select try.put(:night, :cem);
delete from users where id = :cem;
select is((select count(*)::int from duty_unassignments), 0, 'R-G1 whoever is deleted leaves none');
delete from duty_schedules where id = :night;
select is((select count(*)::int from duty_unassignments), 0, 'nor does a shift');
select * from finish();
