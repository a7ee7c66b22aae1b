-- R-F5: the ledger as the team reads it, what comes next, and sending one
-- again; R-F2: who is not written to.
\ir fixture.sql
select * from no_plan();

select try.org('other') as other \gset
select try.person('Staff', null, 'org', 'staff') as staff, try.person('Root', null, 'org', 'admin') as root,
  try.person('Door', null, 'org', 'door') as door, try.person('Ada') as ada, try.person('Bob') as bob,
  try.person('Eve', null, 'other', 'admin') as eve \gset
select try.event('Talk', '2026-11-20 14:00+00') as talk, try.event('Walk', '2026-11-22 14:00+00') as walk,
  try.event('Elsewhere', '2026-11-20 14:00+00', null, 'other') as elsewhere \gset
-- Messages of the queue get numbers after those that are made up here.
select setval(pg_get_serial_sequence('scheduled_notifications', 'id'), 100000);
create table try.hashes as select n as name, try.sign_in(n) as hash from unnest(array['Staff', 'Root', 'Door', 'Ada', 'Eve']) n;
create function try.hash(name text) returns bytea language sql stable as $$ select hash from try.hashes h where h.name = hash.name $$;
create function try.logged(id bigint, person bigint, kind text, state text, cause text, at timestamptz, event bigint default null, org bigint default 1) returns void language sql as $$
  insert into notification_log (id, notification_id, org_id, kind, event_id, user_id, prompt_number, revision, scheduled_for, state, cause, reply_code, last_error, retry_count, created_at, processed_at)
  values (id, format('%s-%s', kind, id), org, kind, event, person, case kind when 'attendance_prompt' then 1 end, 1, at, state, cause,
    case state when 'sent' then 250 when 'dead' then 550 end, case state when 'dead' then '5.1.1 recipient refused' end, 1, at, at)
$$;
select try.logged(1, :ada, 'attendance_prompt', 'sent', null, '2026-11-18 23:30+00', :talk),
  try.logged(2, :bob, 'attendance_prompt', 'skipped', 'answered', '2026-11-20 16:00+00', :talk),
  try.logged(3, :ada, 'registration', 'dead', 'recipient_refused', '2026-11-20 17:00+00', :walk),
  try.logged(4, :bob, 'shift_change', 'cancelled', 'moved', '2026-11-20 17:00+00'),
  try.logged(5, :bob, 'attendance_prompt', 'dead', 'recipient_refused', '2026-11-20 17:30+00', :talk),
  try.logged(6, :eve, 'attendance_prompt', 'sent', null, '2026-11-20 17:40+00', :elsewhere, :other),
  try.logged(7, 999, 'shift_news', 'expired', 'too_late', '2026-11-20 17:50+00');
select try.logged(8, :ada, 'sign_in', 'sent', null, '2026-11-20 17:55+00', null, null);
create function try.seen(
  reader text, slug text default 'org', person bigint default null, what text default null, state text default null, cause text default null,
  since date default null, upto date default null, before timestamptz default null, before_id bigint default null, most int default 50
) returns text language sql as $$
  select coalesce(string_agg(m.id::text, ' ' order by m.at desc, m.id desc), '')
  from team_messages(try.hash(reader), slug, person, what, state, cause, since, upto, before, before_id, most) m
$$;

