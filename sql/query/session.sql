-- Who is looking, and where else they are signed in. Every query takes the
-- hash of the cookie's random id and yields nothing when it opens no session.

-- name: viewer(session bytea) :one -> user_id bigint, own_zone text, waiting bigint
-- role: member, staff
-- Whose people they are stands above their pages, where it is one organisation.
-- Every page asks this: the questions that wait are counted only for who has
-- one unread. own_zone is null for who has chosen none.
select
  u.id as user_id,
  u.name,
  u.timezone as own_zone,
  coalesce((select t.name from timezones t where t.name = coalesce(u.timezone, o.timezone)), 'UTC') as zone,
  case when home.orgs = 1 then o.name end as org_name,
  home.is_team,
  has_shifts(u.id) as has_shifts,
  is_watched(u.id, null) as is_watched,
  case
    when exists (
      select from notifications n where n.user_id = u.id and n.read_at is null and n.type = 'attendance_prompt'
    ) then nullif(count_waiting(u.id), 0)
  end as waiting,
  nullif(news.unread, 0) as news,
  nullif(news.unread + unread_talk(u.id), 0) as unread
from live_sessions s
join users u on u.id = s.user_id
cross join lateral (
  select
    count(*) as orgs,
    (array_agg(m.org_id order by m.created_at, m.org_id))[1] as org_id,
    coalesce(bool_or(role_rank(m.role) >= role_rank('door') or m.responder), false) as is_team
  from memberships m
  where m.user_id = u.id
) home
cross join lateral (
  select count(*) as unread
  from notifications n
  where n.user_id = u.id
    and n.read_at is null
    and n.type <> 'attendance_prompt'
) news
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
