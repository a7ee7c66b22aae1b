-- Checking in, by a button here or by a mailed link.

-- name: checkin_press(session bytea) :exec
-- role: member
select check_in(:session);

-- name: checkin_cancel(session bytea) :exec
-- role: member
-- An alert that was not needed: that is a check-in too.
select cancel_alert(:session);

-- name: checkin_link(person bigint, generation int, expires timestamptz) :one -> is_open boolean
-- role: answer
select
  person_name,
  org_name,
  is_open,
  last_text,
  next_text,
  next_span,
  is_overdue,
  alert_level,
  zone,
  closed_text
from checkin_link(:person, :generation, :expires);

-- name: checkin_by_link(person bigint, generation int, expires timestamptz) :exec
-- role: answer
select check_in_by_link(:person, :generation, :expires);