select is(try.seen('Staff'), '7 5 4 3 2 1', 'R-F5 the last first, and no link to sign in, which is between us and the person');
select is(try.seen(r), '', format('R-O1 %s reads none of it', r)) from unnest(array['Door', 'Ada', 'Eve']) r;
select is(try.seen('Eve', 'other'), '6', 'R-O2 each organisation has its own');
select is(try.seen('Staff', 'other'), '', '... and no other');
select is(try.seen('Staff', person => :ada), '3 1', 'R-F5 to a person');
select is(try.seen('Staff', what => 'attendance_prompt'), '5 2 1', 'R-F5 of a kind');
select is(try.seen('Staff', what => 'shift'), '7 4', '... of a category');
select is(try.seen('Staff', what => 'nothing'), '', '... of none');
select is(try.seen('Staff', person => :bob, what => 'prompt'), '5 2', '... to a person');
select is(try.seen('Staff', state => s), w, format('R-F5 those that were %s', s)) from (values ('sent', '1'), ('dead', '5 3'), ('skipped', '2'), ('cancelled', '4'), ('expired', '7'), ('bounced', '')) t(s, w);
select is(try.seen('Staff', cause => 'recipient_refused'), '5 3', 'R-F5 for a reason');
select is(try.seen('Staff', what => 'event', state => 'dead', cause => 'recipient_refused', person => :ada), '3', '... all at once');
select is(try.seen('Staff', since => '2026-11-19', upto => '2026-11-19'), '1', 'R-F5 of days, which are the reader''s: half past midnight in Berlin');
select is(try.seen('Staff', most => 3), '7 5 4', 'R-F5 a page');
select is(try.seen('Staff', before => '2026-11-20 17:00+00', before_id => 4, most => 2), '3 2', '... and the next, which begins after its last, of one moment too');
select is(try.seen('Staff', what => 'prompt', before => '2026-11-20 17:30+00', before_id => 5), '2 1', '... of a category');
select is((select concat_ws('|', m.user_name, m.event_title, m.state, m.cause, m.reply_code, m.why, m.tries) from team_messages(try.hash('Staff'), 'org', :ada, null, 'dead', null, null, null, null, null, 9) m), 'Ada|Walk|dead|recipient_refused|550|5.1.1 recipient refused|1', 'R-F5 to whom, about what, and what the server said');
select is((select m.user_name is null and m.user_id = 999 from team_messages(try.hash('Staff'), 'org', null, 'shift_news', null, null, null, null, null, null, 9) m), true, 'R-G1 of who was erased the number stays');
select is((select string_agg(c.cause, ' ') from team_message_causes(try.hash('Staff'), 'org') c), 'answered moved recipient_refused too_late', 'R-F5 reasons that there are, to choose from');
select is((select count(*)::int from team_message_causes(try.hash('Door'), 'org')), 0, 'R-O1 ... for the team only');
select is((select string_agg(k.kind, ' ') from team_message_kinds(try.hash('Staff'), 'org') k where k.category in ('account', 'prompt')), 'join attendance_prompt digest', 'R-F5 kinds that an organisation sends, to choose from');
select is((select count(*)::int from messages_about(try.hash('Staff'), 'org', p)), n, format('R-O2 messages to person %s: %s', p, n)) from (values (null::bigint, 1), (:ada, 1), (999, 1), (:eve, 0), (12345, 0)) t(p, n);
select is((select count(*)::int from messages_about(try.hash('Door'), 'org', null)), 0, 'R-O1 ... for the team only');

-- Whoever asks to join may have an account or not.
select try.person('Known', null, 'other') as known \gset
select try.logged(40, :known, 'join', 'sent', null, '2026-11-20 17:59+00'), try.logged(41, null, 'join', 'sent', null, '2026-11-20 17:59+00');
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
select 'join-' || n, :org, 'join', 3, case n when 1 then :known end, app_now(), app_now(), app_now() + interval '1 day' from generate_series(1, 2) n;
create function try.joins(what text) returns text language sql as $$
  select string_agg(distinct coalesce(user_id::text, 'nobody') || coalesce(user_name, '') || is_member, ', ') || ' ' || count(*) from (
    select m.user_id, m.user_name, m.is_member from team_messages(try.hash('Root'), 'org', null, 'join', null, null, null, null, null, null, 9) m where what = 'list'
    union all select m.user_id, m.user_name, m.is_member from team_waiting(try.hash('Root'), 'org', 'join', null, null, 9) m where what = 'next'
  ) m
