-- Signing in by a mailed link: ask, look at the link, press the button.

-- name: sign_in_ask(email text, email_hash bytea) :exec
-- role: member
select sign_in_ask(:email, :email_hash);

-- name: sign_in_link(request bigint, generation int, expires timestamptz) :one -> state text
-- role: member
select
  state,
  user_name,
  org_name,
  is_new
from sign_in_link(:request, :generation, :expires);

-- name: sign_in_use(request bigint, generation int, expires timestamptz, session bytea, device text) :one
--   -> life_seconds bigint, joining text, org_slug text
-- role: member
select
  user_id,
  joining,
  org_slug,
  cast(extract(epoch from session_life()) as bigint) as life_seconds
from sign_in_use(:request, :generation, :expires, :session, :device);
