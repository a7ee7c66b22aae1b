-- R-B8, R-F5: what became of an event's questions, as its team sees it.
\ir fixture.sql
select no_plan();

select try.person(n) from unnest(array['Ada', 'Bob', 'Cem', 'Dee', 'Eve', 'Fay', 'Gus']) n;
select try.person('Sid', null, 'org', 'staff'), try.person('Dan', null, 'org', 'door');
select try.org('other'), try.person('Oto', null, 'other', 'admin');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 16:30+00'), try.event('Walk', '2026-11-19 15:00+00', '2026-11-19 16:30+00');
select try.event('Else', '2026-11-20 15:00+00', '2026-11-20 16:30+00', 'other');
update organizations set second_prompt = 'all';
select try.sign_in('Sid') as sid, try.sign_in('Dan') as dan, try.sign_in('Ada') as ada, try.sign_in('Oto') as oto \gset
create function try.funnel(session bytea, title text, slug text default 'org') returns text language sql stable
  as $$ select string_agg(format('%s %s+%s=%s', stage, first_question, second_question, people), ', ') from event_funnel(session, slug, try.event_id(title)) $$;
create function try.ratings(session bytea, title text, slug text default 'org') returns text language sql stable
  as $$ select string_agg(people::text, ' ') || format(' of %s: %s, %s left out, %s unasked', min(rated), round(min(average), 2), min(left_out), (select min(unasked) from event_funnel(session, slug, try.event_id(title)))) from event_ratings(session, slug, try.event_id(title)) $$;
create function try.answer(name text, title text, status text, rating int default null, words text default null) returns void language plpgsql
  as $$
    begin
      perform record_attendance(try.user_id(name), try.event_id(title), status, 'r');
      if rating is not null then
        perform submit_feedback(try.user_id(name), try.event_id(title), rating, words);
      end if;
    end
  $$;

select is(try.funnel(:'sid', 'Talk'), 'asked 0+0=0, accepted 0+0=0, answered 0+0=0, attended 0+0=0, partial 0+0=0, not_attended 0+0=0, unanswered 0+0=0, snoozed 0+0=0, feedback 0+0=0', 'R-B8 nobody was asked: every stage, at zero');
select is(try.ratings(:'sid', 'Talk'), '0 0 0 0 0 of 0: , 0 left out, 0 unasked', 'R-B8 ... and five ratings without an average');

select try.viewed(n, 'Talk') from unnest(array['Ada', 'Bob', 'Cem', 'Dee', 'Eve', 'Fay']) n;
select is(schedule_post_event_prompts(100), 6, 'planned');
select is(try.funnel(:'sid', 'Talk'), 'asked 0+0=0, accepted 0+0=0, answered 0+0=0, attended 0+0=0, partial 0+0=0, not_attended 0+0=0, unanswered 0+0=0, snoozed 0+0=0, feedback 0+0=0', 'R-B8 what waits is not asked yet');
-- Fay's address is refused: she has the question, and no mail.
do $$
declare c record;
begin
  for c in select * from claim_notifications(100) loop
    perform prepare_notification(c.id, c.lease_id);
    if c.user_id = try.user_id('Fay') then
      perform record_failed(c.id, c.lease_id, 'recipient', 550, null, '550 no');
    else
      perform record_sent(c.id, c.lease_id, 250, 1);
    end if;
  end loop;
end $$;
select is(try.funnel(:'sid', 'Talk'), 'asked 6+0=6, accepted 5+0=5, answered 0+0=0, attended 0+0=0, partial 0+0=0, not_attended 0+0=0, unanswered 6+0=6, snoozed 0+0=0, feedback 0+0=0', 'R-B8 asked is the question made, accepted the mail that left');

select try.answer('Ada', 'Talk', 'attended', 5, 'Fine'), try.answer('Bob', 'Talk', 'partial', 2), try.answer('Gus', 'Talk', 'attended', 4, 'I just came');
select snooze_attendance_prompt(try.user_id('Cem'), id) from notifications where user_id = try.user_id('Cem');
select schedule_second_prompts(100);
select is(try.funnel(:'sid', 'Talk'), 'asked 6+0=6, accepted 5+0=5, answered 2+0=2, attended 1+0=1, partial 1+0=1, not_attended 0+0=0, unanswered 4+0=4, snoozed 1+0=1, feedback 2+0=2', 'R-B8 answered, by what they said; who was not asked is not among them');
select is(try.ratings(:'sid', 'Talk'), '1 1 0 1 0 of 3: 3.67, 0 left out, 1 unasked', 'R-B8 the ratings are of all who gave one');
select try.clock('2026-11-21 08:00+00'), try.deliver();
select is(try.funnel(:'sid', 'Talk'), 'asked 6+3=6, accepted 5+3=5, answered 2+0=2, attended 1+0=1, partial 1+0=1, not_attended 0+0=0, unanswered 1+3=4, snoozed 1+0=1, feedback 2+0=2', 'R-B8 the second question apart from the first');
select try.answer('Cem', 'Talk', 'not_attended'), try.answer('Dee', 'Talk', 'attended', 4, 'Late');
select is(try.funnel(:'sid', 'Talk'), 'asked 6+3=6, accepted 5+3=5, answered 2+2=4, attended 1+1=2, partial 1+0=1, not_attended 0+1=1, unanswered 1+1=2, snoozed 1+0=1, feedback 2+1=3', 'R-B8 who answers after the second question is counted there');
insert into attendance (user_id, event_id, org_id, status) select try.user_id('Eve'), id, org_id, 'unknown' from events where title = 'Talk';
select is(try.funnel(:'sid', 'Talk'), 'asked 6+3=6, accepted 5+3=5, answered 2+2=4, attended 1+1=2, partial 1+0=1, not_attended 0+1=1, unanswered 1+1=2, snoozed 1+0=1, feedback 2+1=3', 'R-A6 asked in vain is no answer');

