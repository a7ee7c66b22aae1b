-- R-G1: what a person can take along, and being forgotten: every table and
-- column that may hold something of them is on the list, and after erasing
-- nothing of them is found in any.
\ir fixture.sql
select * from no_plan();

-- The list against the catalogue.
create function try.found() returns table (relation text, columns text[]) language sql stable as $$
  select c.relname::text, array_agg(a.attname::text order by a.attname)
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
  where c.relnamespace = 'public'::regnamespace
    and c.relkind in ('r', 'p', 'm', 'f')
    and c.relname <> 'test_clock'
    and (
      coalesce(e.typcategory, t.typcategory) = 'S'
      or coalesce(e.typname, t.typname) in ('bytea', 'json', 'jsonb', 'xml', 'tsvector', 'inet', 'hstore')
      or t.typtype = 'c'
      or a.attname ~ '(^|_)(user|actor|person|people|member|subject|failing|by)(_|$)' and coalesce(e.typname, t.typname) in ('int8', 'int4')
      or exists (
        select from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid = 'users'::regclass and a.attnum = any (k.conkey)
      )
      or c.relname = 'sign_in_requests' and a.attname = 'erased_address_id'
    )
  group by c.relname
$$;
create function try.unlisted() returns text language sql stable as $$
  select string_agg(format('%s.%s', f.relation, col), ', ' order by f.relation, col)
  from try.found() f
  cross join unnest(f.columns) as col
  where not exists (select from personal_data p where p.relation = f.relation and col = any (p.columns))
$$;
select is(try.unlisted(), null, 'R-G1 every table and column with a person or text in it is in personal_data');
select is(
  (select string_agg(format('%s.%s', p.relation, col), ', ') from personal_data p cross join unnest(p.columns) as col
   where not exists (select from try.found() f where f.relation = p.relation and col = any (f.columns))),
  null, '... which names nothing that is not there'
);
create table try_new (id bigint, note text);
alter table attendance add column mood text, add column seen_by bigint;
create table try_whose (person bigint references users);
select is(try.unlisted(), 'attendance.mood, attendance.seen_by, try_new.note, try_whose.person', '... and misses no new one');
drop table try_new, try_whose;
alter table attendance drop column mood, drop column seen_by;

-- Ada is everywhere; Bob and Cleo are there too.
select try.org('club') as club, try.org('quiet') as quiet \gset
select try.person('Ada', 'Europe/Berlin', 'org', 'admin') as ada, try.person('Bob', null, 'org', 'admin') as bob, try.person('Cleo') as cleo \gset
update users set name = 'Ada Quixote', email = 'Ada.Quixote@sail.example', locale = 'de-QX' where id = :ada;
insert into memberships (user_id, org_id) values (:ada, :club);
create function try.session(name text) returns bytea language sql as $$ select hash from sessions s join users u on u.id = s.user_id where u.name = $1 order by s.id desc limit 1 $$;
select try.sign_in('Ada Quixote'), try.sign_in('Bob'), try.sign_in('Cleo');
update sessions set device = 'Quixote browser' where user_id = :ada;
select try.event('Past', '2026-11-20 14:00+00') as past, try.event('Coming', '2026-11-25 15:00+00', null, 'club') as coming \gset
select try.viewed('Ada Quixote', 'Past'), try.viewed('Bob', 'Past'), try.registered('Ada Quixote', 'Past'), try.registered('Ada Quixote', 'Coming'), try.registered('Cleo', 'Past');
update event_participants set attendance_notes = 'Quixote came in armour', attendance_status = 'late', attendance_marked_at = app_now(), attendance_marked_by = :bob where user_id = :ada and event_id = :past;
update event_participants set attendance_status = 'present', attendance_marked_at = app_now(), attendance_marked_by = :ada where user_id = :cleo;
select count(schedule_post_event_prompts(100)), try.deliver();
select record_attendance(:ada, :past, 'attended', 'req-1'); select submit_feedback(:ada, :past, 4, 'Quixote was here');
select record_attendance(:cleo, :past, 'attended', 'req-2'); select submit_feedback(:cleo, :past, 2, 'Cleo''s words');
select append_audit(:org, :past, null, :cleo, :ada, 'correction', 'unknown', 'present', null, null, null, 'req-3');
select append_audit(:org, :past, null, :ada, :bob, 'correction', 'unknown', 'late', null, null, null, 'req-4');
insert into door_attempts (org_id, key, event_id, participant_id, actor_id, what, result, made_at, at)
  select p.org_id, gen_random_uuid(), p.event_id, p.id, :ada, 'check_in', 'present', app_now(), app_now() from event_participants p;
