-- R-F5: a category that an organisation holds back, and lets go; R-F7: each
-- category's row of the table, whatever kinds there are.
\ir fixture.sql
select * from no_plan();

select try.org('other') as other \gset
select try.person('Root', null, 'org', 'admin') as root, try.person('Staff', null, 'org', 'staff') as staff,
  try.person('Ada') as ada, try.person('Eve', null, 'other', 'admin') as eve \gset
create table try.hashes as select n as name, try.sign_in(n) as hash from unnest(array['Root', 'Staff', 'Ada', 'Eve']) n;
create function try.hash(name text) returns bytea language sql stable as $$ select hash from try.hashes h where h.name = hash.name $$;
select try.event('Talk', '2026-11-23 14:00+00') as talk \gset
insert into duty_schedules (org_id, title, start_at, end_at) values (:org, 'Bar', '2026-11-23 10:00+00', '2026-11-23 12:00+00') returning id as bar \gset
-- Of each category one kind, of which nothing but the category decides.
insert into notification_kinds (kind, category, template) select 'try_' || category, category, 'mail_notice' from notification_categories;
create function try.put(category text, name text, org bigint default 1, subject boolean default true, person text default 'Ada') returns bigint language sql as $$
  insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, schedule_id, user_id, scheduled_for, not_before, expires_at, created_at)
  select format('%s-%s', c.category, name), org, 'try_' || c.category, c.urgency, case when subject and c.category = 'event' then try.event_id('Talk') end,
    case when subject and c.category = 'shift' then (select id from duty_schedules where title = 'Bar') end, try.user_id(person), app_now(), app_now(), app_now() + interval '3 days', app_now()
  from notification_categories c where c.category = put.category
  returning id
$$;
-- What becomes of all that is due now: "event-1 sent, shift-1 paused".
create function try.go() returns text language plpgsql as $$
declare c record; p record; v_said text[] := '{}';
begin
  for c in select * from claim_notifications(1000) loop
    select * into p from prepare_notification(c.id, c.lease_id);
    if p.outcome = 'send' then
      perform record_sent(c.id, c.lease_id, 250, 1);
    end if;
    v_said := v_said || format('%s %s', c.notification_id, case p.outcome when 'send' then 'sent' else p.cause end);
  end loop;
  return (select coalesce(string_agg(s, ', ' order by s), '') from unnest(v_said) s);
end
$$;
create function try.pause(who text, category text, reason text default 'wrong', slug text default 'org') returns text language plpgsql as $$
begin
  perform pause_category(try.hash(who), slug, category, reason, 'req-1');
  return 'done';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end
$$;
create function try.resume(who text, category text, slug text default 'org') returns text language plpgsql as $$
begin
  perform resume_category(try.hash(who), slug, category, 'req-2');
  return 'done';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end
$$;

-- Who may, and what.
select is(try.pause(w, 'event'), 'RC404 absent', format('R-O1 %s cannot hold anything back', w)) from unnest(array['Staff', 'Ada', 'Eve']) w;
select is(try.resume(w, 'event'), 'RC404 absent', format('R-O1 ... nor let it go', w)) from unnest(array['Staff', 'Ada', 'Eve']) w;
select is(try.pause('Root', c), 'RC422 bad_category', format('R-F5 %s is never held back', coalesce(c, 'null'))) from unnest(array['account', 'watch', 'watch_person', 'nothing', null]) c;
select is(try.pause('Root', 'care'), 'RC422 bad_category', 'R-O1 care is not for who is no responder');
select is(try.pause('Root', 'event', r), 'RC422 bad_reason', 'R-F5 nothing without a reason') from unnest(array['because', null]) r;

