-- What sweep does before it sends: move events on, plan what is due, put away
-- what is no longer wanted. Each call is its own short transaction.

-- name: advance_events() :one -> started int, completed int
-- role: sweep
select
  started,
  completed
from advance_events();

-- name: plan_prompts(max int) :one -> planned int
-- role: sweep
select schedule_post_event_prompts(:max) as planned;

-- name: cancel_moved_prompts() :one -> cancelled int
-- role: sweep
select cancel_moved_prompts() as cancelled;

-- name: expire_notifications(max int) :one -> expired int
-- role: sweep
select expire_notifications(:max) as expired;

-- name: zone_problems() :many -> user_id bigint, timezone text
-- role: sweep
select
  user_id,
  timezone
from zone_problems();

-- name: preview_sweep(max int) :many -> notification_id text, kind text, user_id bigint, planned boolean, outcome text, cause text?
-- role: sweep
-- What all of this would come to, taken back.
select
  notification_id,
  kind,
  user_id,
  planned,
  outcome,
  cause
from preview_sweep(:max);
