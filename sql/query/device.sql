-- The devices that a person's messages are pushed to.

-- name: device_list(session bytea) :many -> id bigint, name text
-- role: member
select
  id,
  name,
  added_at,
  added_text,
  used_at,
  used_text
from own_devices(:session);

-- name: device_add(session bytea, token text, name text) :one -> id bigint
-- role: member
select add_device(:session, :token, :name) as id;

-- name: device_remove(session bytea, device bigint) :exec
-- role: member
select remove_device(:session, :device);