-- Held.
select try.put('event', '1'), try.put('shift', '1'), try.put('shift', 'notice', 1, false), try.put('account', '1'), try.put('event', 'theirs', 2);
select is(try.pause('Root', 'event'), 'done', 'an admin can');
select is(try.pause('Root', 'shift', 'many'), 'done', '... two at once');
select is(try.pause('Root', 'shift', 'wrong'), 'done', '... again, which changes nothing');
select is(try.go(), 'account-1 sent, event-1 paused, event-theirs sent, shift-1 paused, shift-notice sent', 'R-F5 held are those of the category, of the organisation, but for notices about the service');
select is(try.go(), '', '... until they are let go');
select is((select string_agg(concat_ws(' ', notification_id, not_before = expires_at, cause), ', ' order by id) from scheduled_notifications), 'event-1 t paused, shift-1 t paused', 'R-F5 with the cause kept');
select is((select string_agg(concat_ws(' ', w.kind, w.cause), ', ' order by w.at, w.id) from team_waiting(try.hash('Staff'), 'org', null, null, null, 9) w), 'try_event paused, try_shift paused', 'R-F5 ... and shown');
select is((select string_agg(concat_ws(' ', p.category, p.is_paused, p.reason, p.paused_by, p.held), ', ' order by p.category) from team_pauses(try.hash('Staff'), 'org') p), 'event t wrong Root 1, prompt f, shift t many Root 1', 'R-F5 what is held back, why, by whom and how much');
select is((select count(*)::int from team_pauses(try.hash('Ada'), 'org')), 0, 'R-O1 for the team only');
select is((select string_agg(concat_ws(' ', a.name, c.setting, c.before, '>', c.after), ', ' order by c.id) from org_changes c join users a on a.id = c.actor_id where c.what = 'setting'), 'Root pause_event > wrong, Root pause_shift > many', 'R-F5 who did so and why is kept');
select is((select string_agg(d.outcome || ' ' || d.cause, ', ') from due_notifications(9) d), null, 'a dry run does not offer them');
select try.put('event', '2');
select is((select string_agg(d.outcome || ' ' || d.cause, ', ') from due_notifications(9) d), 'hold paused', '... and says why one that is due now would wait');

-- Let go.
select is(try.resume('Root', 'event'), 'done', 'let go');
select is(try.resume('Root', 'event'), 'done', '... again, which changes nothing');
select is(try.go(), 'event-1 sent, event-2 sent', 'R-F5 it leaves at once');
select is((select string_agg(concat_ws(' ', c.setting, c.before, '>', c.after), ', ' order by c.id) from org_changes c where c.what = 'setting'), 'pause_event > wrong, pause_shift > many, pause_event wrong >', 'R-F5 ... and that is kept');
-- What else holds it holds it still.
update users set quiet = true where id = :ada;
select try.pause('Root', 'prompt'), try.put('prompt', '1');
select is(try.go(), 'prompt-1 paused', 'held back in the evening');
select try.clock('2026-11-20 22:00+00');
select try.resume('Root', 'prompt');
select is(try.go(), 'prompt-1 quiet_hours', 'R-F7 let go at night, it waits for the morning');
select try.clock('2026-11-21 07:00+00');
select is(try.go(), 'prompt-1 sent', '... and leaves then');
update users set quiet = false;
-- What is of no more use meanwhile.
select try.clock('2026-11-23 18:00:01+00');
select is(expire_notifications(10), 1, 'R-F5 what is held back expires as ever');
select is((select concat_ws(' ', state, cause) from notification_log where notification_id = 'shift-1'), 'expired too_late', '... and is counted');
select try.resume('Root', 'shift');
-- A digest, which carries questions.
select try.clock('2026-11-23 19:00+00');
select is(try.pause('Root', 'prompt'), 'done', 'questions are held back');
insert into event_notification_preferences (user_id, org_id, frequency) values (:ada, :org, 'daily') on conflict (user_id, org_id) do update set frequency = 'daily', updated_at = app_now();
select try.viewed('Ada', 'Talk'), schedule_post_event_prompts(10);
select try.clock('2026-11-24 08:00+00');
select count(schedule_digests(10));
select is((select string_agg(kind, ', ') from scheduled_notifications where urgency < 4), 'digest', 'a digest is due in the morning');
select is(regexp_replace(try.go(), '^\S+', ''), ' paused', 'R-F5 ... and is held back with its questions');
select try.clock('2026-11-24 12:00+00');
select try.resume('Root', 'prompt');
select is(regexp_replace(try.go(), '^\S+', ''), ' sent', '... and leaves with them');
select is((select count(*)::int from scheduled_notifications), 0, '... all of it');
-- Who is erased.
select try.pause('Root', 'event');
update memberships set role = 'admin' where user_id = :staff;
delete from users where id = :root;
select is((select concat_ws('|', p.is_paused, p.paused_by) from team_pauses(try.hash('Staff'), 'org') p where p.category = 'event'), 't', 'R-G1 of who held it back, erased since, nothing is left');
select try.resume('Staff', 'event');

