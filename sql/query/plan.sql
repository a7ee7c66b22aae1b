-- What sweep does before it sends: move events on, plan what is due, put away
-- what is no longer wanted. Each call is its own short transaction.

-- name: advance_events() :one -> started int, completed int
-- role: sweep
select
  started,
  completed
from advance_events();

-- To be called again while more.
-- name: plan_shifts() :one -> planned_start int, planned_end int, skipped int, expired int, more boolean
-- role: sweep
select
  planned_start,
  planned_end,
  skipped,
  expired,
  more
from enqueue_due_shift_notifications();

-- name: plan_prompts(max int) :one -> planned int
-- role: sweep
select schedule_post_event_prompts(:max) as planned;

-- Looks at up to max people whose prompt 1 left; to be called again while
-- looked_at is max.
-- name: plan_second_prompts(max int) :one -> looked_at int, planned int
-- role: sweep
select
  looked_at,
  planned
from schedule_second_prompts(:max);

-- Looks at up to max lines whose digest is due; to be called again while
-- looked_at is max.
-- name: plan_digests(max int) :one -> looked_at int, planned int
-- role: sweep
select
  looked_at,
  planned
from schedule_digests(:max);

-- To be called again while settled is max. Each writes to the audit, which
-- makes answers wait meanwhile: 500 at a time are enough.
-- name: settle_unanswered(max int) :one -> settled int
-- role: sweep
select settle_unanswered(:max) as settled;

-- name: cancel_moved_prompts() :one -> cancelled int
-- role: sweep
select cancel_moved_prompts() as cancelled;

-- name: expire_notifications(max int) :one -> expired int
-- role: sweep
select expire_notifications(:max) as expired;

-- name: refresh_timezones() :exec
-- role: sweep
select refresh_timezones();

-- name: zone_problems() :many -> user_id bigint, timezone text
-- role: sweep
select
  user_id,
  timezone
from zone_problems();

-- What plan_prompts, plan_second_prompts and plan_digests would plan, without
-- planning it; a digest has neither event nor number.
-- name: planned_prompts(max int) :many -> notification_id text, user_id bigint, event_id bigint, prompt_number int,
--   scheduled_for text, not_before text, cause text
-- role: sweep
select
  notification_id,
  user_id,
  event_id,
  prompt_number,
  iso_time(scheduled_for, 'UTC') as scheduled_for,
  iso_time(not_before, 'UTC') as not_before,
  cause
from planned_prompts(:max);

-- To be called again while reviewed is max.
-- name: review_events(max int) :one -> reviewed int
-- role: sweep
select review_events(:max) as reviewed;

-- What plan_shifts would plan, without planning it.
-- name: planned_shifts(max int) :many -> notification_id text, schedule_id bigint, user_id bigint, scheduled_for text
-- role: sweep
select
  notification_id,
  schedule_id,
  user_id,
  iso_time(scheduled_for, 'UTC') as scheduled_for
from planned_shift_reminders(:max);

-- Who is silent for long enough goes up a level; to be called again while more.
-- name: step_alerts(max int) :one -> l1 int, l2 int, l3 int, l4 int, covered int, cleared int, more boolean
-- role: sweep
select
  l1,
  l2,
  l3,
  l4,
  covered,
  cleared,
  more
from step_alerts(:max);

-- Whom step_alerts would take to which level, without doing it.
-- name: planned_alerts(max int) :many -> user_id bigint, level text, scheduled_for text
-- role: sweep
select
  user_id,
  level,
  iso_time(due, 'UTC') as scheduled_for
from planned_alerts(:max);

-- Milliseconds until the next message, reminder of a shift, or check-in is due;
-- null: of none that is known.
-- name: next_due() :one -> wait bigint?
-- role: sweep
select ceil(extract(epoch from next_due() - app_now()) * 1000)::bigint as wait;
