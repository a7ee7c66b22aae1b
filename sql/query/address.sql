-- Another address: ask for it, look at the mailed link, press the button.

-- name: address_ask(session bytea, email text, hashes bytea) :exec
-- role: member
select address_change_ask(:session, :email, :hashes);

-- name: address_link(request bigint, generation int, expires timestamptz) :one -> state text
-- role: member
select
  state,
  user_name,
  new_email
from address_change_link(:request, :generation, :expires);

-- name: address_use(request bigint, generation int, expires timestamptz) :exec
-- role: member
select address_change_use(:request, :generation, :expires);