-- Two at once: what is looked at while it is let go is not held for ever.
select dblink_connect(n, format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database())) from unnest(array['one', 'two']) n;
select try.pause('Staff', 'event'), try.put('event', '9') as row \gset
select lease_id as lease from claim_notifications(9) \gset
select dblink_exec('one', 'begin');
select is((select r from dblink('one', format('select cause from prepare_notification(%s, %s)', :row, :lease)) as t(r text)), 'paused', 'one worker has found it held back');
select dblink_send_query('two', 'select try.resume(''Staff'', ''event'')');
select pg_sleep(0.3);
select is(dblink_is_busy('two'), 1, 'who lets it go waits for that');
select dblink_exec('one', 'commit');
select is((select r from dblink_get_result('two') as t(r text)), 'done', '... and then');
select is(try.go(), 'event-9 sent', 'R-F5 it leaves');

-- R-F7, line by line: at night, in the person's zone.
update users set quiet = true where id = :ada;
delete from scheduled_notifications;
select try.clock('2026-11-21 22:00+00');
create function try.night(category text, name text) returns text language sql as $$
  select try.put(category, name);
  select split_part(try.go(), ' ', 2);
$$;
select is(try.night(t.category, 'night'), t.said, 'R-F7 at night, ' || t.what) from (values
  ('account', 'sent', 'a link to sign in passes'),
  ('prompt', 'quiet_hours', 'a question is held'),
  ('event', 'quiet_hours', 'news of an event in two days is held'),
  ('shift', 'sent', 'shifts and notices pass'),
  ('watch', 'sent', 'L3, L4 and the all-clear pass'),
  ('watch_person', 'quiet_hours', 'L1 and L2 are held'),
  ('care', 'quiet_hours', 'care is held')
) t(category, said, what);
select is((select count(*)::int from notification_categories), 7, 'R-F7 ... which are all there are');
update events set starts_at = '2026-11-22 21:59+00' where id = :talk;
select is(try.night('event', 'soon'), 'sent', 'R-F7 news of one that starts within 24 hours passes');
select try.clock('2026-11-22 07:00+00');
select is(try.go(), 'care-night sent, event-night sent, prompt-night sent, watch_person-night sent', 'R-F7 at 08:00 local all that was held leaves');
select is((select string_agg(category || case when one_click_stop then ' stop' else '' end, ', ' order by category) from notification_categories), 'account, care stop, event stop, prompt stop, shift stop, watch, watch_person', 'R-F7 which a click stops');
select is((select string_agg(category, ', ') from notification_categories where one_a_day), 'care', 'R-F7 only care is one a day');
select try.put(c, n) from unnest(array['event', 'shift', 'prompt']) c, unnest(array['a', 'b']) n;
select is(try.go(), 'event-a sent, event-b sent, prompt-a sent, prompt-b sent, shift-a sent, shift-b sent', 'R-F7 of all others two a day are two');

-- Whatever kind it is: what is held is let go, never lost.
update event_notification_preferences set frequency = 'all';
update notification_kinds set recheck = null, take = null, recipient = null, link = null, display = null, follow = null;
select try.clock('2026-11-21 22:00+00');
insert into scheduled_notifications (notification_id, org_id, kind, urgency, event_id, user_id, scheduled_for, not_before, expires_at)
select 'each-' || k.kind, :org, k.kind, c.urgency, :talk, :ada, app_now(), app_now(), app_now() + interval '1 day' from notification_kinds k join notification_categories c using (category);
update events set starts_at = '2026-11-30 10:00+00' where id = :talk;
select try.pause('Staff', c) from unnest(array['event', 'shift', 'prompt']) c;
select count(try.go());
select is((select string_agg(c.category || ' ' || coalesce(q.cause, 'sent'), ', ' order by c.category) from (select distinct k.category from notification_kinds k) c left join lateral (select min(q.cause) as cause from scheduled_notifications q join notification_kinds k using (kind) where k.category = c.category) q on true), 'account sent, care quiet_hours, event paused, prompt paused, shift paused, watch sent, watch_person quiet_hours', 'R-F5 R-F7 held each for its reason');
select try.clock('2026-11-22 07:00+00');
select try.resume('Staff', c) from unnest(array['event', 'shift', 'prompt']) c;
select count(try.go());
select is((select count(*)::int from scheduled_notifications), 0, 'R-F7 in the morning nothing is held any more');
select is((select string_agg(l.notification_id || ' ' || l.state, ', ') from notification_kinds k left join notification_log l on l.notification_id = 'each-' || k.kind where l.state is distinct from 'sent'), null, 'R-F7 ... and each kind was sent');
select * from finish();
