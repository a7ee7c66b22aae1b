-- R-A10: the two switches of an answer, as each kind of reader.
\ir fixture.sql
select no_plan();

-- Ada belongs to org, whose events these are, and to else; not to stranger.
select try.org('else'), try.org('stranger');
select try.person('Ada'), try.person('Self'), try.person('Fellow'), try.person('Door', null, 'org', 'door'),
  try.person('Responder'), try.person('Staff', null, 'org', 'staff'), try.person('Admin', null, 'org', 'admin'),
  try.person('ElseMember', null, 'else'), try.person('ElseDoor', null, 'else', 'door'),
  try.person('ElseStaff', null, 'else', 'staff'), try.person('ElseAdmin', null, 'else', 'admin'),
  try.person('StrangerMember', null, 'stranger'), try.person('StrangerStaff', null, 'stranger', 'staff');
delete from users where name = 'Self';
update memberships set responder = true where user_id = try.user_id('Responder');
insert into memberships (user_id, org_id) select try.user_id('Ada'), id from organizations where slug = 'else';
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
insert into attendance (user_id, event_id, org_id, status, responded_at, feedback_rating, feedback_text, feedback_submitted_at)
select try.user_id('Ada'), id, org_id, 'attended', app_now(), 2, 'Too loud', app_now() from events;

create table try.readers (name text primary key, session bytea);
insert into try.readers
select u.name, try.sign_in(u.name) from users u
union all select 'nobody', sha256('nobody');
grant select on try.readers to public;

-- Whether the reader sees it on the profile; and whether on the team's page
-- of any organisation at all, which they may ask for.
create function try.on_profile(reader text, status text default null) returns boolean language sql stable
  as $$
    select exists (
      select from try.readers r
      cross join lateral fellow_attendance(r.session, try.user_id('Ada'), null, null, 50) f
      where r.name = reader and (f.shown or reader = 'Ada') and (on_profile.status is null or f.status = on_profile.status)
    )
  $$;
create function try.on_team_page(reader text) returns boolean language sql stable
  as $$
    select exists (
      select from try.readers r
      cross join organizations o
      cross join lateral person_attendance(r.session, o.slug, try.user_id('Ada'), null, null, 50) p
      where r.name = reader
    )
  $$;
create function try.switches(profile boolean, elsewhere boolean) returns void language sql
  as $$ select share_attendance(session, try.event_id('Talk'), profile, elsewhere) from try.readers where name = 'Ada' $$;

-- For each reader: the profile, then the team's page, each with the switches
-- as they are at first (on, off), both on, both off.
create table try.wanted (reader text, profile text, team_page text);
insert into try.wanted values
  ('nobody',         '---', '---'),
  ('Ada',            'yyy', '---'),
  ('Fellow',         'yy-', '---'),
  ('Responder',      'yy-', '---'),
  ('Door',           'yy-', '---'),
  ('Staff',          'yy-', 'yyy'),
  ('Admin',          'yy-', 'yyy'),
  ('ElseMember',     '---', '---'),
  ('ElseDoor',       '---', '---'),
  ('ElseStaff',      '---', '-y-'),
  ('ElseAdmin',      '---', '-y-'),
  ('StrangerMember', '---', '---'),
  ('StrangerStaff',  '---', '---');
select set_eq('select reader from try.wanted', 'select name from try.readers', 'every reader is asked for');

create procedure try.see(profile boolean, elsewhere boolean, place int) language plpgsql
  as $$
    begin
      perform try.switches(profile, elsewhere);
      insert into try.seen
      select reader, place, try.on_profile(reader), try.on_team_page(reader) from try.wanted;
    end
  $$;
create table try.seen (reader text, place int, profile boolean, team_page boolean);
select results_eq('select show_on_profile, show_to_other_orgs from attendance', 'values (true, false)', 'R-A10 new rows: on the profile, to no other organisation');
call try.see(true, false, 1);
call try.see(true, true, 2);
call try.see(false, false, 3);
select is(
  (select string_agg(case when s.profile then 'y' else '-' end, '' order by s.place) from try.seen s where s.reader = w.reader),
  w.profile, 'R-A10 the profile as ' || w.reader || ' sees it')
from try.wanted w;
select is(
  (select string_agg(case when s.team_page then 'y' else '-' end, '' order by s.place) from try.seen s where s.reader = w.reader),
  w.team_page, 'R-A10 the team''s page as ' || w.reader || ' sees it')
from try.wanted w;

