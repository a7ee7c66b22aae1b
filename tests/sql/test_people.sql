-- R-O1, R-O2, R-A2: people and settings of an organisation at the functions,
-- whoever calls them, and the record that is kept of it.
\ir fixture.sql
select * from no_plan();

select try.org('other');
select try.person('Amy', role => 'admin'), try.person('Sid', role => 'staff'), try.person('Dan', role => 'door'), try.person('Mia'),
  try.person('Olaf', org => 'other', role => 'admin');
create table try.cookies as select name, try.sign_in(name) as hash from unnest(array['Amy', 'Sid', 'Dan', 'Mia', 'Olaf']) as name;
create function try.cookie(name text) returns bytea language sql stable as $$ select hash from try.cookies c where c.name = cookie.name $$;
create function try.roles() returns text language sql stable
  as $$
    select string_agg(concat_ws(' ', u.name, m.role, case when m.responder then 'responder' end), ', ' order by u.name)
    from memberships m join users u on u.id = m.user_id join organizations o on o.id = m.org_id where o.slug = 'org'
  $$;
create function try.record(name text) returns text language sql stable
  as $$
    select string_agg(concat_ws(' ', a.name, c.what, c.before, c.after), ', ' order by c.id)
    from org_changes c left join users a on a.id = c.actor_id where c.user_id = try.user_id(record.name)
  $$;

-- Only an admin of that organisation, and only its own people.
select throws_ok(
  format($t$select change_role(try.cookie(%L), 'org', try.user_id('Mia'), 'member', 'staff', 'r')$t$, who), 'RC404', null,
  format('R-O1 %s changes no role', who)
) from unnest(array['Sid', 'Dan', 'Mia', 'Olaf']) as who;
select throws_ok(
  $$select change_role('\x00', 'org', try.user_id('Mia'), 'member', 'staff', 'r')$$, 'RC401', null, 'R-O1 nor does nobody'
);
select throws_ok(
  format($t$select %s$t$, call), 'RC404', null, format('R-O2 not of another organisation: %s', call)
) from unnest(array[
  $t$change_role(try.cookie('Olaf'), 'other', try.user_id('Mia'), 'member', 'staff', 'r')$t$,
  $t$set_responder(try.cookie('Olaf'), 'other', try.user_id('Mia'), true, 'r')$t$,
  $t$remove_person(try.cookie('Olaf'), 'other', try.user_id('Mia'), 'r')$t$,
  $t$mail_person_again(try.cookie('Olaf'), 'other', try.user_id('Mia'))$t$,
  $t$save_settings(try.cookie('Olaf'), 'org', 1, 'X', 'UTC', '', 'open', 'both', 'all', true, '', true, 'r')$t$,
  $t$save_settings(try.cookie('Olaf'), 'org', 1, 'X', 'UTC', '', 'open', 'both', 'all', true, '', true, '{1,2,3}', 'r')$t$,
  $t$add_person(try.cookie('Olaf'), 'org', 'x@example.org', 'X', null, 'admin', 'r')$t$
]) as call;
select is_empty(
  format($t$select * from team_people(try.cookie(%L), 'org', null, null)$t$, who), format('R-O2 %s gets no list', who)
) from unnest(array['Dan', 'Mia', 'Olaf']) as who;
select is(
  (select email from team_person(try.cookie('Amy'), 'org', try.user_id('Mia'))), 'mia@example.org', 'R-O1 an admin reads an address'
);
select is(
  (select email from team_person(try.cookie('Sid'), 'org', try.user_id('Mia'))), null, 'R-O1 staff do not'
);
select is(
  (select count(*)::int from team_people(try.cookie('Sid'), 'org', 'mia@ex', null)), 0, 'R-O1 nor do they find by it'
);
select is(
  (select string_agg(name, ' ') from team_people(try.cookie('Amy'), 'org', 'MIA@ex', null)), 'Mia', 'R-O1 admins do'
);

