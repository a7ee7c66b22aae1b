-- R-F1: copies are the same to the byte, as long as they go to the same place.
\ir fixture.sql
select plan(9);
select try.person('Ada');
select try.event('Talk', '2026-11-20 15:00+00', '2026-11-20 17:00+00');
select try.viewed('Ada', 'Talk');
select schedule_post_event_prompts(10);

create function try.prepare() returns table (id bigint, lease bigint, message bytea, first_attempt_at timestamptz, email text) language sql
  as $$ select c.id, c.lease_id, coalesce(p.message, ''), p.first_attempt_at, p.email from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p $$;

select * from try.prepare() \gset
select ok(keep_message(:id, :lease, 'To: ada'), 'R-F1 the mail is kept');
select record_failed(:id, :lease, 'retry', 451, null, 'busy');
update users set name = 'Ada L.', updated_at = app_now();
select try.clock('2026-11-20 18:10+00');
select * from try.prepare() \gset
select is(:'message'::bytea, 'To: ada'::bytea, 'R-F1 a copy is the same, whatever else changed');
select record_failed(:id, :lease, 'retry', 451, null, 'busy');

update users set email = 'new@example.org';
select try.clock('2026-11-20 18:20+00');
select * from try.prepare() \gset
select is(:'message'::bytea, ''::bytea, 'R-F1 to another address it is written anew');
select is(:'email'::text, 'new@example.org', '... to that');
select is(:'first_attempt_at'::timestamptz, '2026-11-20 18:00+00'::timestamptz, '... with the Date of the first attempt');
select ok(keep_message(:id, :lease, 'To: new'), '... and kept');

-- The address changes between a worker's recheck and its keeping.
select record_failed(:id, :lease, 'retry', 451, null, 'busy');
update users set email = 'third@example.org';
select try.clock('2026-11-20 18:40+00');
select * from try.prepare() \gset
update users set email = 'fourth@example.org';
select ok(keep_message(:id, :lease, 'To: third'), 'R-F1 a mail is kept for the address it was made for');
select record_failed(:id, :lease, 'retry', 451, null, 'busy');
select try.clock('2026-11-20 19:40+00');
select * from try.prepare() \gset
select is(:'message'::bytea, ''::bytea, '... and for no later one');
select keep_message(:id, :lease, 'To: fourth');
select record_sent(:id, :lease, 250, 1);
select is((select count(*)::int from scheduled_notifications), 0, 'R-F1 sent once');
select * from finish();
