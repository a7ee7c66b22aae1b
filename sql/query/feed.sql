-- The calendar that other programs follow, and its address.

-- name: feed_own(session bytea) :one -> id bigint, generation int
-- role: member
select
  id,
  generation,
  made_at,
  made_text
from own_feed(:session);

-- name: feed_make(session bytea) :exec
-- role: member
select make_feed(:session);

-- name: feed_renew(session bytea) :exec
-- role: member
select renew_feed(:session);

-- name: feed_revoke(session bytea) :exec
-- role: member
select revoke_feed(:session);

-- name: feed_found(feed bigint, generation int) :one -> found boolean
-- role: member
select feed_is_there(:feed, :generation) as found;

-- name: feed_entries(feed bigint, generation int) :many
--   -> uid text, sequence int, stamp text, whole_days boolean, starts text, ends text, status text, summary text,
--   location text, description text, path text
-- role: member
select
  uid,
  sequence,
  stamp,
  whole_days,
  starts,
  ends,
  status,
  summary,
  location,
  description,
  path
from feed_entries(:feed, :generation);
