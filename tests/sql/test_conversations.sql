-- R-O1, R-O2, R-G1, R-F7: what a member and responders write to each other.
\ir fixture.sql
select plan(64);
select try.org('club') as club \gset
select try.person('Ada', null, 'org', 'admin') as ada, try.person('Mia', 'Europe/Berlin') as mia, try.person('Ben') as ben,
  try.person('Rob') as rob, try.person('Rue') as rue, try.person('Zoe', null, 'club', 'admin') as zoe \gset
update memberships set responder = true where user_id in (:rob, :rue, :zoe);
create table try.signed_in as select n as name, try.sign_in(n) as session from unnest(array['Ada', 'Mia', 'Ben', 'Rob', 'Rue', 'Zoe']) n;
create function try.s(name text) returns bytea language sql stable as $$ select session from try.signed_in s where s.name = $1 $$;
create function try.refusal(call text) returns text language plpgsql as $$
  declare v_detail text;
  begin execute 'select ' || call; return 'taken';
  exception when others then get stacked diagnostics v_detail = pg_exception_detail; return concat_ws(' ', sqlstate, sqlerrm, nullif(v_detail, '')); end $$;
create function try.told() returns text language sql stable as $$
  select coalesce(string_agg(concat_ws(' ', u.name, q.notify_type), ', ' order by q.id), '') from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'talk_news' $$;
create function try.seen(name text, slug text default 'org') returns text language sql stable as $$
  select string_agg(concat_ws(' ', author_name, body, case when is_unread then 'new' end, case when is_out then case when read_text is null then 'waits' else 'read' end end), ' | ' order by id) from own_talk(try.s(name), slug, null, 50) $$;
create function try.team_seen(name text, person bigint, slug text default 'org') returns text language sql stable as $$
  select string_agg(concat_ws(' ', author_name, body, case when is_unread then 'new' end, case when is_out then case when read_text is null then 'waits' else 'read' end end), ' | ' order by id) from team_talk(try.s(name), slug, person, null, 50) $$;

-- Whom one can write to.
select is((select string_agg(slug || case when can_write then '' else ' nobody' end, ', ') from own_talks(try.s('Mia'), null)), 'org', 'a member can write to the responders of their organisation');
select is((select count(*)::int from own_talks(try.s('Zoe'), null)), 0, 'who is the only responder has nobody to write to');
select is((select string_agg(slug, ', ') from own_talks(try.s('Rob'), null)), 'org', '... and with another one they have');
select is((select count(*)::int from own_talks(try.s('Mia'), 'club')), 0, 'R-O2 not to another organisation''s');
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Mia'), 'club', 'Hello')), 'RC404 absent', 'R-O2 ... which is not there for them');
select is(try.refusal(format('say_talk(%L, null, %L, null)', try.s('Mia'), 'Hello')), 'RC404 absent', '... nor is none');
select is(try.refusal(format('say_talk(%L, %L, %L, null)', sha256('nobody'), 'org', 'Hello')), 'RC401 no_session', 'nobody writes nothing');

-- A member writes.
select say_talk(try.s('Mia'), 'org', E'Hello,\nis somebody there?', null);
select is(try.seen('Mia'), E'Mia Hello,\nis somebody there? waits', 'what a member wrote waits to be read');
select is((select string_agg(concat_ws(' ', a.type, a.description, a.org_id = :org, a.metadata ->> 'message' is not null), ', ') from activities a where a.user_id = :mia), 'conversation Wrote to the responders t t', 'R-D1 it is an activity, without the text');
select is((select count(*)::int from outbox o where o.user_id = :mia and o.kind = 'activity'), 1, 'R-D5 ... and in the outbox');
select is((select count(*)::int from outbox o where o.payload::text like '%somebody there%'), 0, '... without the text too');
select is(try.told(), 'Rob to_team, Rue to_team', 'R-F7 all responders are told, nobody else');
select is((select array_agg(distinct q.urgency = c.urgency and q.not_before = app_now() and c.quiet_hours = 'pass') from scheduled_notifications q join notification_kinds k using (kind) join notification_categories c using (category) where kind = 'talk_news'), '{t}', '... at once, in the night too');
select is((select count(*)::int from scheduled_notifications q cross join talk_display(q) d where kind = 'talk_news' and (d::text like '%somebody%' or d::text like '%Mia%')), 0, '... by a mail with neither text nor name');