-- Changed to not_attended: kept, and left out.
select try.answer('Bob', 'Talk', 'not_attended');
select is(try.ratings(:'sid', 'Talk'), '1 2 0 0 0 of 3: 4.33, 1 left out, 1 unasked', 'R-A9 who changes to not there is left out of the average');
select is((select feedback_rating::int from attendance where user_id = try.user_id('Bob')), 2, 'R-A9 ... and their rating is kept');
select is(split_part(try.funnel(:'sid', 'Talk'), ', ', 9), 'feedback 1+1=2', 'R-A9 ... and is no feedback of somebody there');

-- A moved event counts everyone once.
update events set starts_at = '2026-11-21 10:00+00', ends_at = '2026-11-21 11:00+00' where title = 'Talk';
select try.clock('2026-11-21 13:00+00'), schedule_post_event_prompts(100), try.deliver();
select is(split_part(try.funnel(:'sid', 'Talk'), ', ', 1), 'asked 6+3=6', 'R-A4 asked anew about a moved event: once among the people');

-- Who sees it.
select is(try.funnel(s, 'Talk') is null and try.ratings(s, 'Talk') is null and (select count(*) from event_feedback(s, 'org', try.event_id('Talk'), null, null, 10, false)) = 0, true, 'R-O2 nobody but its own staff sees any of it')
from unnest(array[:'dan', :'ada', :'oto', '\x00']::bytea[]) s;
select is(try.funnel(:'sid', 'Else'), null, 'R-O2 nor staff another organisation''s event');
select is(try.funnel(:'oto', 'Talk', 'other'), null, 'R-O2 nor under their own organisation''s name');
select isnt(try.funnel(:'oto', 'Else', 'other'), null, 'R-O2 their own they see');
update events set deleted_at = app_now() where title = 'Walk';
select is(try.funnel(:'sid', 'Walk'), null, 'a deleted event is not there');

-- Who was not asked, and why.
create function try.unasked(session bytea, slug text default 'org') returns text language sql stable
  as $$ select string_agg(concat_ws(' ', cause, people), ', ' order by cause) from event_unasked(session, slug, try.event_id('Run')) $$;
select try.person(n) from unnest(array['Una', 'Vic', 'Wes', 'Xia', 'Yan', 'Zoe']) n;
select try.event('Run', '2026-11-21 10:00+00', '2026-11-21 12:00+00');
select try.viewed(n, 'Run') from unnest(array['Una', 'Vic', 'Wes', 'Yan', 'Zoe']) n;
select try.registered('Xia', 'Run'), try.registered('Una', 'Run');
select try.clock('2026-11-21 11:59+00');
select is(try.unasked(:'sid'), null, 'R-F5 nothing before the end');
select try.clock('2026-11-21 12:30+00');
select is(try.unasked(:'sid'), 'not_yet 6', 'R-F5 at first they are about to be asked, each counted once');
insert into event_notification_preferences (user_id, org_id, frequency) select try.user_id(w.name), :org, w.frequency from (values ('Una', 'none'), ('Zoe', 'weekly')) w(name, frequency);
select suppress_address(try.user_id('Vic'), '5.1.1');
select try.answer('Wes', 'Run', 'attended');
update organizations set prompt_audience = 'viewers' where slug = 'org';
select try.clock('2026-11-21 13:01+00'), schedule_post_event_prompts(100);
select is(try.unasked(:'sid'), 'answered 1, not_in_audience 1, suppressed 1, unsubscribed 1, waiting 2', 'R-F5 not asked: how many, and why');
select try.deliver();
select is(try.unasked(:'sid'), 'answered 1, not_in_audience 1, suppressed 1, unsubscribed 1, waiting 1', 'R-F5 who was asked is not among them; who gets a summary is');
select is(try.unasked(s), null, 'R-O2 nobody but its own staff learns it') from unnest(array[:'dan', :'ada', :'oto', '\x00']::bytea[]) s;
update event_notification_preferences set frequency = 'all' where user_id = try.user_id('Una');
select try.clock('2026-12-05 12:00+00');
select expire_notifications(100);
select is(try.unasked(:'sid'), 'answered 1, not_in_audience 1, suppressed 1, too_late 2', 'R-A4 in the end it was too late');
update organizations set prompts_since = '2026-11-22' where slug = 'org';
select is(try.unasked(:'sid'), 'prompts_off 5', 'R-A2 before questions were switched on');
update events set status = 'cancelled' where title = 'Run';
select is(try.unasked(:'sid'), null, 'a cancelled event says so itself');
select try.clock('2026-11-21 13:00+00');

-- What they wrote.
create function try.words(title text, before timestamptz default null, before_user bigint default null, most int default 10, with_text boolean default true) returns text language sql stable
  as $$ select string_agg(concat_ws(' ', name, status, rating, feedback), ', ') from event_feedback((select hash from sessions where user_id = try.user_id('Sid')), 'org', try.event_id(title), before, before_user, most, with_text) $$;
select is(try.words('Talk'), 'Dee attended 4 Late, Gus attended 4 I just came, Ada attended 5 Fine', 'R-A9 staff read the words with the name, the last first');
select is(try.words('Talk', with_text => false), 'Dee attended 4 Late, Gus attended 4 I just came, Bob not_attended 2, Ada attended 5 Fine', 'R-B8 ... or all that was given, for a file');
select is(try.words('Talk', '2026-11-20 18:00+00', try.user_id('Gus')), 'Ada attended 5 Fine', 'a page goes on after the last row, at the same moment too');
select is(try.words('Talk', most => 1), 'Dee attended 4 Late', 'no more than asked for');

select * from finish();
