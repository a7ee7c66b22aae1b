-- R-F5: what was decided about a person's messages, as they see it themselves.
\ir fixture.sql
select no_plan();

select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dee']) n;
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 16:30+00'), try.event('Walk', '2026-11-19 15:00+00', '2026-11-19 16:30+00');
update organizations set second_prompt = 'all';
select try.sign_in('Ada') as ada, try.sign_in('Bob') as bob, try.sign_in('Cem') as cem, try.sign_in('Dee') as dee \gset
create function try.told(session bytea, before timestamptz default null, before_id bigint default null, most int default 50) returns text language sql stable
  as $$ select coalesce(string_agg(concat_ws(' ', event_title, prompt_number, state, cause, reason, to_char(at at time zone 'UTC', 'DD HH24:MI')), ', '), '') from own_messages(session, before, before_id, most) $$;
create function try.unasked(session bytea, title text) returns text language sql stable
  as $$ select not_asked_cause(session, try.event_id(title)) $$;

-- Before anything was decided.
select is(try.told(:'ada') || try.told('\x00'), '', 'R-F5 nothing yet, and nothing for nobody');
select is(try.unasked(:'ada', 'Talk'), 'not_in_audience', 'R-F5 not asked: she neither looked nor registered');

select try.viewed('Ada', 'Talk'), try.viewed('Ada', 'Walk'), try.registered('Bob', 'Talk'), try.viewed('Cem', 'Talk'), try.viewed('Dee', 'Talk');
select is(try.unasked(:'ada', 'Talk'), null, 'R-F5 who is about to be asked is not told that she was not');
update users set quiet = true, quiet_from = '18:00', quiet_to = '08:00' where name = 'Cem';
select is(schedule_post_event_prompts(100), 5, 'planned');
select is(try.told(:'ada'), 'Talk 1 waiting viewed 20 17:30, Walk 1 waiting viewed 19 17:30', 'R-F5 planned, the last first, and why');
select is(try.told(:'bob'), 'Talk 1 waiting registered 20 17:30', 'R-F5 everyone sees their own, with their own reason');
select is(try.told(:'cem'), 'Talk 1 waiting quiet_hours viewed 21 07:00', 'R-F5 held: until when, and why');
select is(try.unasked(:'cem', 'Talk'), null, 'R-F5 who waits is not told that they were not asked');

-- What becomes of them.
select record_attendance(try.user_id('Ada'), try.event_id('Walk'), 'attended', 'r');
do $$
declare c record;
begin
  for c in select * from claim_notifications(100) loop
    perform prepare_notification(c.id, c.lease_id);
    if c.user_id = try.user_id('Dee') then
      perform record_failed(c.id, c.lease_id, 'recipient', 550, null, '550 no');
    elsif c.user_id = try.user_id('Ada') then
      perform record_failed(c.id, c.lease_id, 'retry', 451, '4.7.1', '451 later');
    else
      perform record_sent(c.id, c.lease_id, 250, 1);
    end if;
  end loop;
end $$;
select matches(try.told(:'ada'), '^Talk 1 waiting retry viewed 20 18:0\d, Walk 1 cancelled answered viewed 20 18:00$', 'R-F5 tried in vain, and taken back');
select is(try.told(:'bob'), 'Talk 1 sent registered 20 18:00', 'R-F5 sent');
select is((select concat_ws(' ', state, cause, reply_code, can_stop, event_id = try.event_id('Talk'), org_name) from own_messages(:'dee', null, null, 50)), 'dead recipient_refused 550 t t Org org', 'R-F5 dead: the server''s answer, and that such mail can be stopped');
select is(try.unasked(:'ada', 'Walk') is null and try.unasked(:'bob', 'Talk') is null, true, 'R-F5 who was asked, or has answered, is not told otherwise');

