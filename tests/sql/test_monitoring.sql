-- R-D1, R-D2, R-D5, R-D8, R-G1: who asked to be watched over, when they are due,
-- whom they named, and that somebody is there to be told.
\ir fixture.sql
select * from no_plan();

-- D2: the next check-in.
create function try.due(at text, hours int, preferred time, zone text) returns text language sql as $$
  select to_char(next_due(at::timestamptz, hours, preferred, zone) at time zone zone, 'MM-DD HH24:MI') || ' ' || to_char(next_due(at::timestamptz, hours, preferred, zone) at time zone 'UTC', 'HH24:MI') $$;
select is(try.due('2026-06-01 10:17+00', 24, null, 'Europe/Berlin'), '06-02 12:17 10:17', 'R-D2 due after the interval');
select is(try.due('2026-03-28 10:17+00', 24, null, 'Europe/Berlin'), '03-29 12:17 10:17', 'R-D2 ... which is hours, whatever the clocks do');
select is(try.due('2026-06-01 06:00+00', 24, '09:00', 'Europe/Berlin'), '06-02 09:00 07:00', 'R-D2 moved on to the preferred local time');
select is(try.due('2026-06-01 07:00+00', 24, '09:00', 'Europe/Berlin'), '06-02 09:00 07:00', 'R-D2 ... which it may be already');
select is(try.due('2026-06-01 07:00:01+00', 24, '09:00', 'Europe/Berlin'), '06-03 09:00 07:00', 'R-D2 ... never before the interval is over');
select is(try.due('2026-06-01 07:00+00', 1, '09:00', 'Pacific/Kiritimati'), '06-02 09:00 19:00', 'R-D2 where they are');
select is(try.due('2026-03-28 00:30+00', 24, '02:30', 'Europe/Berlin'), '03-29 03:00 01:00', 'R-D2 a time in a gap is the moment the clock jumps over it');
select is(try.due('2026-10-04 00:00+00', 1, '02:15', 'Australia/Lord_Howe'), '10-05 02:15 15:15', 'R-D2 after a gap of half an hour');
select is(try.due('2026-10-02 16:00+00', 23, '02:15', 'Australia/Lord_Howe'), '10-04 02:30 15:30', 'R-D2 ... and in it');
select is(try.due('2026-10-24 00:30+00', 24, '02:30', 'Europe/Berlin'), '10-25 02:30 00:30', 'R-D2 a time that occurs twice means the first');
select is(try.due('2026-10-24 00:31+00', 24, '02:30', 'Europe/Berlin'), '10-26 02:30 01:30', 'R-D2 ... after which comes the next day');
select is(try.due('2011-12-29 12:00+00', 24, '09:00', 'Pacific/Apia'), '12-31 09:00 19:00', 'R-D2 across a day that never was');
select is(try.due('2011-12-29 09:00+00', 24, '09:00', 'Pacific/Apia'), '12-31 00:00 10:00', 'R-D2 ... on which it would have been');
select is(
  (select count(*)::int from timezones z cross join generate_series(0, 364, 13) d cross join (values (time '00:15'), (time '02:30'), (time '09:00')) p(t)
   cross join lateral (select timestamptz '2026-01-01 05:00+00' + d * interval '1 day' as last) l
   cross join lateral next_due(l.last, 24, p.t, z.name) n
   where n < l.last + interval '24 hours' or n > l.last + interval '50 hours'), 0,
  'R-D2 in every zone, all year: never early, and within the day'
);

