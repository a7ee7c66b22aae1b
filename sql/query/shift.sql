-- Shifts as those who take them see them, and what they press. The answer role
-- may call the functions of a reminder's link, and nothing else; looking changes
-- nothing.

-- name: shift_list(session bytea, before bigint?, before_shift bigint?) :many -> id bigint, is_over boolean, cursor_at bigint
-- role: member
-- 100 that are not over, then 20 that are and one more when there are more.
select
  s.id,
  s.title,
  s.location,
  s.org_name,
  s.starts_at,
  s.when_text,
  s.mark,
  s.status_text,
  s.is_over,
  s.is_offered,
  cast(extract(epoch from s.start_at) * 1000000 as bigint) as cursor_at
from own_shift_list(
  :session, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', :before_shift, 100, 21
) s;

-- name: shift_offer_list(session bytea) :many -> id bigint
-- role: member
select
  o.id,
  o.title,
  o.location,
  o.org_name,
  o.person_name,
  o.starts_at,
  o.when_text,
  o.clash is not null as has_clash
from offered_shifts(:session, null, 50) o;

-- name: shift_page(session bytea, shift bigint) :one -> id bigint, can_decline boolean
-- role: member
select
  id,
  title,
  location,
  notes,
  org_name,
  starts_at,
  when_text,
  zone,
  local_text,
  local_zone,
  mark,
  status_text,
  capacity,
  assigned,
  is_cancelled,
  is_over,
  is_declined,
  is_full,
  is_offered,
  can_check_in,
  can_check_out,
  can_be_late,
  can_decline,
  can_come,
  can_offer,
  opens_text
from own_shift(:session, :shift);

-- name: shift_offer(session bytea, shift bigint) :one -> id bigint
-- role: member
-- One that somebody else offers. clash is empty when it is another
-- organisation's.
select
  o.id,
  o.title,
  o.location,
  o.org_name,
  o.person_name,
  o.starts_at,
  o.when_text,
  o.zone,
  o.local_text,
  o.local_zone,
  o.capacity,
  o.assigned,
  o.clash is not null as has_clash,
  nullif(o.clash, '') as clash
from offered_shifts(:session, :shift, 1) o;

-- name: shift_left(session bytea, shift bigint) :one -> has_left boolean
-- role: member
select has_left_shift(:session, :shift) as has_left;

-- name: shift_check(session bytea, shift bigint, type text) :one -> done boolean
-- role: member
select check_shift(:session, :shift, :type) as done;

-- name: shift_word(session bytea, shift bigint, word text, minutes int?) :exec
-- role: member
select say_shift_word(:session, :shift, :word, :minutes);

-- name: shift_offer_make(session bytea, shift bigint) :exec
-- role: member
select offer_shift(:session, :shift);

-- name: shift_offer_withdraw(session bytea, shift bigint) :exec
-- role: member
select withdraw_shift_offer(:session, :shift);

-- name: shift_take(session bytea, shift bigint, anyway boolean) :exec
-- role: member
select take_shift(:session, :shift, :anyway);

-- name: shift_link(assignment bigint, generation int, expires timestamptz) :one -> state text, can_decline boolean
-- role: answer
select
  state,
  id,
  title,
  location,
  notes,
  org_name,
  starts_at,
  when_text,
  zone,
  local_text,
  local_zone,
  mark,
  status_text,
  capacity,
  assigned,
  is_cancelled,
  is_over,
  is_declined,
  is_full,
  is_offered,
  can_check_in,
  can_check_out,
  can_be_late,
  can_decline,
  can_come,
  opens_text
from shift_link(:assignment, :generation, :expires);

-- name: shift_link_check(assignment bigint, generation int, expires timestamptz, type text) :one -> done boolean
-- role: answer
select check_linked_shift(:assignment, :generation, :expires, :type) as done;

-- name: shift_link_word(assignment bigint, generation int, expires timestamptz, word text, minutes int?) :exec
-- role: answer
select say_linked_shift(:assignment, :generation, :expires, :word, :minutes);
