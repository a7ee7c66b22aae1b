-- A person's points: the balances, and the ledger that they come from.

-- name: points_balances(session bytea) :many -> points bigint
-- role: member
select
  b.org_name,
  b.points
from own_balances(:session) b
order by b.org_name, b.org_id;

-- name: points_list(session bytea, before bigint?) :many -> id bigint, has_more boolean
-- role: member
select
  p.id,
  p.event_id,
  p.event_title,
  p.org_name,
  p.what_text,
  p.amount > 0 as is_given,
  abs(p.amount) as amount,
  iso_time(p.at, p.zone) as at,
  say_time(p.at, p.zone) as at_text,
  count(*) over () > 50 as has_more
from own_points(:session, :before, 51) p
order by p.id desc
limit 50;