$$;
select is(try.joins(w), 'nobodyfalse 2', format('R-O2 whether an address that asks to join has an account is not to be seen: %s', w)) from unnest(array['list', 'next']) w;
select is((select count(*)::int from messages_about(try.hash('Staff'), 'org', :known)) || try.seen('Staff', person => :known), '0', '... nor by their number');
insert into memberships (user_id, org_id) values (:known, :org);
select is(try.joins(w), :known || 'Knowntrue, nobodyfalse 2', format('... who joined is a member as others: %s', w)) from unnest(array['list', 'next']) w;
select is(try.seen('Staff', person => :known), '40', '... with what was mailed to them');
delete from users where id = :known; delete from scheduled_notifications; delete from notification_log where id in (40, 41);

-- Whom an organisation watches over is its responders' to know.
insert into notification_kinds (kind, category, template) select 'try_' || c, c, 'mail_notice' from unnest(array['watch', 'watch_person', 'care']) c;
select try.logged(20 + n, :ada, 'try_' || c, 'sent', null, '2026-11-20 17:58+00') from unnest(array['watch', 'watch_person', 'care']) with ordinality t(c, n);
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
values ('try-1', :org, 'try_care', 3, :ada, app_now(), app_now(), app_now() + interval '1 day');
select is(try.seen('Staff'), '7 5 4 3 2 1', 'R-O1 staff do not see who is watched over or cared for');
select is(try.seen('Root', what => 'care'), '', '... nor do admins, nor by asking for it');
select is((select count(*)::int from team_waiting(try.hash('Root'), 'org', null, null, null, 9)), 0, '... nor what is on its way');
select is((select count(*)::int from team_message_kinds(try.hash('Root'), 'org') k where k.kind like 'try%'), 0, '... nor that there is such a thing');
update memberships set responder = true where user_id = :staff;
select is(try.seen('Staff'), '23 22 21 7 5 4 3 2 1', 'R-O1 responders do');
select is((select count(*)::int from team_waiting(try.hash('Staff'), 'org', null, null, null, 9)), 1, '... and what is on its way');
update memberships set responder = false where user_id = :staff;
delete from scheduled_notifications; delete from notification_log where id > 20; delete from notification_kinds where kind like 'try%';

-- Sent again.
create function try.again(who text, id bigint, slug text default 'org') returns text language plpgsql as $$
begin
  perform send_message_again(try.hash(who), slug, id, 'req-1');
  return 'in line';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end
