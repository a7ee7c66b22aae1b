-- A person's own messages: what was planned for them, and what became of it.

-- name: decision_list(session bytea, before bigint?, before_id bigint?) :many
--   -> id bigint, kind text, cause text, reason text, cursor_at bigint, has_more boolean
-- role: member
-- The last first, 50 a page; the next page starts after the last row's
-- (cursor_at, id), as history_list has it.
select
  m.id,
  m.kind,
  m.event_id,
  m.event_title,
  m.shift_title,
  iso_time(m.shift_at, m.zone) as shift_at,
  say_time(m.shift_at, m.zone) as shift_text,
  m.org_name,
  m.prompt_number = 2 as is_second,
  m.state in ('waiting', 'leaving') as is_waiting,
  m.state = 'waiting' and m.at > app_now() as is_held,
  m.state = 'sent' and m.bounced_at is null as is_sent,
  m.state = 'sent' and m.bounced_at is not null as is_bounced,
  m.state = 'dead' as is_dead,
  m.state in ('skipped', 'expired', 'cancelled') as is_not_sent,
  m.channel = 'push' as is_push,
  m.cause,
  m.reason,
  case when m.state in ('dead', 'expired') then m.reply_code end as reply_code,
  m.can_stop,
  iso_time(m.bounced_at, m.zone) as bounced_at,
  say_time(m.bounced_at, m.zone) as bounced_text,
  iso_time(m.at, m.zone) as at,
  say_time(m.at, m.zone) as at_text,
  cast(extract(epoch from m.at) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from own_messages(
  :session, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', cast(:before_id as bigint), 51
) m
order by m.at desc, m.id desc
limit 50;