-- Who reads it.
select is(try.team_seen('Rob', :mia), E'Mia Hello,\nis somebody there? new', 'R-O1 a responder reads it');
select is(try.team_seen('Ada', :mia), null, 'R-O1 an admin does not');
select is(try.team_seen('Zoe', :mia), null, 'R-O2 nor a responder of another organisation');
select is(try.team_seen('Zoe', :mia, 'club'), null, '... by their own organisation''s name either');
select is(try.seen('Ben'), null, 'R-O2 nor another member');
select is((select string_agg(person_name || ' ' || unread, ', ') from team_talks(try.s('Rue'), 'org', 50)), 'Mia 1', 'a responder sees who waits');
select is((select count(*)::int from team_talks(try.s('Ada'), 'org', 50)), 0, 'R-O1 an admin does not');
select is(array[waiting_talks(:org, :rob), waiting_talks(:org, :mia), waiting_talks(:club, :zoe)], '{1,0,0}', '... and how many');
select is((select count(*)::int from team_talk_person(try.s('Rob'), 'org', :ben)), 0, 'who neither wrote nor is watched over is nobody to write to');
select is(try.refusal(format('answer_talk(%L, %L, %s, %L, null)', try.s('Rob'), 'org', :ben, 'Hi')), 'RC404 absent', '... and cannot be written to');
select is(try.refusal(format('answer_talk(%L, %L, %s, %L, null)', try.s('Ada'), 'org', :mia, 'Hi')), 'RC404 absent', 'R-O1 an admin cannot answer');
select is(try.refusal(format('read_team_talk(%L, %L, %s, 99)', try.s('Ada'), 'org', :mia)), 'RC404 absent', '... nor say that it is read');
select is(try.refusal(format('answer_talk(%L, %L, %s, %L, null)', try.s('Zoe'), 'org', :mia, 'Hi')), 'RC404 absent', 'R-O2 nor can another organisation''s responder');

-- Not a mail for each.
select say_talk(try.s('Mia'), 'org', 'Hello again', null);
select is(try.told(), 'Rob to_team, Rue to_team', 'what follows within the hour is not told again');
select say_talk(try.s('Mia'), 'org', 'Hello again', null);
select is((select count(*)::int from talk_messages), 2, 'a button pressed twice writes once');
select try.clock(app_now() + interval '61 minutes');
select say_talk(try.s('Mia'), 'org', 'Still here', null);
select is(try.told(), 'Rob to_team, Rue to_team, Rob to_team, Rue to_team', '... after an hour it is, once more');

-- An answer.
select answer_talk(try.s('Rob'), 'org', :mia, 'Yes, I am', (select max(id) from talk_messages));
select is(try.seen('Mia'), E'Mia Hello,\nis somebody there? read | Mia Hello again read | Mia Still here read | Rob Yes, I am new', 'who answers has read what was there');
select is((select array_agg(talk_recheck(q) order by q.id) from scheduled_notifications q where kind = 'talk_news' and notify_type = 'to_team'), '{read,read,read,read}', '... and nobody is mailed about that any more');
select is((select string_agg(u.name, ', ') from scheduled_notifications q join users u on u.id = q.user_id where kind = 'talk_news' and notify_type = 'to_member'), 'Mia', '... the member is told');
select is((select d ->> 'is_member' from scheduled_notifications q cross join talk_display(q) d where kind = 'talk_news' and notify_type = 'to_member'), 'true', '... with their own page');
select is((select count(*)::int from activities where user_id = :mia and description = 'A responder wrote'), 1, 'R-D1 an activity again');
select is(array(select unread_talk(u) from unnest(array[:mia, :rob, :ben]) u), '{1,0,0}', 'one is unread');
select is((select unread::int from own_talks(try.s('Mia'), 'org')), 1, '... in that conversation');
select read_talk(try.s('Mia'), 'org', (select max(id) - 1 from talk_messages));
select is(unread_talk(:mia), 1::bigint, 'what was not shown is not read');
select read_talk(try.s('Mia'), 'org', (select max(id) from talk_messages));
select is(unread_talk(:mia), 0::bigint, 'read by the member');
select is((select string_agg(person_name || ' ' || unread, ', ') from team_talks(try.s('Rue'), 'org', 50)), 'Mia 0', '... and nobody waits any more');
select is(try.team_seen('Rue', :mia), E'Mia Hello,\nis somebody there? | Mia Hello again | Mia Still here | Rob Yes, I am read', '... as the other responder sees it too');
select read_talk(try.s('Mia'), 'org', 9999);
select is((select count(*)::int from talk_messages where read_at is null), 0, 'nobody reads for the other side');