-- The door has Cleo and Ada; Cleo says otherwise, and Ada decides.
insert into mismatches (org_id, event_id, participant_id, user_id, door, answer, decision, decided_by, decided_at)
  select p.org_id, p.event_id, p.id, p.user_id, 'late', 'not_attended', 'door', :ada, app_now() from event_participants p where p.event_id = :past;
select from mark_attendance(:org, :bob, array(select row(id, 'excused', app_now(), 'correction', 'other', null)::attendance_mark from event_participants where user_id = :ada and event_id = :past), 'Quixote wrote that her horse was ill', 'req-5');
select set_responder(try.session('Ada Quixote'), 'org', :bob, true, 'req-5');
select set_responder(try.session('Bob'), 'org', :ada, true, 'req-6');
select set_own_name(try.session('Ada Quixote'), 'Ada Quixote');
update notifications set title = 'For Quixote', body = 'Dear Quixote' where user_id = :ada;
insert into talk_messages (org_id, user_id, author_id, body) values (:org, :ada, :bob, 'Dear Quixote'), (:org, :cleo, :ada, 'Quixote writes');
insert into event_notification_preferences (user_id, org_id, frequency) values (:ada, :club, 'none') on conflict (user_id, org_id) do update set frequency = 'none';
insert into category_preferences (user_id, org_id, category, channel, wanted) values (:ada, :org, 'shift', 'email', false);
select sign_in_ask('ada.quixote@sail.example', sha256('ada'));
insert into sign_in_requests (email_hash, org_id, email, name, expires_at) values (sha256('ada'), :quiet, 'ADA.quixote@sail.example', 'Quixote again', app_now());
insert into sign_in_requests (email_hash, user_id, new_email, old_email, consumed_at, expires_at) values (sha256('old'), :ada, 'ada.quixote@SAIL.example', 'old.quixote@sail.example', app_now(), app_now());
insert into sign_in_requests (email_hash, user_id, new_email, expires_at) values (sha256('ada'), :cleo, 'ada.quixote@sail.example', app_now());
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at, message, message_to, last_error)
values ('prompt-9-1-1-r1', :org, 'attendance_prompt', 3, :ada, app_now(), app_now(), app_now() + interval '1 day', 'To: Ada.Quixote@sail.example', 'Ada.Quixote@sail.example', 'no mailbox Quixote');
insert into notification_log (id, notification_id, org_id, kind, user_id, revision, scheduled_for, state, last_error, retry_count, created_at)
values (9999, 'prompt-8-1-1-r1', :org, 'attendance_prompt', :ada, 1, app_now(), 'dead', '550 no Quixote here', 1, app_now());
-- A shift of Ada's, which she assigned Cleo to as well, and is late for.
insert into duty_schedules (org_id, title, start_at, end_at) values (:org, 'Bar', app_now() + interval '30 minutes', app_now() + interval '3 hours') returning id as bar \gset
select assign_shift(try.session('Ada Quixote'), 'org', :bar, jsonb_build_array(:ada, :cleo), false);
select say_shift_word(try.session('Ada Quixote'), :bar, 'late', 5), staff_check_shift(try.session('Ada Quixote'), 'org', :bar, :cleo, 'check_in', false), check_shift(try.session('Ada Quixote'), :bar, 'check_in');
-- One that she offers, one that she took from Cleo, one that she was taken off.
insert into duty_schedules (org_id, title, start_at, end_at) select :org, 'Tea', app_now() + n * interval '1 day', app_now() + n * interval '25 hours' from generate_series(1, 3) n;
select assign_shift(try.session('Bob'), 'org', id, case extract(day from start_at) when 22 then jsonb_build_array(:cleo) else jsonb_build_array(:ada) end, true) from duty_schedules where title = 'Tea';
select offer_shift(try.session(case extract(day from start_at) when 22 then 'Cleo' else 'Ada Quixote' end), id) from duty_schedules where title = 'Tea' and extract(day from start_at) < 23;
select take_shift(try.session('Ada Quixote'), id, true) from duty_schedules where title = 'Tea' and extract(day from start_at) = 22;
select unassign_shift(try.session('Bob'), 'org', id, :ada) from duty_schedules where title = 'Tea' and extract(day from start_at) = 23;
select make_feed(try.session('Ada Quixote'));
-- Mail to others that tells of Ada, written already.
update scheduled_notifications q set message = convert_to('Quixote', 'UTF8'), message_to = 'bob@example.org' where kind in ('shift_news', 'shift_swap') and user_id <> :ada;
update scheduled_notifications q set message = convert_to('Quixote', 'UTF8'), message_to = 'bob@example.org', lease_id = 1, lease_until = app_now() + interval '1 hour' where kind = 'responder_news' and user_id <> :ada;
select is((select count(*)::int from scheduled_notifications where kind = 'responder_news' and user_id = :bob), 2, 'two mails to Bob: by Ada, and about her');
insert into access_log (user_id, org_id, action, what, subject) values (:ada, :org, 'opened', '/staff/:org/people/:id', :cleo);
insert into calendar_uploads (org_id, user_id, name, size, entries, refused, verdicts, new_count, changed_count, unchanged_count, refused_count)
values (:org, :ada, 'quixote.ics', 5, '[]', '[]', '[]', 0, 0, 0, 0);
select count_refusal(:ada, '550'); select suppress_address(:ada, '5.1.1 Quixote unknown');
insert into attendance_requests (org_id, event_id, participant_id, user_id, answer, outcome, decided_by, decided_at, reason)
select p.org_id, p.event_id, p.id, p.user_id, 'attended', 'denied', case p.user_id when :ada then :bob else :ada end, app_now(), 'Quixote decided'
from event_participants p where p.event_id = :past and p.user_id in (:ada, :cleo);