-- The list follows a new name.
update users set name = 'Äxel Mia' where name = 'Mia';
select is(
  (select array_agg(name order by place) from team_people(try.cookie('Sid'), 'org', null, null)),
  array['Amy', 'Dan', 'Sid', 'Äxel Mia'], 'R-O1 who gets another name moves in the list'
);
select is(
  (select array_agg(name) from team_people(try.cookie('Sid'), 'org', 'mi', null)), array['Äxel Mia'], 'R-O1 and is found by it'
);
update users set name = 'Zoe' where name = 'Äxel Mia';
select is(
  (select string_agg(l.letters || ' ' || p.name, ', ' order by l.letters) from unnest(array['mi', 'mia']) as l(letters), team_people(try.cookie('Amy'), 'org', l.letters, null) p),
  'mia Zoe', 'R-O1 an address is looked for by three letters of it'
);
update users set name = 'Mia' where name = 'Zoe';

-- The last admin.
select throws_ok(
  $$select change_role(try.cookie('Amy'), 'org', try.user_id('Amy'), 'admin', 'staff', 'r')$$, 'RC409', 'last_admin',
  'R-O1 the last admin keeps the role'
);
select throws_ok(
  $$select remove_person(try.cookie('Amy'), 'org', try.user_id('Amy'), 'r')$$, 'RC409', 'last_admin', 'R-O1 and stays'
);

-- The record: by whom, before and after, however it came about.
select change_role(try.cookie('Amy'), 'org', try.user_id('Sid'), 'staff', 'admin', 'r');
select set_responder(try.cookie('Amy'), 'org', try.user_id('Mia'), true, 'r');
select set_responder(try.cookie('Sid'), 'org', try.user_id('Mia'), true, 'r');
select is(try.roles(), 'Amy admin, Dan door, Mia member responder, Sid admin', 'R-O1 roles and the flag are changed');
select is(try.record('Sid'), 'added staff, Amy role staff admin', 'R-O1 a change of role is kept');
select is(try.record('Mia'), 'added member, Amy responder no yes', 'R-O1 and giving the flag, once');
select is(
  (select string_agg(u.name, ', ' order by u.name) from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'responder_news'),
  'Mia', 'R-O1 all responders are told, the new one too'
);
select set_responder(try.cookie('Amy'), 'org', try.user_id('Dan'), true, 'r');
select is(
  (select string_agg(u.name, ', ' order by u.name, q.id) from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'responder_news'),
  'Dan, Mia, Mia', 'R-O1 of each new one anew'
);
select is(
  (select d ->> 'responder_name' || ' by ' || (d ->> 'actor_name') || ' ' || (d ->> 'at_text')
   from scheduled_notifications q cross join lateral responder_news_display(q) d
   where q.user_id = try.user_id('Mia') order by q.id desc limit 1),
  'Dan by Amy Friday 20 November 2026, 19:00', 'R-O1 the mail says who, by whom and when'
);
select is(
  (select array_agg(distinct responder_news_recheck(q)) from scheduled_notifications q where q.kind = 'responder_news'), array[null::text],
  'R-F1 it is still wanted'
);
update users set suppressed_at = app_now(), suppressed_cause = 'x' where name = 'Mia';
select set_responder(try.cookie('Amy'), 'org', try.user_id('Dan'), false, 'r');
select is(
  (select array_agg(distinct responder_news_recheck(q) order by responder_news_recheck(q)) from scheduled_notifications q where q.kind = 'responder_news'),
  array['not_responder', 'suppressed'], 'R-F2 not to an address that refuses, nor to who is none any more'
);
select ok(mail_person_again(try.cookie('Sid'), 'org', try.user_id('Mia')), 'R-F2 staff lift a suppression');
select is((select suppressed_at from users where name = 'Mia'), null, 'R-F2 and it is lifted');

select import_people('org', '[{"email":"new@example.org","name":"New","role":"door"}]', false);
select add_admin('org', 'new@example.org', 'New');
select is(try.record('New'), 'added door, role door admin', 'R-O4 the command line is in the record too, without a name');

