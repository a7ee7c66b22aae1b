-- Another address: ask for it, look at the mailed link, press the button.

-- name: address_ask(session bytea, email text, hashes bytea) :exec
-- role: member
select address_change_ask(:session, :email, :hashes);

-- name: address_request_list(session bytea) :many
-- role: member
-- What was asked for of late, the last first.
select
  r.new_email,
  r.done_at is not null as is_done,
  r.done_at is null and r.ends_at > app_now() as is_waiting,
  r.done_at is null and r.ends_at <= app_now() as is_over,
  iso_time(r.asked_at, r.zone) as asked_at,
  say_time(r.asked_at, r.zone) as asked_text,
  iso_time(r.ends_at, r.zone) as ends_at,
  say_time(r.ends_at, r.zone) as ends_text,
  iso_time(r.done_at, r.zone) as done_at,
  say_time(r.done_at, r.zone) as done_text
from own_address_requests(:session) r;

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
