-- A member's own registration, as the door wants to see it.

-- name: ticket_page(session bytea, event bigint) :one -> id bigint, generation int, expires bigint, is_waiting boolean
-- role: member
select
  t.id,
  t.generation,
  t.expires,
  t.event_title,
  t.starts_at,
  t.starts_text,
  t.zone,
  t.location,
  t.is_virtual,
  t.org_name,
  t.user_name,
  t.is_waiting,
  case when not e.is_over then waiting_place(:session, :event) end as waiting_place,
  t.is_cancelled,
  t.attendance_status,
  t.attendance_text,
  t.attendance_status <> 'unknown' as is_marked
from own_ticket(:session, :event) t
left join member_events(:session, :event) e on true;

-- name: ticket_renew(session bytea, event bigint) :exec
-- role: member
select renew_ticket(:session, :event);