-- Out: what is to come is taken back, what was stays.
select try.event('Past', '2026-11-20 12:00+00'), try.event('Coming', '2026-11-21 12:00+00'), try.event('Elsewhere', '2026-11-21 12:00+00', org => 'other');
select try.registered('Dan', 'Past'), try.registered('Dan', 'Coming'), try.viewed('Dan', 'Coming'), try.registered('Dan', 'Elsewhere');
select schedule_post_event_prompts(100);
select is(try.queued(), 'Dan 1', 'a question waits');
select remove_person(try.cookie('Amy'), 'org', try.user_id('Dan'), 'r');
select is(
  (select string_agg(e.title || ' ' || p.status, ', ' order by e.title) from event_participants p join events e on e.id = p.event_id where p.user_id = try.user_id('Dan')),
  'Coming cancelled, Elsewhere registered, Past registered', 'R-O1 who is removed comes to nothing more of this organisation'
);
select is((select count(*)::int from event_views), 0, 'R-A2 nor are they of the audience of what comes');
select is(try.queued(), '', 'R-A3 a question that waits is taken back');
select is(schedule_post_event_prompts(100), 0, 'R-A4 and is not planned again');
select is(try.record('Dan'), 'added door, Amy responder no yes, Amy responder yes no, Amy removed door', 'R-O1 what was, stays in the record');

-- Walls.
select throws_ok(
  format('set local role rollcall_%s; %s', r, t), '42501', null, format('R-O1 %s may not: %s', r, t)
) from unnest(array['owner', 'staff', 'member', 'ctl', 'sweep', 'answer']) as r,
  unnest(array['update public.org_changes set after = null', 'delete from public.org_changes', 'truncate public.org_changes']) as t;
select throws_ok(t, 'RC403', null, format('R-O1 not even a superuser, by mistake: %s', t))
from unnest(array['update org_changes set after = null', 'delete from org_changes', 'truncate org_changes']) as t;
select is(
  (select count(*)::int from pg_constraint where conrelid = 'org_changes'::regclass and contype = 'f'), 0,
  'R-O1 the record refers to no table, so that it outlives what it tells of'
);
delete from users where name = 'New';
select is((select count(*)::int from org_changes where what = 'added' and user_id not in (select id from users)), 1, 'R-G1 and outlives a person');

-- Settings.
create function try.save(who text, version int, name text, prompts boolean, since text) returns void language sql
  as $$ select save_settings(try.cookie(who), 'org', version, name, 'Asia/Tokyo', E'Quay 1\r', 'open', 'both', 'all', prompts, since, true, 'r') $$;
select throws_ok($$select try.save('Sid', 7, 'X', true, '')$$, 'RC409', 'changed_meanwhile', 'R-O1 of another version nothing is saved')
where (select version <> 7 from organizations where slug = 'org');
select throws_ok($$select try.save('Amy', 1, 'X', true, '')$$, 'RC422', 'bad_text', 'R-F4 no control characters in the address');
create or replace function try.save(who text, version int, name text, prompts boolean, since text) returns void language sql
  as $$ select save_settings(try.cookie(who), 'org', version, name, 'Asia/Tokyo', E'Quay 1\n', 'open', 'both', 'all', prompts, since, true, 'r') $$;
select try.save('Amy', 1, 'One', true, '2026-11-10');
select is(
  (select concat_ws('|', name, timezone, postal_address, prompts_since = '2026-11-09 15:00+00', version) from organizations where slug = 'org'),
  'One|Asia/Tokyo|Quay 1|t|2', 'R-A2 asked about since the day as it begins there'
);
select throws_ok($$select try.save('Sid', 1, 'Two', true, '')$$, 'RC409', 'changed_meanwhile', 'R-O1 the later of two admins is told');
select throws_ok($$select try.save('Sid', 2, 'Two', true, '2026-11-22')$$, 'RC422', 'date_to_come', 'R-A2 not from a day to come');
select try.save('Sid', 2, 'One', false, '2026-11-10');
select is((select prompts_since from organizations where slug = 'org'), null, 'R-A2 off is off, whatever day stands there');
select try.save('Sid', 3, 'One', true, '');
select is((select prompts_since from organizations where slug = 'org'), app_now(), 'R-A2 on again counts from now');
select is(
  (select string_agg(concat_ws(' ', a.name, c.setting, c.before, c.after), '|' order by c.id) from org_changes c join users a on a.id = c.actor_id
   where c.what = 'setting' and c.setting not in ('join', 'second_prompt', 'timezone')),
  'Amy name Org org One|Amy prompts_since 2000-01-01T00:00:00+00:00 2026-11-09T15:00:00+00:00|Amy postal_address|'
  'Sid prompts_since 2026-11-09T15:00:00+00:00|Sid prompts_since 2026-11-20T18:00:00+00:00',
  'R-O1 each change of a setting is kept, the address without its text'
);

select * from finish();