-- The switches.
select try.switches(false, true);
select results_eq('select show_on_profile, show_to_other_orgs from attendance', 'values (false, false)', 'R-A10 first off forces second off');
select try.switches(true, true);
select share_answers(session, (select id from organizations where slug = 'org'), false) from try.readers where name = 'Ada';
select results_eq('select show_on_profile, show_to_other_orgs from attendance', 'values (false, false)', 'R-A10 hiding all hides the second too');
select share_answers(session, (select id from organizations where slug = 'org'), true) from try.readers where name = 'Ada';
select results_eq('select show_on_profile, show_to_other_orgs from attendance', 'values (true, false)', 'R-A10 showing all shows no other organisation anything');
select throws_ok(format('select share_attendance(%L, try.event_id(''Talk''), false, false)', session), case name when 'nobody' then 'RC401' else 'RC404' end, null, 'R-A10 ' || name || ' moves no switch of Ada''s')
from try.readers where name <> 'Ada';
select throws_ok('update attendance set show_on_profile = false, show_to_other_orgs = true', '23514', null, 'R-A10 the table holds it too');
select throws_ok(format('select share_answers(%L, (select id from organizations where slug = ''stranger''), false)', session), 'RC404', null, 'an organisation that is not theirs is not there')
from try.readers where name = 'Ada';

-- What is never on a profile, and what never leaves the host's team.
select try.switches(true, true);
create function try.says(status text) returns void language sql
  as $$ update attendance set status = says.status, responded_at = case when says.status <> 'unknown' then app_now() end,
    feedback_rating = case when says.status in ('attended', 'partial') then 2 end,
    feedback_submitted_at = case when says.status in ('attended', 'partial') then app_now() end, feedback_text = null $$;
create function try.sees(reader text) returns text language sql stable
  as $$ select concat_ws(' ', case when try.on_profile(reader) then 'profile' end, case when try.on_team_page(reader) then 'team' end) $$;
select try.says('partial');
select is(try.sees('Fellow') || '/' || try.sees('ElseStaff') || '/' || try.sees('Staff'), 'profile/team/profile team', 'R-A10 partial is shown like attended');
select try.says('not_attended');
select is(try.sees('Fellow') || '/' || try.sees('Staff') || '/' || try.sees('ElseStaff') || '/' || try.sees('Ada'), '/team/team/profile', 'R-A10 that somebody was not there is on nobody''s profile but their own');
select try.says('unknown');
select is(try.sees('Fellow') || '/' || try.sees('Staff') || '/' || try.sees('ElseStaff') || '/' || try.sees('Ada'), '/team//profile', 'R-A10 no answer is for the host''s team, and oneself');
select try.says('attended');
select results_eq(
  $$select rating::int, elsewhere from try.readers r, person_attendance(r.session, 'org', try.user_id('Ada'), null, null, 50) where r.name = 'Staff'$$,
  'values (2, false)', 'R-A9 the host''s staff read the rating');
select results_eq(
  $$select rating::int, elsewhere from try.readers r, person_attendance(r.session, 'else', try.user_id('Ada'), null, null, 50) where r.name = 'ElseStaff'$$,
  'values (null::int, true)', 'R-A9 another team does not, and sees that it is from elsewhere');
select is_empty(
  $$select column_name from information_schema.columns where false union all
    select unnest(proargnames) from pg_proc where proname in ('fellow_attendance', 'fellow_profile', 'find_fellows') intersect select unnest(array['rating', 'feedback_rating', 'feedback_text', 'email'])$$,
  'R-A9 a profile has no rating, no words and no address');

-- An organisation of somebody else's is not asked for.
select is_empty(format('select * from person_attendance(%L, %L, try.user_id(''Ada''), null, null, 50)', r.session, o.slug), 'R-O2 ' || r.name || ' asks ' || o.slug || ' for nothing')
from try.readers r, organizations o
where (r.name like 'Else%' and o.slug <> 'else') or (r.name like 'Stranger%' and o.slug <> 'stranger') or (r.name in ('Staff', 'Admin') and o.slug <> 'org');

-- Leaving, and coming back.
delete from memberships m using organizations o where o.id = m.org_id and o.slug = 'else' and m.user_id = try.user_id('Ada');
select is(try.sees('ElseStaff'), '', 'R-A10 an organisation that the person left sees nothing of others');
insert into memberships (user_id, org_id) select try.user_id('Ada'), id from organizations where slug = 'else';
delete from memberships m using organizations o where o.id = m.org_id and o.slug = 'org' and m.user_id = try.user_id('Ada');
select is(try.sees('Fellow') || '/' || try.sees('Staff') || '/' || try.sees('ElseStaff'), '/team/team', 'R-A10 who has left is nobody''s fellow; the team keeps its record');
insert into memberships (user_id, org_id) select try.user_id('Ada'), id from organizations where slug = 'org';
select is(try.sees('Fellow'), 'profile', 'R-A10 ... and is one again');
delete from memberships where user_id = try.user_id('Fellow');
select is(try.sees('Fellow'), '', 'R-A10 nor is the reader who has left');
insert into memberships (user_id, org_id) select try.user_id('Fellow'), id from organizations where slug = 'org';

