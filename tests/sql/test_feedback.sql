-- R-A9: how it was, from those who were there.
\ir fixture.sql
select plan(38);

select try.person('Ada'), try.person('Bob'), try.person('Cem');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.viewed(n, 'Talk') from unnest(array['Ada', 'Bob', 'Cem']) n;
select schedule_post_event_prompts(10), try.deliver();
select id as ada from notifications where user_id = try.user_id('Ada') \gset
select id as bob from notifications where user_id = try.user_id('Bob') \gset
\set late '\'2026-12-04 17:00+00\''
create function try.rate(rating int, feedback text) returns void language sql
  as $$ select feedback_prompt(id, 1, '2027-01-01', rating, feedback) from notifications where user_id = try.user_id('Ada') $$;
create function try.kept() returns text language sql stable
  as $$ select concat_ws(' ', status, feedback_rating, feedback_text, to_char(feedback_submitted_at, 'DD HH24:MI')) from attendance where user_id = try.user_id('Ada') $$;

-- Without an attendance.
select results_eq(format('select can_feedback, feedback_rating, feedback_text from prompt_link(%s, 1, %L)', :ada, :late), $$values (false, null::int, null::text)$$, 'R-A9 not asked before an answer');
select throws_ok('select try.rate(5, ''Good'')', 'RC409', 'feedback_needs_attendance', 'R-A9 without an answer: a clear error');
select is((select count(*)::int from attendance), 0, 'R-A9 ... and no row comes of it');
select answer_prompt(:ada, 1, :late, 'not_attended', 'r');
select throws_ok('select try.rate(5, ''Good'')', 'RC409', 'feedback_needs_attendance', 'R-A9 not from who was not there');
update attendance set status = 'unknown', responded_at = null;
select throws_ok('select try.rate(5, ''Good'')', 'RC409', 'feedback_needs_attendance', 'R-A9 nor from whom nothing is known');
select is((select count(*)::int from attendance where feedback_rating is not null), 0, 'R-A9 what is refused leaves nothing');

-- Ratings and words.
select answer_prompt(:ada, 1, :late, 'attended', 'r');
select results_eq(format('select can_feedback from prompt_link(%s, 1, %L)', :ada, :late), $$values (true)$$, 'R-A9 who was there is asked');
select throws_ok(format('select try.rate(%s, null)', r), 'RC422', 'bad_rating', 'R-A9 a rating of ' || r || ' is refused') from unnest(array['0', '6', '-1', '2147483647', 'null']) r;
select throws_ok('select try.rate(3, repeat(''ö'', 2001))', 'RC422', 'feedback_too_long', 'R-A9 2,001 characters are refused');
select is(try.kept(), 'attended', 'R-A9 what is refused leaves nothing');
do $$
declare
  v_field text;
begin
  perform try.rate(0, null);
exception when sqlstate 'RC422' then
  get stacked diagnostics v_field = pg_exception_detail;
  create temporary table field as select v_field as name;
end
$$;
select is((select name from field), 'rating', 'the field is named');
select lives_ok(format('select try.rate(%s, null)', r), 'R-A9 a rating of ' || r || ' is taken') from generate_series(1, 5) r;
select lives_ok('select try.rate(3, repeat(''ö'', 2000))', 'R-A9 2,000 characters are taken');
select lives_ok('select try.rate(3, repeat(E''ö\r\n'', 1000))', 'R-A9 a line''s end counts as one character, as in the browser');
select is((select length(feedback_text) from attendance), 1999, '... and is kept as one');
select lives_ok('select try.rate(4, E'' \r\n '')', 'R-A9 words are not required');
select is(try.kept(), 'attended 4 20 18:00', 'R-A9 ... and blanks are none');
select is((select count(*)::int from event_attendance_audit where user_id = try.user_id('Ada')), 2, 'R-B6 the audit holds no feedback, only the answers');

-- Overwritten.
select try.clock('2026-11-21 09:30+00');
select try.rate(2, 'Too loud');
select is(try.kept(), 'attended 2 Too loud 21 09:30', 'R-A9 sending again overwrites');
select is((select count(*)::int from attendance), 1, 'R-A9 one row');
select results_eq(format('select can_feedback, feedback_rating, feedback_text from prompt_link(%s, 1, %L)', :ada, :late), $$values (true, 2, 'Too loud')$$, 'R-A9 the page shows what was said');
select answer_prompt(:bob, 1, :late, 'partial', 'r'), feedback_prompt(:bob, 1, :late, 5, 'Fine');
select is((select feedback_rating::int from attendance where user_id = try.user_id('Bob')), 5, 'R-A9 after partial too');
select is(try.kept(), 'attended 2 Too loud 21 09:30', 'R-A9 nobody else''s is touched');

-- The answer changes.
select answer_prompt(:ada, 1, :late, 'not_attended', 'r');
select is(try.kept(), 'not_attended 2 Too loud 21 09:30', 'R-A9 kept when they say that they were not there');
select results_eq(format('select can_feedback from prompt_link(%s, 1, %L)', :ada, :late), $$values (false)$$, 'R-A9 ... and not asked for');
select throws_ok('select try.rate(5, ''Good'')', 'RC409', 'feedback_needs_attendance', 'R-A9 ... nor taken');

-- The link.
select answer_prompt(:ada, 1, :late, 'attended', 'r');
select throws_ok(format('select feedback_prompt(%s, 2, %L, 5, null)', :ada, :late), 'RC404', 'absent', 'R-A8 revoked: refused');
select throws_ok(format('select feedback_prompt(%s, 1, %L, 5, null)', :ada, '2026-11-21 09:29+00'), 'RC410', 'closed', 'R-A8 past the token''s date: refused');
select try.clock('2026-12-04 17:00:01+00');
select throws_ok('select try.rate(5, ''Good'')', 'RC410', 'closed', 'R-A7 after end + 14 days: closed');
select is(try.kept(), 'attended 2 Too loud 21 09:30', 'R-A9 what is refused changes nothing');
select * from finish();
