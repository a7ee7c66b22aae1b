-- One message's way out of the queue: claim, recheck, keep, record. Everything
-- after the claim names the lease, so that a late worker changes nothing.
-- expires is in Unix seconds, as link tokens have it.

-- channel is email or push; push: there is a push service.
-- name: claim_notifications(max int, channel text, push boolean) :many -> id bigint, notification_id text, kind text, user_id bigint, lease_id bigint, retry_count int
-- role: sweep
select
  id,
  notification_id,
  kind,
  user_id,
  lease_id,
  retry_count
from claim_notifications(:max, :channel, :push);

-- name: release_notification(id bigint, lease bigint) :one -> released boolean
-- role: sweep
select release_notification(:id, :lease) as released;

-- tokens: a JSON array of texts, for push.
-- name: prepare_notification(id bigint, lease bigint, channel text, push boolean) :one -> outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text, email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int, expires bigint, preference_id bigint, preference_generation int, tokens jsonb
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
  preference_generation,
  tokens
from prepare_notification(:id, :lease, :channel, :push);

-- name: keep_message(id bigint, lease bigint, message bytea) :one -> kept boolean
-- role: sweep
select keep_message(:id, :lease, :message) as kept;

-- name: record_sent(id bigint, lease bigint, reply_code int?, took_ms int?) :one -> recorded boolean
-- role: sweep
select record_sent(:id, :lease, :reply_code, :took_ms) as recorded;

-- class is retry, ours, address or recipient: see record_failed() in deploy/.
-- enhanced is a status as in RFC 3463, why a fixed word, wait_s for how long
-- the other side wants to be left alone.
-- name: record_failed(id bigint, lease bigint, class text, reply_code int?, enhanced text?, why text, wait_s int?) :one -> state text
-- role: sweep
select record_failed(:id, :lease, :class, :reply_code, :enhanced, :why, :wait_s) as state;

-- tokens is a JSON array of texts.
-- name: forget_devices(id bigint, lease bigint, tokens jsonb) :one -> forgotten int
-- role: sweep
select forget_devices(:id, :lease, :tokens) as forgotten;

-- channel is email or push. told: the admins are being told, for the first time
-- since it last worked.
-- name: channel_failed(channel text, user_id bigint, why text) :one -> paused boolean, told boolean
-- role: sweep
select
  paused,
  told
from channel_failed(:channel, :user_id, :why);

-- What would be claimed now, and what the recheck would say of each: send,
-- skip or hold (until when), and why.
-- name: queue_due(max int) :many -> notification_id text, kind text, user_id bigint, outcome text, cause text, held_until text
-- role: sweep
select
  notification_id,
  kind,
  user_id,
  outcome,
  cause,
  iso_time(held_until, 'UTC') as held_until
from due_notifications(:max);
