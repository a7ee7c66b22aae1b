-- The code of a registration, as it is opened.

-- name: code_page(session bytea, participant bigint, generation int) :one
--   -> event_id bigint, org_slug text, is_own boolean, is_over boolean, is_old boolean
-- role: staff
select
  event_id,
  org_slug,
  is_own,
  is_over,
  is_old
from ticket_link(:session, :participant, :generation);
