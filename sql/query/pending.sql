-- The questions that wait for the person, to be answered on the spot.

-- name: pending_list(session bytea) :many -> notification_id bigint
-- role: member
select
  notification_id,
  title,
  org_name,
  shorten(location, 200) as location,
  is_virtual,
  starts_at,
  starts_text,
  ends_text,
  zone,
  closes_text,
  can_snooze,
  snooze_text
from pending_prompts(:session);

-- name: pending_answer(session bytea, notification bigint, status text, request_id text) :one -> event_id bigint, status text
-- role: member
select
  event_id,
  status
from answer_own_prompt(:session, :notification, :status, :request_id);

-- name: pending_later(session bytea, notification bigint) :exec
-- role: member
select snooze_own_prompt(:session, :notification);
