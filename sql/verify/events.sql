-- Verify rollcall:events on pg

begin;

select id, org_id, uid, recurrence_time, sequence, title, description, location, url, is_virtual, starts_at,
  ends_at, effective_end, all_day, timezone, status, revision, takes_attendance, capacity
from events where false;
select event_id, user_id, org_id, viewed_at from event_views where false;
select id, user_id, org_id, frequency, generation from event_notification_preferences where false;

do $$
begin
  assert event_end('2026-11-20 18:00+00', null, false) = '2026-11-20 20:00+00',
    'an event without an end does not end after two hours';
  assert exists (
    select from pg_trigger where tgrelid = 'events'::regclass and tgname = 'events_moved' and tgenabled = 'O'
  ), 'moving an event does not raise its revision';
  assert (select indisunique and indnullsnotdistinct from pg_index where indexrelid = 'events_source_key'::regclass),
    'one calendar entry may stand twice';
end
$$;

rollback;