-- Enrolling.
select try.org('club') as club \gset
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Bob') as bob, try.person('Cem') as cem, try.person('Rita') as rita, try.person('Rolf') as rolf \gset
create function try.s(name text) returns bytea language sql as $$ select hash from sessions where user_id = try.user_id(name) order by id desc limit 1 $$;
select try.sign_in('Ada'), try.sign_in('Bob'), try.sign_in('Cem');
create function try.enrol(name text, hours int default 24, at text default null, org text default 'org') returns void language sql as $$ select monitoring_enrol(try.s(name), org, hours, at, 'watch-1') $$;
select is((select confirmed_at is not null from users where id = :bob), true, 'R-D2 who signed in by a mailed link has a confirmed address');
select is((select confirmed_at from users where id = :rita), null, '... others have not');
select throws_ok($$select try.enrol('Bob')$$, 'RC409', 'no_responder', 'R-D2 refused while there is no responder');
select set_responder(try.s('Ada'), 'org', :rita, true, 'req');
select throws_ok($$select try.enrol('Bob')$$, 'RC409', 'no_responder', 'R-D2 ... or none with a confirmed address');
select try.sign_in('Rita');
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where id = :rita;
select throws_ok($$select try.enrol('Bob')$$, 'RC409', 'no_responder', 'R-D2 ... or none whom mail reaches');
update users set suppressed_at = null, suppressed_cause = null where id = :rita;
select is((select string_agg(slug || ' ' || has_responder, ', ') from watch_orgs(try.s('Bob'))), 'org true', 'where one can enrol');
select throws_ok($$select try.enrol('Bob', 0)$$, 'RC422', 'bad_interval', 'R-D2 an interval of 0 is refused');
select throws_ok($$select try.enrol('Bob', 169)$$, 'RC422', 'bad_interval', 'R-D2 ... and 169');
select throws_ok($$select try.enrol('Bob', null)$$, 'RC422', 'bad_interval', 'R-D2 ... and none');
select throws_ok($$select try.enrol('Bob', 24, '25:00')$$, 'RC422', 'bad_time', 'R-D2 a time that is none is refused');
select throws_ok($$select monitoring_enrol(try.s('Bob'), 'org', 24, null, '')$$, 'RC422', 'no_consent', 'R-D2 not without consent');
select throws_ok($$select try.enrol('Bob', 24, null, 'club')$$, 'RC404', 'absent', 'R-O2 only by an organisation one is in');
select throws_ok($$select monitoring_enrol('\x00', 'org', 24, null, 'watch-1')$$, 'RC401', 'no_session', 'only who is signed in');
select try.enrol('Bob', 24, '09:00');
select is((select concat_ws(' ', org_id = :org, interval_hours, preferred_time, consent_version, enrolled_at) from monitoring where user_id = :bob), 't 24 09:00:00 watch-1 2026-11-20 18:00:00+00', 'R-D2 enrolled');
select is((get_user_status(:bob)).next_due, '2026-11-22 08:00+00', 'R-D2 who never checked in counts from the enrolment');
select is((get_user_status(:cem)).user_id, null, 'of others there is no status');
select throws_ok($$select try.enrol('Bob')$$, 'RC409', 'already_watched', 'once');
select is((select concat_ws(' ', is_enrolled, org_name, preferred_time, next_text, next_span, is_overdue) from own_watch(try.s('Bob'))), 't Org org 09:00 Sunday 22 November 2026, 09:00 38 hours f', 'next due in words');

-- Changing.
select throws_ok($$select monitoring_change(try.s('Bob'), 169, null)$$, 'RC422', 'bad_interval', 'changed to nothing that is none');
select throws_ok($$select monitoring_change(try.s('Cem'), 24, null)$$, 'RC409', 'not_watched', '... by who is watched over');
select monitoring_change(try.s('Bob'), 12, '10:30');
select is((get_user_status(:bob)).next_due, '2026-11-21 09:30+00', 'R-D2 due by what is set now');
select set_own_zone(try.s('Bob'), 'Pacific/Auckland');
select is((get_user_status(:bob)).next_due, '2026-11-21 21:30+00', 'R-D2 ... where they are now');
select set_own_zone(try.s('Bob'), null);
update organizations set timezone = 'America/New_York' where id = :org;
select is((get_user_status(:bob)).next_due, '2026-11-21 15:30+00', '... or their organisation is');
update organizations set timezone = 'Europe/Berlin' where id = :org;

