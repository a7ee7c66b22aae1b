-- Who works for which organisation, and what they may do there.

-- name: staff_viewer(session bytea, slug text, least text) :one -> user_id bigint, allowed boolean
-- role: staff
-- Whoever is signed in, and whether they have at least that role: without it
-- not even the organisation's name is told.
select
  u.id as user_id,
  u.name,
  true as is_team,
  cast(null as int) as waiting,
  cast(null as int) as unread,
  false as has_shifts,
  false as is_watched,
  safe_zone(coalesce(u.timezone, o.timezone)) as zone,
  t.org_id is not null as allowed,
  o.id as org_id,
  o.slug as org_slug,
  o.name as org_name,
  t.role,
  role_rank(t.role) >= role_rank('staff') as is_staff,
  t.role = 'admin' as is_admin,
  t.role = 'member' as only_responds,
  mine.responder as is_responder,
  case when mine.responder then nullif(waiting_talks(o.id, u.id), 0) end as waiting_talks,
  case when t.org_id is not null then late_run(safe_zone(coalesce(u.timezone, o.timezone))) end as late_run
from live_sessions s
join users u on u.id = s.user_id
left join team_org(:session, :slug, :least) t on true
left join organizations o on o.id = t.org_id
left join memberships mine on mine.org_id = t.org_id and mine.user_id = u.id
where s.hash = :session;

-- name: staff_org_list(session bytea) :many -> slug text, only_responds boolean
-- role: staff
select
  o.slug,
  o.name,
  m.role,
  m.role = 'member' as only_responds
from live_sessions s
join memberships m on m.user_id = s.user_id
join organizations o on o.id = m.org_id
where s.hash = :session
  and (role_rank(m.role) >= role_rank('door') or m.responder)
order by o.name, o.id;

-- name: staff_log(session bytea, slug text, action text, what text, subject bigint?, request_id text) :exec
-- role: staff
select log_access(:session, :slug, :action, :what, :subject, :request_id);

-- name: staff_next_events(session bytea, slug text) :many
-- role: staff
select
  e.id,
  e.title,
  e.starts_at,
  e.starts_text,
  e.location,
  e.is_virtual,
  e.status = 'ongoing' as is_on,
  e.registered,
  e.capacity
from team_next_events(:session, :slug) e;

-- name: staff_waiting(session bytea, slug text) :one
-- role: staff
-- What waits for the team; null: nothing.
select
  nullif(r.requests, 0) as requests,
  nullif(m.mismatches, 0) as mismatches,
  nullif(p.paused, 0) as paused,
  r.requests + m.mismatches + p.paused > 0 as is_any
from count_requests(:session, :slug) as r(requests)
cross join count_mismatches(:session, :slug) as m(mismatches)
cross join (select count(*) as paused from team_pauses(:session, :slug) t where t.is_paused) p;
