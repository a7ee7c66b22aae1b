-- The person's own answer about one event, how it was, and who sees it.

-- name: answer_page(session bytea, event bigint) :one -> event_id bigint, state text, can_feedback boolean
-- role: member
select
  event_id,
  state,
  state = 'open' as is_open,
  state = 'early' as is_early,
  state = 'cancelled' as is_cancelled,
  state = 'closed' as is_closed,
  title,
  org_name,
  location,
  is_virtual,
  starts_at,
  starts_text,
  ends_text,
  zone,
  closes_text,
  status,
  status_text,
  feedback_rating,
  feedback_text,
  can_feedback,
  can_share,
  show_on_profile,
  show_to_other_orgs,
  is_listed,
  other_orgs,
  d.absence_is_unsaid,
  d.absence_is_asked,
  d.absence_is_denied,
  d.absence_is_approved,
  d.absence_reason
from own_answer(:session, :event) a
left join lateral own_absence(:session, a.event_id) d on true;

-- name: answer_give(session bytea, event bigint, status text, request_id text) :one -> previous text, status text
-- role: member
-- commit: early
select
  previous,
  status
from answer_event(:session, :event, :status, :request_id);

-- name: answer_feedback(session bytea, event bigint, rating int?, feedback text?) :exec
-- role: member
select feedback_event(:session, :event, :rating, :feedback);

-- name: answer_share(session bytea, event bigint, show_on_profile boolean, show_to_other_orgs boolean) :exec
-- role: member
select share_attendance(:session, :event, :show_on_profile, :show_to_other_orgs);