-- Who is watched over can be written to first.
insert into monitoring (user_id, org_id, consent_version) values (:ben, :org, '1');
select answer_talk(try.s('Rue'), 'org', :ben, 'How are you?', null);
select is(try.seen('Ben'), 'Rue How are you? new', 'R-D2 who is watched over can be written to');
select is((select count(*)::int from team_talk_person(try.s('Rob'), 'org', :rob)), 0, 'nobody writes to themselves');
select is((select count(*)::int from team_talk_person(try.s('Zoe'), 'club', :ben)), 0, 'R-O2 ... only by the organisation that they named');

-- What is refused.
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Ben'), 'org', E' \n ')), 'RC422 talk_empty body', 'nothing is no message');
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Ben'), 'org', repeat('ü', 2001))), 'RC422 talk_long body', '2,001 letters are too many');
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Ben'), 'org', repeat('ü', 2000))), 'taken', '... 2,000 are not');
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Ben'), 'org', E'a\u0007b')), 'RC422 bad_text body', 'no control characters');
select is((select count(*)::int from generate_series(1, 60) n where try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Ben'), 'org', 'No ' || n)) = 'taken'), 59, '60 an hour');
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Ben'), 'org', 'More')), 'RC422 talk_often body', '... and then a pause');
delete from monitoring where user_id = :ben;
update memberships set responder = false where user_id in (:rob, :rue);
select is(try.refusal(format('say_talk(%L, %L, %L, null)', try.s('Mia'), 'org', 'Hello?')), 'RC422 talk_nobody body', 'without a responder nobody could read it');
select is((select can_write from own_talks(try.s('Mia'), 'org')), false, '... which the page says');
select is(try.team_seen('Rob', :mia), null, 'R-O1 who is a responder no more reads nothing');
update memberships set responder = true where user_id in (:rob, :rue);

-- What is logged.
select open_watched(try.s('Rob'), 'org', '/staff/:org/watch/:id/talk', :mia, 'req-1');
select open_watched(try.s('Ada'), 'org', '/staff/:org/watch/:id/talk', :mia, 'req-2');
select open_watched(try.s('Zoe'), 'org', '/staff/:org/watch/:id/talk', :mia, 'req-3');
select open_watched(try.s('Rob'), 'org', '/staff/:org/watch/:id/talk', :zoe, 'req-4');
select is((select string_agg(concat_ws(' ', u.name, l.action, l.subject = :mia, l.request_id), ', ') from access_log l join users u on u.id = l.user_id), 'Rob opened t req-1', 'R-O1 each opening by a responder is logged, and only theirs');

-- What a person takes along, and has forgotten.
select is((select jsonb_agg(m ->> 'text' order by m ->> 'text') from jsonb_array_elements(own_conversations(:mia, 'UTC') -> 'conversations') m), to_jsonb(array['Hello again', E'Hello,\nis somebody there?', 'Still here', 'Yes, I am']), 'R-G1 a member takes the whole conversation along');
select is((select jsonb_agg(concat_ws(' ', m ->> 'of', 'by', m ->> 'by', m ->> 'text')) from jsonb_array_elements(own_conversations(:rob, 'UTC') -> 'conversations') m), '["somebody else by you Yes, I am"]', 'R-G1 ... a responder what they wrote');
delete from users where id = :rob;
select is(try.seen('Mia'), E'Mia Hello,\nis somebody there? read | Mia Hello again read | Mia Still here read', 'R-G1 who is erased leaves no words');
select is((select array_agg(distinct coalesce(talk_recheck(q), '-')) from scheduled_notifications q where q.kind = 'talk_news' and q.user_id = :mia), '{erased}', '... nor a mail about them');
delete from memberships where user_id = :ben;
select is(try.team_seen('Rue', :ben), null, 'who left is read no more');
select is(try.seen('Ben'), null, '... and reads no more');

-- What is kept.
select is(prune_talk(100), 0, 'what is younger than a year is kept');
select try.clock(app_now() + interval '366 days');
select is(prune_talk(1), 1, '... what is older is not, so many at a time');
select prune_talk(100);
select is((select count(*)::int from talk_messages), 0, '... until all is gone');
select * from finish();