-- Put off, and a second.
select snooze_attendance_prompt(try.user_id('Bob'), id) from notifications where user_id = try.user_id('Bob');
select is(try.told(:'bob'), 'Talk 2 waiting asked_for 21 08:00, Talk 1 sent registered 20 18:00', 'R-F5 because they asked to be asked again');
update event_participants set status = 'cancelled' where user_id = try.user_id('Bob');
select is(try.told(:'bob', '2026-11-20 20:00+00'), 'Talk 1 sent was_in_audience 20 18:00', 'R-F5 who withdrew since was meant to get it all the same');
select is(try.told(:'bob', most => 1), 'Talk 2 waiting asked_for 21 08:00', 'no more than asked for');
select is(try.told(:'bob', '2026-11-20 18:00+00', (select id from notification_log where user_id = try.user_id('Bob'))), '', 'a page goes on after the last row');
select is(try.told(:'bob', '2026-11-20 18:00+00', (select id + 1 from notification_log where user_id = try.user_id('Bob'))), 'Talk 1 sent was_in_audience 20 18:00', '... at the same moment too');

-- Other kinds; what may not be seen any more.
select sign_in_ask('ada@example.org', sha256('ada'));
select is((select concat_ws(' ', kind, event_title, org_name, state, reason, can_stop) from own_messages(:'ada', null, null, 50) where kind = 'sign_in'), 'sign_in waiting sign_in f', 'R-F5 a link to sign in, which cannot be stopped');
update events set deleted_at = app_now() where title = 'Walk';
select is((select count(*)::int from own_messages(:'ada', null, null, 50) where event_id = try.event_id('Walk')), 0, 'a deleted event is not named');
select is((select count(*)::int from own_messages(:'ada', null, null, 50) m where m.cause = 'answered'), 1, '... and what was decided stays');
update events set status = 'draft' where title = 'Talk';
select is((select count(*)::int from own_messages(:'ada', null, null, 50) where event_title is not null), 0, 'nor one that was taken back');
update events set status = 'published' where title = 'Talk';
update sessions set ended_at = app_now() where hash = :'ada';
select is(try.told(:'ada'), '', 'R-O3 an ended session sees nothing');

-- Why not asked.
create function try.why(name text) returns text language sql stable as $$ select try.unasked((select hash from sessions where user_id = try.user_id(name)), 'Run') $$;
select try.person(n) from unnest(array['Eve', 'Fay', 'Gus', 'Hal', 'Ivy']) n;
select try.sign_in(n) from unnest(array['Eve', 'Fay', 'Gus', 'Hal', 'Ivy']) n;
select try.event('Run', '2026-11-20 14:00+00', '2026-11-20 16:00+00');
select try.viewed(n, 'Run') from unnest(array['Eve', 'Fay', 'Gus', 'Hal']) n;
insert into event_notification_preferences (user_id, org_id, frequency) select try.user_id('Eve'), id, 'none' from organizations;
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where name = 'Fay';
select record_attendance(try.user_id('Gus'), try.event_id('Run'), 'attended', 'r');
select schedule_post_event_prompts(100), try.deliver();
select is(concat_ws(' ', try.why('Eve'), try.why('Fay'), try.why('Gus'), try.why('Hal'), try.why('Ivy')), 'unsubscribed suppressed not_in_audience', 'R-F5 who wanted none, whose address refuses mail, who was not one of them; who answered or was asked has no line');
update events set starts_at = '2026-11-20 16:30+00', ends_at = '2026-11-20 17:30+00' where title = 'Run';
select is(try.why('Ivy'), null, 'R-A4 not before an hour after the end');
update organizations set prompts_since = null;
select try.clock('2026-11-20 18:31+00');
select is(try.why('Ivy'), 'prompts_off', 'R-A2 an organisation that does not ask');
update events set status = 'cancelled' where title = 'Run';
select is(try.why('Ivy'), null, 'a cancelled event says so itself');
select is(not_asked_cause('\x00', try.event_id('Run')), null, 'nothing for nobody');

select * from finish();