$$;
select is((select string_agg(m.id || case when m.can_again then ' again' else '' end, ', ' order by m.id) from team_messages(try.hash('Root'), 'org', null, null, 'dead', null, null, null, null, null, 9) m), '3 again, 5 again', 'R-F5 an admin is offered to send refused ones again');
select is((select bool_or(m.can_again) from team_messages(try.hash('Staff'), 'org', null, null, null, null, null, null, null, null, 9) m), false, '... staff are not');
select is((select bool_or(m.can_again) from team_messages(try.hash('Root'), 'org', null, null, null, null, null, null, null, null, 9) m where m.state <> 'dead'), false, '... nor those that were not refused');
select is(try.again(w, 5), 'RC404 absent', format('R-O1 %s cannot', w)) from unnest(array['Staff', 'Door', 'Ada', 'Eve']) w;
select is(try.again('Eve', 5, 'other'), 'RC404 absent', 'R-O2 nor another organisation''s admin');
select is(try.again('Root', 1), 'RC409 message_over', 'R-F5 what was sent is not sent again');
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where id = :bob;
select is(try.again('Root', 5), 'RC409 message_suppressed', 'R-F2 nothing is put in line for an address that refuses');
select mail_person_again(try.hash('Staff'), 'org', :bob);
select is(try.again('Root', 5), 'in line', 'R-F5 mailed again, it is');
select is((select concat_ws('|', notification_id, state, user_id = :bob, event_id = :talk, prompt_number, revision, scheduled_for = '2026-11-20 17:30+00', not_before = app_now(), expires_at = timestamptz '2026-11-20 16:00+00' + interval '14 days') from scheduled_notifications), 'attendance_prompt-5|pending|t|t|1|1|t|t|t', 'R-F5 under its own name, as long as it is of use');
select is(try.again('Root', 5), 'RC409 message_over', 'R-T3 ... once');
select is((select bool_or(m.can_again) from team_messages(try.hash('Root'), 'org', :bob, null, null, null, null, null, null, null, 9) m), false, '... so it is not offered again');
select is((select string_agg(concat_ws(' ', a.name, what, before, after, change_text(c)), ', ' order by c.id) from org_changes c join users a on a.id = c.actor_id where what in ('mail', 'message')), 'Staff mail 5.1.1 Mailed again, after their address had refused mail, Root message 5 A refused message put in line again', 'R-F5 who did so is kept');
select is(try.deliver(), 0, 'R-F1 it is looked at again before it leaves: Bob did not look at the event');
select is(try.seen('Root', person => :bob, state => 'skipped', cause => 'not_in_audience') <> '', true, '... and is skipped for that');
select is(try.again('Root', 5), 'RC409 message_over', 'what was decided since is what holds');
select try.logged(30, :bob, 'attendance_prompt', 'dead', 'recipient_refused', '2026-11-20 17:59+00', :talk);
select try.viewed('Bob', 'Talk');
select is(try.again('Root', 30), 'in line', 'another of one who did');
select is(try.deliver(), 1, 'R-F5 leaves');
select is((select count(*)::int from notification_pushes where notification_id = 'attendance_prompt-30'), 1, 'R-T4 ... once');
select is(try.again('Root', 30), 'RC409 message_over', '... and not again');
select try.clock('2026-11-22 14:00+00');
select is(try.again('Root', 3), 'RC409 message_over', 'R-F7 what is of no more use is not sent again');
select try.clock('2026-11-20 18:00+00');
delete from memberships where user_id = :ada;
select is(try.again('Root', 3), 'RC409 message_over', 'who left is not mailed by hand');
insert into memberships (user_id, org_id) values (:ada, :org);
select is(useful_until(l) is null, true, format('R-F7 a %s is never sent by hand', l.kind)) from (select (jsonb_populate_record(null::notification_log, jsonb_build_object('kind', k.kind, 'created_at', app_now()))).* from notification_kinds k where k.category = 'account' or k.kind = 'digest') l;
select is(useful_until(l), l.created_at + interval '3 days', format('a notice to the team, %s, for three days', l.kind)) from (select (jsonb_populate_record(null::notification_log, jsonb_build_object('kind', k, 'created_at', app_now()))).* from unnest(array['staff_notice', 'audit_notice']) k) l;
insert into duty_schedules (org_id, title, start_at, end_at) values (:org, 'Bar', '2026-11-21 10:00+00', '2026-11-21 12:00+00') returning id as bar \gset
select is(useful_until(jsonb_populate_record(null::notification_log, jsonb_build_object('kind', k, 'schedule_id', :bar, 'notify_type', t))), u::timestamptz, format('R-C2 a %s until %s', k, u)) from (values ('shift_start', 'start_15', '2026-11-21 10:00+00'), ('shift_end', 'end', '2026-11-21 12:30+00'), ('shift_change', 'moved', '2026-11-21 12:00+00')) v(k, t, u);

-- Erased while somebody presses.
select dblink_connect('gone', format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()));
select try.person('Gil') as gil \gset
select try.logged(31, :gil, 'registration', 'dead', 'recipient_refused', '2026-11-20 17:59+00', :walk);
select dblink_exec('gone', 'begin'), dblink_exec('gone', 'delete from users where id = ' || :gil);
select dblink_connect('press', format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()));
select dblink_send_query('press', 'select try.again(''Root'', 31)');
select pg_sleep(0.3);
select is(dblink_is_busy('press'), 1, 'R-G1 who presses waits for an erasure');
select dblink_exec('gone', 'commit');
select is((select r from dblink_get_result('press') as t(r text)), 'RC409 message_over', '... and puts nothing in line for nobody');
select dblink_disconnect('press'), dblink_disconnect('gone');

