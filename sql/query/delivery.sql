-- Messages' way out of the queue: claim, recheck, keep, record. Everything
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

-- Arrays are texts, as PostgreSQL writes them: {1,2,3}. A row a message, in no
-- order. tokens: a JSON array of texts, for push.
-- name: prepare_notification(ids text, leases text, channel text, push boolean) :many -> id bigint, outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text, email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int, expires bigint, preference_id bigint, preference_generation int, tokens jsonb
-- role: sweep
select
  id,
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
from prepare_notifications(cast(:ids as bigint[]), cast(:leases as bigint[]), :channel, :push);

-- messages: one after the other, each as long as lengths says. Gives those that
-- may be sent.
-- name: keep_messages(ids text, leases text, lengths text, messages bytea) :many -> id bigint
-- role: sweep
select kept as id
from keep_messages(cast(:ids as bigint[]), cast(:leases as bigint[]), array(
  select substring(:messages from (sum(m.length) over (order by m.place) - m.length)::int + 1 for m.length)
  from unnest(cast(:lengths as int[])) with ordinality as m(length, place)
  order by m.place
)) as kept;

-- Gives those that were recorded.
-- name: record_sent(ids text, leases text, reply_codes text, took_ms text) :many -> id bigint
-- role: sweep
select recorded as id
from record_sent(
  cast(:ids as bigint[]), cast(:leases as bigint[]), cast(:reply_codes as int[]), cast(:took_ms as int[])
) as recorded;

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
