-- The page behind a mailed prompt link. The answer role may call these
-- functions and nothing else; looking changes nothing, only answering does.

-- name: prompt_link(notification bigint, generation int, expires timestamptz) :one -> state text, timezone_known boolean
-- role: answer
select
  state,
  event_title,
  org_name,
  starts_at,
  starts_text,
  ends_text,
  closes_text,
  zone,
  status,
  status_text,
  user_name,
  timezone_known
from prompt_link(:notification, :generation, :expires);

-- name: prompt_answer(notification bigint, generation int, expires timestamptz, status text, request_id text) :one -> previous text, status text
-- role: answer
select
  previous,
  status
from answer_prompt(:notification, :generation, :expires, :status, :request_id);
