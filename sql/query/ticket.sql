-- A member's own registration, as the door wants to see it.

-- name: ticket_page(session bytea, event bigint) :one -> id bigint, generation int, expires bigint
-- role: member
select
  id,
  generation,
  expires,
  event_title,
  starts_at,
  starts_text,
  zone,
  location,
  is_virtual,
  org_name,
  user_name,
  is_waiting,
  is_cancelled,
  attendance_status,
  attendance_text,
  attendance_status <> 'unknown' as is_marked
from own_ticket(:session, :event);

-- name: ticket_renew(session bytea, event bigint) :exec
-- role: member
select renew_ticket(:session, :event);
