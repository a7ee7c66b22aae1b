-- Verify rollcall:queue on pg

begin;

select id, user_id, org_id, event_id, type, prompt_number, revision, generation, title, body, read_at, responded_at,
  created_at
from notifications where false;
select id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
  scheduled_for, not_before, state, cause, lease_id, lease_until, retry_count, last_error, first_attempt_at,
  processed_at, created_at
from scheduled_notifications where false;
select notification_id, created_at, payload from notification_pushes where false;
select id, notification_id, state, cause, reply_code, took_ms from notification_log where false;

do $$
begin
  assert (
    select count(*) = 7 from notification_categories
  ), 'a category has no rules';
  assert not exists (
    select
    from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = 'scheduled_notifications'::regclass
      and a.attname in ('lease_id', 'lease_until', 'retry_count')
  ), 'claiming writes to an index';
  assert try_mark_notification_pushed('verify', '{}') and not try_mark_notification_pushed('verify', '{}'),
    'a message may be marked as sent twice';
end
$$;

rollback;