-- Events that are no more.
update events set status = 'cancelled';
select is(try.sees('Fellow') || '/' || try.sees('Staff') || '/' || try.sees('ElseStaff') || '/' || try.sees('Ada'), '/team//profile', 'a cancelled event was not, for others');
update events set status = 'completed', deleted_at = app_now();
select is(string_agg(try.sees(name), ''), '', 'R-A11 a deleted event is left out for everyone') from try.readers;
update events set deleted_at = null;

-- Being found.
create function try.finds(reader text) returns text language sql stable
  as $$
    select coalesce(string_agg(f.name, ' ' order by f.name), '')
    from try.readers r cross join lateral find_fellows(r.session, null, null, 50) f where r.name = reader
  $$;
create function try.opens(reader text) returns text language sql stable
  as $$ select coalesce((select coalesce(p.org_names, '-') from try.readers r, fellow_profile(r.session, try.user_id('Ada')) p where r.name = reader), '') $$;
select is(try.finds('Fellow'), 'Ada Admin Door Responder Staff', 'fellow members are found, oneself is not');
select is(try.finds('ElseMember'), 'Ada ElseAdmin ElseDoor ElseStaff', '... in each organisation its own');
select is(try.finds('nobody') || try.finds('StrangerMember'), 'StrangerStaff', '... and by nobody else');
select is(try.opens('Fellow') || '/' || try.opens('ElseMember') || '/' || try.opens('StrangerStaff') || '/' || try.opens('nobody') || '/' || try.opens('Ada'), 'Org org/Org else///Org else, Org org', 'a profile names the organisations that are shared');
select list_member(session, (select id from organizations where slug = 'org'), false) from try.readers where name = 'Ada';
select is(try.finds('Fellow') || '/' || try.opens('Fellow') || '/' || try.sees('Fellow'), 'Admin Door Responder Staff//', 'not listed: neither found nor a profile');
select is(try.opens('ElseMember') || '/' || try.sees('Staff') || '/' || try.sees('Ada') || '/' || try.opens('Ada'), 'Org else/team/profile/Org else, Org org', '... there; elsewhere, for the team and oneself all is as before');
select is((select bool_or(f.shown) from try.readers r, fellow_attendance(r.session, try.user_id('Ada'), null, null, 50) f where r.name = 'Ada'), false, '... and the own profile says that it is not shown');
insert into memberships (user_id, org_id) select try.user_id('Fellow'), id from organizations where slug = 'else';
select is(try.opens('Fellow') || '/' || try.sees('Fellow'), 'Org else/', '... nor by way of another organisation');
select list_member(session, (select id from organizations where slug = 'org'), true) from try.readers where name = 'Ada';
update organizations set member_list = false where slug = 'org';
select is(try.finds('Door') || '/' || try.opens('Door') || '/' || try.sees('Door'), '//', 'an organisation that does not show its members shows none');
select is(try.sees('Staff') || '/' || try.opens('Fellow'), 'team/Org else', '... its team has its page all the same');
select throws_ok(format('select list_member(%L, (select id from organizations where slug = ''stranger''), true)', session), 'RC404', null, 'nobody lists themselves where they do not belong')
from try.readers where name = 'Ada';

-- Searching, and going on.
update organizations set member_list = true;
update users set name = 'Eva Öberg-Ng' where name = 'Door';
update users set name = 'ann 100%_\' where name = 'Responder';
create function try.pages(words text) returns text language sql stable
  as $$
    with recursive pages as (
      select 0 as n, null::text as name, null::bigint as id
      union all
      select p.n + 1, f.name, f.id from pages p, try.readers r, lateral find_fellows(r.session, words, p.id, 1) f
      where r.name = 'Fellow' and p.n < 20
    )
    select string_agg(name, ', ' order by n) from pages
  $$;
select is((select string_agg(f.name, ', ' order by f.place) from try.readers r, find_fellows(r.session, null, null, 50) f where r.name = 'Fellow'), 'Ada, Admin, ann 100%_\, ElseAdmin, ElseDoor, ElseMember, ElseStaff, Eva Öberg-Ng, Staff', 'people of all organisations stand by name, whoever is in two of them once');
select is(try.pages(null), 'Ada, Admin, ann 100%_\, ElseAdmin, ElseDoor, ElseMember, ElseStaff, Eva Öberg-Ng, Staff', 'page after page gives each of them once');
select is(try.pages(w), found, 'the words ' || w)
from (values ('öB', 'Eva Öberg-Ng'), ('ng E', 'Eva Öberg-Ng'), ('a', 'Ada, Admin, ann 100%_\'), ('100%', 'ann 100%_\'), ('%', null), ('''', null), ('a:* | b', null), ('zz', null), ('fellow', null)) v(w, found);
select is((select count(*)::int from try.readers r, find_fellows(r.session, null, 9223372036854775807, 50) f where r.name = 'Fellow'), 9, 'a cursor of nobody is the first page');
select is((select count(*)::int from try.readers r, find_fellows(r.session, null, try.user_id('StrangerStaff'), 50) f where r.name = 'Fellow'), 9, '... and one of somebody they do not find');
select * from finish();