-- D5, D8: what is written, together.
select is((select count(*)::int from outbox where user_id = :bob and kind = 'status'), (get_user_status(:bob)).revision::int, 'R-D5 each change of the status is handed on');
select is((select payload from outbox where user_id = :bob order by id desc limit 1), jsonb_build_object('userId', :bob::text, 'lastCheckIn', null, 'nextDue', extract(epoch from timestamptz '2026-11-21 09:30+00')::bigint * 1000, 'alertLevel', null, 'alertTriggeredAt', null, 'revision', (get_user_status(:bob)).revision), 'R-D6 ... with all of it');
select add_activity(:bob, :org, 'conversation', 'Wrote a message ' || n, '{}') from generate_series(1, 120) n;
select is((select count(*)::int from recent_activities(:bob)), 20, 'R-D8 twenty by default');
select is((select array_agg(description order by id desc) from recent_activities(:bob, 2)), '{"Wrote a message 120","Wrote a message 119"}', 'R-D8 the newest first');
select is((select count(*)::int from recent_activities(:bob, 100)), 100, 'R-D8 a hundred');
select throws_ok(format('select recent_activities(%s, 101)', :bob), 'RC422', 'bad_limit', 'R-D8 ... and no more');
select throws_ok(format('select recent_activities(%s, 0)', :bob), 'RC422', 'bad_limit', 'R-D8 ... nor none');
select is((select payload #>> '{metadata,id}' = a.id::text from outbox o, activities a where o.kind = 'activity' order by o.id desc, a.id desc limit 1), true, 'R-D6 the mirror can drop a repeat');
select is((select count(*)::int from own_activities(try.s('Bob'))), 20, 'R-D8 their own');
select is((select count(*)::int from own_activities(try.s('Cem'))), 0, '... and nobody else''s');
select is((select count(*) || ' ' || min(day) || ' ' || max(day) from own_watch_days(try.s('Bob'), 60)), '60 2026-09-22 2026-11-20', 'sixty days, today the last');

-- The last responder.
select set_responder(try.s('Ada'), 'org', :rolf, true, 'req');
select throws_ok(format('select set_responder(try.s(''Ada''), ''org'', %s, false, ''req'')', :rita), 'RC409', 'last_responder', 'R-D2 the last responder whom mail reaches keeps the flag');
select throws_ok(format('select remove_person(try.s(''Ada''), ''org'', %s, ''req'')', :rita), 'RC409', 'last_responder', 'R-D2 ... the membership');
select throws_ok($$select erase_me(try.s('Rita'), sha256('r'), 'req')$$, 'RC409', 'last_responder', 'R-D2 ... and the account');
select change_role(try.s('Ada'), 'org', :rita, 'member', 'staff', 'req');
select is((select role || responder from memberships where user_id = :rita), 'stafftrue', '... a role is another thing');
select try.sign_in('Rolf');
select lives_ok(format('select set_responder(try.s(''Ada''), ''org'', %s, false, ''req'')', :rita), 'R-D2 not while another is there');
select set_responder(try.s('Ada'), 'org', :rita, true, 'req');
-- Two who go at once: one stays.
create function try.connect(name text) returns text language sql as $$ select dblink_connect(name, format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database())) $$;
select try.connect('one'), try.connect('two');
select dblink_exec('one', 'begin'), dblink_exec('one', format('delete from memberships where user_id = %s', :rita));
select dblink_send_query('two', format('delete from memberships where user_id = %s', :rolf));
select pg_sleep(0.3);
select dblink_exec('one', 'commit');
select * from dblink_get_result('two', false) as t(a text);
select matches(dblink_error_message('two'), 'last_responder', 'R-D2 of the last two, who go at once, one stays');
select * from dblink_get_result('two', false) as t(a text);
select dblink_disconnect('one'), dblink_disconnect('two');
select is((select count(*)::int from memberships where responder), 1, '...');
insert into memberships (user_id, org_id) values (:rita, :org);

-- Contacts.
create function try.state() returns text language sql as $$ select coalesce(string_agg(concat_ws(' ', name, state), ', ' order by priority), '') from monitoring_contacts $$;
select throws_ok($$select contact_add(try.s('Cem'), 'Zoe', 'zoe@example.com', null)$$, 'RC409', 'not_watched', 'contacts are of who is watched over');
select throws_ok($$select contact_add(try.s('Bob'), '', 'zoe@example.com', null)$$, 'RC422', 'bad_name', 'with a name');
select throws_ok($$select contact_add(try.s('Bob'), 'Zoe', 'zoe', null)$$, 'RC422', 'bad_email', '... and an address');
select throws_ok($$select contact_add(try.s('Bob'), E'Zoe\r\nBcc: x', 'zoe@example.com', null)$$, 'RC422', 'bad_name', 'R-F4 ... of one line');
select throws_ok($$select contact_add(try.s('Bob'), 'Me', 'BOB@example.org', null)$$, 'RC422', 'contact_self', '... that is not their own');
delete from scheduled_notifications;
select contact_add(try.s('Bob'), 'Zoe', 'zoe@example.com', sha256('zoe')) as zoe \gset
select contact_add(try.s('Bob'), 'Yan', 'yan@example.com', sha256('yan')) as yan \gset
select throws_ok($$select contact_add(try.s('Bob'), 'Zoe again', 'ZOE@example.com', null)$$, 'RC422', 'contact_twice', 'each once');
select is(try.state(), 'Zoe asked, Yan asked', 'R-D2 they are asked');
select is((select string_agg(concat_ws(' ', kind, user_id is null, urgency), ', ') from scheduled_notifications where kind = 'contact_consent'), 'contact_consent t 0, contact_consent t 0', 'R-F7 by mail, as account mail');
select is((select string_agg(concat_ws(' ', p.outcome, p.email, p.name, p.row_id, p.generation, p.expires_at - app_now(), p.data ->> 'person_name', p.data ->> 'contact_name', p.preference_id), ', ' order by p.email) from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p), format('send yan@example.com Yan %s 1 30 days Bob Yan, send zoe@example.com Zoe %s 1 30 days Bob Zoe', :yan, :zoe), '... with a link for 30 days');
select record_sent(id, lease_id, 250, 1) from scheduled_notifications where kind = 'contact_consent';
select throws_ok(format('select contact_ask(try.s(''Bob''), %s)', :zoe), 'RC409', 'contact_ask_soon', 'asked again a day later at the earliest');
select throws_ok(format('select contact_ask(try.s(''Cem''), %s)', :zoe), 'RC409', 'not_watched', '... by who named them');
select is((select concat_ws(' ', state, contact_name, person_name, is_open) from contact_link(:zoe, 1, '2026-12-20 18:00+00')), 'asked Zoe Bob t', 'their own link');
select is((select count(*)::int from contact_link(:zoe, 2, '2026-12-20 18:00+00')), 0, '... and no other');
select throws_ok(format('select contact_answer(%s, 1, ''2026-11-20 17:00+00'', ''yes'')', :zoe), 'RC410', 'link_expired', 'no yes after 30 days');
select throws_ok(format('select contact_answer(%s, 1, ''2026-12-20 17:00+00'', ''maybe'')', :zoe), 'RC422', 'bad_choice', 'yes or no');
select throws_ok(format('select contact_answer(%s, 7, ''2026-12-20 17:00+00'', ''yes'')', :zoe), 'RC404', 'absent', 'by a link of theirs');
select is(contact_answer(:zoe, 1, '2026-12-20 18:00+00', 'yes'), 'consented', 'R-D2 yes');
select is(contact_answer(:yan, 1, '2026-12-20 18:00+00', 'no'), 'declined', '... and no');
select is(contact_answer(:zoe, 1, '2026-11-01 18:00+00', 'no'), 'withdrawn', 'R-D2 withdrawn at any time');
select throws_ok(format('select contact_ask(try.s(''Bob''), %s)', :yan), 'RC409', 'contact_answered', 'who said no is not asked again');
select contact_move(try.s('Bob'), :yan, true);
select is(try.state(), 'Yan declined, Zoe withdrawn', 'R-D2 who is told first');
select contact_move(try.s('Bob'), :yan, true);
select is(try.state(), 'Yan declined, Zoe withdrawn', '... and no further');
select is((select string_agg(concat_ws(' ', place, name, is_first, is_last), ', ') from own_contacts(try.s('Bob'))), '1 Yan t f, 2 Zoe f t', 'in order');
select is(contact_data(:zoe, 1)::jsonb ->> 'email' || coalesce(contact_data(:zoe, 2), ''), 'zoe@example.com', 'R-G1 a contact can take along what is kept of them');
select contact_erase(:zoe, 1, sha256('zoe') || sha256('old'));
select is(try.state(), 'Yan declined', 'R-G1 ... and have it erased');
select throws_ok($$select contact_add(try.s('Bob'), 'Zoe', 'zoe@example.com', sha256('new') || sha256('zoe'))$$, 'RC422', 'contact_stopped', 'R-G1 ... for good: not asked again by them');
select contact_add(try.s('Bob'), 'N' || n, format('n%s@example.com', n), null) from generate_series(1, 4) n;
select throws_ok($$select contact_add(try.s('Bob'), 'N5', 'n5@example.com', null)$$, 'RC409', 'many_contacts', 'five at most');
-- Refusing addresses.
select is((select string_agg(record_failed(c.id, c.lease_id, case p.email when 'n1@example.com' then 'address' else 'recipient' end, 550, null, 'refused'), ' ') from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p), 'dead dead dead dead', 'R-F2 mail to contacts that is refused');
select is((select string_agg(name, ' ') from monitoring_contacts where suppressed_at is not null), 'N1', 'R-F2 one that does not exist is left alone');
select note_contact_refusal(id, 'recipient_refused') from monitoring_contacts where name = 'N2';
select is((select cardinality(refused_on) from monitoring_contacts where name = 'N2'), 1, '... one that refuses twice a day not yet');
select try.clock('2026-11-21 18:00+00'); select note_contact_refusal(id, 'recipient_refused') from monitoring_contacts where name = 'N2';
select try.clock('2026-11-22 18:00+00'); select note_contact_refusal(id, 'recipient_refused') from monitoring_contacts where name = 'N2';
select is((select string_agg(name, ' ' order by name) from monitoring_contacts where suppressed_at is not null), 'N1 N2', 'R-F2 ... on the third day');
-- Who may know.
select is('contact_consent' = any (hidden_kinds(:org, :ada)), true, 'R-O1 being admin is not enough to know that somebody''s contacts were asked');
select is('contact_consent' = any (hidden_kinds(:org, :rolf)), false, 'R-O1 being a responder is');
-- Pruned.
select prune(1000);
select is((select count(*) > 0 from outbox), true, 'what is handed on is kept for a week');
select try.clock('2026-11-30 18:00+00'); select prune(1000);
select is((select count(*)::int from outbox), 0, '... and no longer');
select * from finish();