-- Who is not written to.
update users set suppressed_at = app_now() - interval '1 day', suppressed_cause = '550' where id = :ada;
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where id in (:bob, :eve);
create function try.refusing(reader text, slug text default 'org', before timestamptz default null, before_id bigint default null) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', s.name, s.email, s.cause), ', ' order by s.since desc, s.id desc), '') from team_suppressed(try.hash(reader), slug, before, before_id, 9) s
$$;
select is(try.refusing('Staff'), 'Bob 5.1.1, Ada 550', 'R-F2 who is not written to and why, the last first');
select is(try.refusing('Root'), 'Bob bob@example.org 5.1.1, Ada ada@example.org 550', '... the address for admins');
select is(try.refusing('Root', 'org', app_now(), :bob), 'Ada ada@example.org 550', '... page by page');
select is(try.refusing('Door') || try.refusing('Ada') || try.refusing('Eve'), '', 'R-O1 for the team only');
select is((select suppressed::int from messages_about(try.hash('Staff'), 'org', null)), 2, 'how many');

-- What comes next.
select try.registered('Ada', 'Walk'), try.registered('Bob', 'Walk');
insert into duty_assignments (org_id, schedule_id, user_id) values (:org, :bar, :ada);
select try.event('Far', '2026-11-24 14:00+00'), try.event('Off', '2026-11-21 14:00+00', null, 'org', 'cancelled'), try.event('Whole', '2026-11-20 23:00+00', '2026-11-21 23:00+00');
update events set all_day = true where title = 'Whole';
insert into duty_schedules (org_id, title, start_at, end_at, status) values (:org, 'Off', '2026-11-21 10:00+00', '2026-11-21 12:00+00', 'cancelled'), (:other, 'Theirs', '2026-11-21 10:00+00', '2026-11-21 12:00+00', 'active');
create function try.plans(reader text) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', p.kind, coalesce(p.event_title, p.shift_title), to_char(p.at at time zone 'UTC', 'DD HH24:MI'), p.people), ', ' order by p.at, p.event_id, p.schedule_id), '') from team_plans(try.hash(reader), 'org', 50) p
$$;
select is(try.plans('Staff'), 'shift_start Bar 21 09:45 1, shift_end Bar 21 12:00 1, attendance_prompt Whole 22 08:00 0, attendance_prompt Walk 22 17:00 2', 'R-F5 what will be planned within 72 hours, and for how many');
select is(try.plans('Door') || try.plans('Eve'), '', 'R-O1 for the team only');
select try.clock('2026-11-22 01:00+00');
select is(try.plans('Staff') like '%Whole%', false, '... and not what is in the queue: whole days are, from their end on');
select try.clock('2026-11-20 18:00+00');
update organizations set prompts_since = null where id = :org;
select is(try.plans('Staff'), 'shift_start Bar 21 09:45 1, shift_end Bar 21 12:00 1', 'R-A2 no questions where none are asked');
delete from scheduled_notifications;
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at, cause)
select 'try-' || n, case n when 3 then :other else :org end, case n when 2 then 'shift_news' else 'registration' end, 3, :ada, app_now(), app_now() + n * interval '1 minute', app_now() + interval '1 day', case n when 1 then 'quiet_hours' end from generate_series(1, 4) n;
create function try.waiting(reader text, what text default null, after timestamptz default null, after_id bigint default null, most int default 9) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', extract(minute from w.at - app_now()), w.cause), ', ' order by w.at, w.id), '') from team_waiting(try.hash(reader), 'org', what, after, after_id, most) w
$$;
select is(try.waiting('Staff'), '1 quiet_hours, 2, 4', 'R-F5 what waits, the next first, with why');
select is(try.waiting('Staff', 'shift'), '2', '... of a category');
select is(try.waiting('Staff', null, app_now() + interval '1 minute', (select id from scheduled_notifications where notification_id = 'try-1'), 1), '2', '... page by page');
select is(try.waiting('Door') || try.waiting('Eve'), '', 'R-O1 for the team only');

-- A person's own.
select is((select string_agg(concat_ws(' ', m.kind, m.shift_title), ', ' order by m.at desc, m.id desc) from own_messages(try.hash('Ada'), null, null, 2) m where m.state <> 'sent'), 'registration, registration', 'R-F5 their own');
update notification_log set schedule_id = :bar, bounced_at = app_now() where id = 1;
select is((select concat_ws(' ', m.shift_title, m.shift_at is not null, m.bounced_at is not null) from own_messages(try.hash('Ada'), null, null, 50) m where m.id = 1), 'Bar t t', '... with the shift it is about, and that it came back');

