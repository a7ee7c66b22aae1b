-- One message's way out of the queue: claim, recheck, keep, record. Everything
-- after the claim names the lease, so that a late worker changes nothing.
-- expires is in Unix seconds, as link tokens have it.

-- name: claim_notifications(max int) :many -> id bigint, notification_id text, kind text, user_id bigint, lease_id bigint, retry_count int
-- role: sweep
select
  id,
  notification_id,
  kind,
  user_id,
  lease_id,
  retry_count
from claim_notifications(:max);

-- name: release_notification(id bigint, lease bigint) :one -> released boolean
-- role: sweep
select release_notification(:id, :lease) as released;

-- name: prepare_notification(id bigint, lease bigint) :one -> outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text, email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int, expires bigint, preference_id bigint, preference_generation int
-- role: sweep
select
  outcome,
  cause,
  template,
  message,
  first_attempt_at,
  sent_date,
  email,
  name,
  org_id,
  org_name,
  data,
  row_id,
  generation,
  extract(epoch from expires_at)::bigint as expires,
  preference_id,
  preference_generation
from prepare_notification(:id, :lease);

-- name: keep_message(id bigint, lease bigint, message bytea) :one -> kept boolean
-- role: sweep
select keep_message(:id, :lease, :message) as kept;

-- name: record_sent(id bigint, lease bigint, reply_code int?, took_ms int?) :one -> recorded boolean
-- role: sweep
select record_sent(:id, :lease, :reply_code, :took_ms) as recorded;

-- name: record_failed(id bigint, lease bigint, reply_code int?, error text, permanent boolean) :one -> state text
-- role: sweep
select record_failed(:id, :lease, :reply_code, :error, :permanent) as state;
