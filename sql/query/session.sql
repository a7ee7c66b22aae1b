-- Who is looking, and where else they are signed in. Every query takes the
-- hash of the cookie's random id and yields nothing when it opens no session.

-- name: viewer(session bytea) :one -> user_id bigint
-- role: member, staff
-- Whose people they are stands above their pages, where it is one organisation.
select
  u.id as user_id,
  u.name,
  safe_zone(coalesce(u.timezone, o.timezone)) as zone,
  case
    when not exists (
      select from memberships other where other.user_id = u.id and other.org_id <> home.org_id
    ) then o.name
  end as org_name,
  exists (
    select from memberships m where m.user_id = u.id and role_rank(m.role) >= role_rank('door')
  ) as is_team,
  nullif(count_waiting(u.id), 0) as waiting
from live_sessions s
join users u on u.id = s.user_id
left join lateral (
  select m.org_id
  from memberships m
  where m.user_id = u.id
  order by m.created_at, m.org_id
  limit 1
) home on true
left join organizations o on o.id = home.org_id
where s.hash = :session;

-- name: session_list(session bytea) :many -> id bigint, is_current boolean
-- role: member
select
  other.id,
  other.device,
  say_time(other.created_at, z.zone) as created_text,
  say_time(other.last_seen_at, z.zone) as last_seen_text,
  iso_time(other.created_at, z.zone) as created_at,
  iso_time(other.last_seen_at, z.zone) as last_seen_at,
  z.zone,
  other.id = s.id as is_current
from live_sessions s
join live_sessions other on other.user_id = s.user_id
cross join lateral user_zone(s.user_id) as z(zone)
where s.hash = :session
order by other.id = s.id desc, other.last_seen_at desc, other.id desc;

-- name: sign_out(session bytea) :exec
-- role: member
select sign_out(:session);

-- name: session_end(session bytea, session_id bigint) :exec
-- role: member
select session_end(:session, :session_id);