select add_device(try.session('Ada Quixote'), 'quixote-telephone-1', 'Quixote''s phone');
-- Watched over, with a contact; silent once; and she ended an alert of Cleo's.
select monitoring_enrol(try.session(name), 'org', 24, '09:00', 'watch-1') from unnest('{Ada Quixote,Cleo}'::text[]) name;
select contact_add(try.session('Ada Quixote'), 'Sister Quixote', 'sister.quixote@sail.example', null);
update user_status set next_due = app_now();
select l1 from step_alerts(10);
select check_in(try.session('Ada Quixote')), close_alert(try.session('Ada Quixote'), 'org', :cleo, 'Quixote met her');

-- The download.
select take_own_data(try.session('Ada Quixote')) as data \gset
create function try.data() returns jsonb language sql as $$ select own_data(u.id) from users u where u.name = 'Ada Quixote' $$;
select is(
  (select string_agg(k, ' ' order by k) from jsonb_object_keys(:'data'::jsonb) k),
  'about access account activities address_changes address_refusals alerts answers audit audit_reasons calendar_address calendars changes conversations devices door_attempts downloads mail_choices memberships messages messages_waiting mismatches notifications points questions registrations requests sessions shift_offers shift_times shifts shifts_left sign_in_requests viewed_events watch watch_contacts',
  'R-G1 the sections of the file keep their names'
);
select is(
  (select array_agg(p.relation order by p.relation) from personal_data p
   where p.downloaded !~ '^no: ' and not try.data() ? substring(p.downloaded from '^[a-z_]+')),
  null, '... and every table that is said to be in it has one of them'
);
select is(
  (select string_agg(k, ' ' order by k) from jsonb_object_keys(:'data'::jsonb) k where :'data'::jsonb -> k = '[]' and k <> 'downloads'),
  null, '... none of which is empty for Ada'
);
select is(try.data() #>> '{account,email}', 'Ada.Quixote@sail.example', 'the address as it is');
select is(try.data() #>> '{answers,0,words}', 'Quixote was here', 'own words');
select is(try.data() #>> '{devices,0,name}' || (:'data' like '%quixote-telephone%')::text, 'Quixote''s phonefalse', 'R-G3 a device by its name, and not its token');
select is(try.data() #>> '{registrations,0,door,notes}', 'Quixote came in armour', 'what the team wrote about her');
select is(try.data() #> '{answers,0,event,starts_at}', '{"utc": "2026-11-20T14:00:00Z", "local": "2026-11-20T15:00:00+01:00"}', 'times in UTC and local');
select ok(:'data' !~ '(Bob|Cleo|bob@|cleo@)', 'R-G1 nobody else''s name, address or words');
select is((select string_agg(a ->> 'of' || ' by ' || (a ->> 'by') || coalesce(' ' || (a ->> 'after'), ''), ', ' order by a -> 'place_in_chain') from jsonb_array_elements(try.data() -> 'audit') a), 'you by you attended, somebody else by you, you by somebody else late, you by somebody else excused', '... of whom she acted for, only that it was somebody');
select is(take_own_data(try.session('Ada Quixote')) = jsonb_pretty(try.data()), true, 'it is indented, and the same again but for the time');
select is(take_own_data(try.session('Cleo'))::jsonb #>> '{answers,0,words}', 'Cleo''s words', 'each their own');
select try.clock('2026-11-20 18:10+00');
select count(take_own_data(try.session('Ada Quixote'))) from generate_series(1, 3);
create function try.refusal() returns text language plpgsql as $$
  declare v_detail text;
  begin
    perform take_own_data(try.session('Ada Quixote'));
    return 'given';
  exception when sqlstate 'RC429' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return sqlerrm || ' ' || v_detail;
  end
$$;
select is(try.refusal(), 'data_often 3000', 'R-G1 five an hour, then it says after how many seconds');
select try.clock('2026-11-20 19:00+00');
select is(try.refusal(), 'given', '... and gives it then');
select throws_ok('select take_own_data(''\x00'')', 'RC401', 'no_session', 'only who is signed in');

-- At once.
create function try.connect(name text) returns text language sql as $$ select dblink_connect(name, format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database())) $$;
-- What the second says once the first is done; early: it did not wait.
create function try.at_once(first text, second text) returns text language plpgsql as $$
  declare
    v_early boolean;
    v_said text;
  begin
    perform dblink_exec('one', 'begin'), dblink_exec('one', first);
    perform dblink_send_query('two', second);
    perform pg_sleep(0.5);
    v_early := dblink_is_busy('two') = 0;
    perform dblink_exec('one', 'commit');
    perform * from dblink_get_result('two', false) as t(a text);
    v_said := split_part(dblink_error_message('two'), E'\n', 1);
    perform * from dblink_get_result('two', false) as t(a text);
    return concat_ws(' ', case when v_early then 'early' end, v_said);
  end
$$;
select try.connect('one'), try.connect('two');
-- Seen just now: nothing is noted that one waits for.
update sessions set last_seen_at = app_now();
delete from data_downloads;
insert into data_downloads (user_id, at) select :cleo, app_now() from generate_series(1, 4);
\set take 'select length(take_own_data(try.session(\'Cleo\')))::text'
select is(try.at_once('do $do$ begin perform take_own_data(try.session(''Cleo'')); end $do$', :'take'), 'ERROR:  data_often', 'R-G1 two at once: five are five');

-- Erasing.
create function try.search(words text) returns text language plpgsql as $$
  declare
    r record;
    v_found bigint;
    v_all text[];
  begin
    for r in
      select c.relname, a.attname, t.typname
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    loop
      execute format('select count(*) from %I where %s ~* $1', r.relname,
        case r.typname when 'bytea' then format('encode(%I, ''escape'')', r.attname) else format('%I::text', r.attname) end)
      into v_found using words;
      if v_found > 0 then
        v_all := v_all || format('%s.%s', r.relname, r.attname);
      end if;
    end loop;
    return array_to_string(v_all, ' ');
  end
$$;
select cmp_ok(cardinality(string_to_array(try.search('quixote'), ' ')), '>=', 15, 'she is in many columns');
select is((select count(*)::int from own_last_admin(try.session('Ada Quixote'))), 0, 'another admin is there');
update memberships set role = 'staff' where user_id = :bob;
select results_eq($$select org_slug, org_name, others from own_last_admin(try.session('Ada Quixote'))$$, $$values ('org', 'Org org', 2::bigint)$$, 'R-G1 the last admin');
select throws_ok($$select erase_me(try.session('Ada Quixote'), sha256('k1') || sha256('k0'), 'req-9')$$, 'RC409', 'last_admin_erased', '... cannot be erased');
select is((select count(*)::int from users where name = 'Ada Quixote'), 1, '... nothing changed');
update memberships set role = 'admin' where user_id = :bob;
select count(*) as audits from event_attendance_audit \gset
select lives_ok($$select erase_me(try.session('Ada Quixote'), sha256('k1') || sha256('k0'), 'req-9')$$, 'R-G1 erased');
select is(try.search('quixote'), null, 'R-G1 no name, address or text of hers in any column of any table');
select is(try.search('de-QX'), null, '... nor her language');
select is((select count(*)::int from verify_audit(null)), 0, 'R-G1 the audit still verifies');
select is((select count(*) from event_attendance_audit), :audits::bigint, '... all of it is there');
select is((select count(*)::int from live_sessions where user_id = :ada), 0, 'sessions are over');
select is((select count(*)::int from scheduled_notifications where user_id = :ada), 0, 'nothing waits for her');
select is((select string_agg(distinct concat_ws(' ', state, cause, last_error), ', ') from notification_log where user_id = :ada and cause = 'erased'), 'cancelled erased', '... the log says why, in numbers');
select is((select user_id from access_log where subject = :cleo), :ada::bigint, 'the log of who looked keeps her number');
select is((select string_agg(concat_ws(' ', user_id = :ada, actor_id = :ada, what, request_id), ', ') from org_changes where what = 'removed'), 't t removed req-9, t t removed req-9', 'that she left is on record');
select is((select string_agg(concat_ws(' ', notification_id like 'responder-%', message is null, lease_id is null), ', ') from scheduled_notifications where kind = 'responder_news'), 't t t', 'mail to others about her is taken back, mail by her is written anew');
select is((select string_agg(name, ' ' order by name) from users), 'Bob Cleo', 'the others stay');
select is((select feedback_text from attendance where user_id = :cleo), 'Cleo''s words', '... with their words');
select throws_ok($$select erase_me('\x00', '\x00', null)$$, 'RC401', 'no_session', 'nobody else can do it');

-- The last two admins of an organisation, at once.
select try.org('pair') as pair \gset
select try.person('Pia', null, 'pair', 'admin') as pia, try.person('Pit', null, 'pair', 'admin') as pit \gset
select try.sign_in('Pia'), try.sign_in('Pit');
select is(try.at_once('do $do$ begin perform erase_me(try.session(''Pia''), sha256(''pia''), null); end $do$', 'select erase_me(try.session(''Pit''), sha256(''pit''), null)::text'), 'ERROR:  last_admin_erased', 'R-G1 of the last two admins one remains');
delete from organizations where id = :pair; delete from users where id in (:pia, :pit);
select dblink_disconnect('one'), dblink_disconnect('two');

-- What she stopped, under hashes: of a key, and of one before it.
select results_eq('select hash, suppressed_cause from erased_addresses', $$values (sha256('k1'), 'refused')$$, 'R-G1 a keyed hash remains, and that the address refused');
select results_eq('select org_id, category, channel from erased_stops order by category', format($$values (%s::bigint, 'prompt', 'email'), (%s, 'shift', 'email')$$, :club, :org), 'R-G1 and what was stopped');
select add_person(try.session('Bob'), 'org', 'dora@sail.example', 'Dora', null, 'member', null), know_address('dora@sail.example', sha256('other'));
select is((select count(*)::int from erased_addresses), 1, 'somebody else''s address has nothing to do with it');
begin;
  select add_person(try.session('Bob'), 'org', 'ADA.quixote@sail.example', 'Ada Again', null, 'member', null);
  select know_address('ada.quixote@sail.example', sha256('k2') || sha256('k1'));
  select is((select concat_ws(' ', suppressed_at is not null, suppressed_cause) from users where name = 'Ada Again'), 't refused', 'R-G1 added again after the key was changed: still nothing is mailed there');
  select is((select frequency from event_notification_preferences p join users u on u.id = p.user_id where u.name = 'Ada Again' and p.org_id = :club), 'none', '... and her stop holds');
  select is((select is_wanted(id, :org, 'shift', 'email') from users where name = 'Ada Again'), false, '... each of them');
  select is((select count(*)::int from erased_addresses), 0, '... and stands with her account now');
rollback;
begin;
  select import_people('org', '[{"line": 2, "email": "ada.quixote@sail.example", "name": "Ada Again"}, {"line": 3, "email": "zoe@sail.example", "name": "Zoe"}]', false);
  select know_addresses(jsonb_build_array(
    jsonb_build_object('email', 'ada.quixote@sail.example', 'hashes', encode(sha256('k1'), 'hex')),
    jsonb_build_object('email', 'zoe@sail.example', 'hashes', encode(sha256('z'), 'hex')),
    jsonb_build_object('email', 'no@sail.example')
  ));
  select is((select string_agg(name || ' ' || (suppressed_at is not null), ', ' order by name) from users where name in ('Ada Again', 'Zoe')), 'Ada Again true, Zoe false', 'R-G1 the same by an import');
rollback;
-- Joining by herself.
update organizations set "join" = 'open' where slug = 'club';
\set asks 'join_ask(\'club\', \'ada.quixote@sail.example\', sha256(\'k1\'), \'Ada Again\'), know_asker(sha256(\'k1\') || sha256(\'k0\'))'
select :asks;
select is((select count(*)::int from scheduled_notifications where kind = 'join'), 1, 'a link to join is mailed');
select try.clock('2026-11-20 19:10+00');
select :asks;
select is((select string_agg(state || ' ' || cause, ', ') from notification_log where kind = 'join'), 'skipped suppressed', 'R-F2 an address that refused gets one a day');
select is((select u.joining from sign_in_requests r, sign_in_use(r.id, 1, r.expires_at, sha256('s'), 'Firefox') u where r.email is not null order by r.id limit 1), 'joined', 'she presses the button');
select is((select concat_ws(' ', suppressed_at is null, (select string_agg(frequency, ' ') from event_notification_preferences p where p.user_id = u.id)) from users u where name = 'Ada Again'), 't none', 'R-G1 the mail came, so mail is sent; what she stopped stays stopped');
select is((select count(*)::int from erased_addresses), 0, '... until she changes it: it is hers again');
-- Nothing stopped: nothing kept.
select erase_me(try.session('Cleo'), sha256('c'), null);
select is((select count(*)::int from erased_addresses), 0, 'R-G1 of who stopped nothing no hash is kept');
select * from finish();
