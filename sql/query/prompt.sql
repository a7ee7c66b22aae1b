-- The page behind a mailed prompt link. The answer role may call these
-- functions and nothing else; looking changes nothing, only a pressed button
-- does. snooze_text says when "Ask me at 9 in the morning" would be, in zone;
-- snoozed_text when it will be, once that was pressed.

-- name: prompt_link(notification bigint, generation int, expires timestamptz) :one -> state text, timezone_known boolean,
--   prompt_number int, can_snooze boolean, can_feedback boolean, feedback_rating int
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
  timezone_known,
  prompt_number,
  can_snooze,
  snooze_text,
  snoozed_text,
  can_feedback,
  feedback_rating,
  feedback_text,
  d.absence_is_unsaid,
  d.absence_is_asked,
  d.absence_is_denied,
  d.absence_is_approved,
  d.absence_reason
from prompt_link(:notification, :generation, :expires) p
left join lateral prompt_absence(:notification, :generation) d on true;

-- name: prompt_answer(notification bigint, generation int, expires timestamptz, status text, request_id text) :one -> previous text, status text
-- role: answer
-- commit: early
select
  previous,
  status
from answer_prompt(:notification, :generation, :expires, :status, :request_id);

-- name: prompt_snooze(notification bigint, generation int, expires timestamptz) :one -> due_text text, zone text
-- role: answer
select
  due_text,
  zone
from snooze_prompt(:notification, :generation, :expires);

-- name: prompt_feedback(notification bigint, generation int, expires timestamptz, rating int?, feedback text?) :exec
-- role: answer
select feedback_prompt(:notification, :generation, :expires, :rating, :feedback);
