-- What a person takes along, and being forgotten; and what outlives that.

-- name: own_data_take(session bytea) :one -> data text
-- role: member
select take_own_data(:session) as data;

-- name: own_data_last_admin(session bytea) :many
-- role: member
select
  org_slug,
  org_name,
  others,
  others > 0 as has_others
from own_last_admin(:session);

-- name: own_data_erase(session bytea, hashes bytea, request_id text) :exec
-- role: member
select erase_me(:session, :hashes, :request_id);

-- name: know_asker(hashes bytea) :exec
-- role: member
select know_asker(:hashes);

-- name: know_address(email text, hashes bytea) :exec
-- role: staff, ctl
select know_address(:email, :hashes);

-- name: know_addresses(people jsonb) :exec
-- role: ctl
select know_addresses(:people);