-- However many there are, a page reads few of them.
set session_replication_role = replica;
insert into notification_log (id, notification_id, org_id, kind, event_id, user_id, revision, scheduled_for, state, cause, retry_count, created_at, processed_at, bounced_at)
select 1000 + n, 'many-' || n, case when n % 10 = 0 then :other else :org end, case when n % 5000 = 1 then 'shift_news' when n % 3 = 0 then 'registration' else 'attendance_prompt' end, :talk, 2000 + n % 5000, 1, app_now(),
  case when n % 4000 = 3 then 'dead' when n % 5 = 0 then 'skipped' else 'sent' end, case when n % 4000 = 3 then 'recipient_refused' when n % 25000 = 5 then 'checked_in' when n % 5 = 0 then 'answered' end, 1, app_now(),
  app_now() - n * interval '1 minute', case when n % 7000 = 1 then app_now() end
from generate_series(1, 50000) n;
insert into scheduled_notifications (notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at)
select 'wait-' || n, case when n % 10 = 0 then :other else :org end, 'attendance_prompt', 3, 2000 + n, app_now(), app_now() + n * interval '1 second', app_now() + interval '1 day' from generate_series(1, 20000) n;
set session_replication_role = origin;
analyze notification_log, scheduled_notifications;
create function try.rows_read(relation text) returns bigint[] language sql as $$
  select array[seq_scan, coalesce(idx_tup_fetch, 0)] from pg_stat_xact_user_tables where relname = relation
$$;
create function try.read(what text, state text, cause text, person bigint, since date) returns text language plpgsql as $$
declare v_before bigint[]; v_after bigint[];
begin
  v_before := try.rows_read('notification_log');
  perform from team_messages(try.hash('Root'), 'org', person, what, state, cause, since, since, null, null, 51);
  v_after := try.rows_read('notification_log');
  return case when v_after[1] > v_before[1] then 'goes over all' when v_after[2] - v_before[2] > 400 then format('reads %s', v_after[2] - v_before[2]) else 'few' end;
end
$$;
select is(try.read(t.what, t.state, t.cause, t.person, t.since), 'few', 'R-F5 no page goes over the ledger: ' || t.name) from (values
  ('all', null, null, null, null::bigint, null::date), ('a rare kind', 'shift_news', null, null, null, null), ('a category', 'prompt', null, null, null, null),
  ('the refused', null, 'dead', null, null, null), ('a rare reason', null, null, 'checked_in', null, null), ('those that came back', null, 'bounced', null, null, null),
  ('a person', null, null, null, 2100, null), ('a person and a kind', 'prompt', null, null, 2100, null), ('a day', null, null, null, null, '2026-11-01')
) t(name, what, state, cause, person, since);
create function try.read_next(what text) returns text language plpgsql as $$
declare v_before bigint[]; v_after bigint[];
begin
  v_before := try.rows_read('scheduled_notifications');
  perform from team_waiting(try.hash('Root'), 'org', what, app_now() + interval '1 hour', 0, 51);
  v_after := try.rows_read('scheduled_notifications');
  return case when v_after[1] > v_before[1] then 'goes over all' when v_after[2] - v_before[2] > 200 then format('reads %s', v_after[2] - v_before[2]) else 'few' end;
end
$$;
select is(try.read_next(null), 'few', 'R-F5 nor does one of what waits go over the queue');
select is(try.read_next(w), 'few', 'R-F5 ... of a kind or category, however rare: ' || w) from unnest(array['shift_news', 'shift', 'prompt']) w;
select is((select bool_or(m.can_again) from team_messages(try.hash('Root'), 'org', null, 'registration', 'dead', null, null, null, null, null, n) m), n < 100, format('R-F5 a file does not ask of each whether it can be sent again: %s', n)) from unnest(array[50, 10001]) n;
select * from finish();
