-- Organisations: the first of them and its first admin, made on the command
-- line; and each as anyone may see it.

-- name: org_add(slug text, name text, timezone text) :one -> org_id bigint
-- role: ctl
select add_org(:slug, :name, :timezone) as org_id;

-- name: admin_add(slug text, email text, name text) :one -> user_id bigint
-- role: ctl
select add_admin(:slug, :email, :name) as user_id;

-- An organisation's public page: for everybody while it is open, else for its
-- members; no row is a 404. Times are in its own zone.

-- name: org_page(session bytea?, slug text) :one -> is_open boolean, is_member boolean
-- role: member
select
  o.slug,
  o.name,
  o."join" = 'open' as is_open,
  o.member_list,
  mine.org_id is not null as is_member
from organizations o
left join lateral (
  select m.org_id
  from live_sessions s
  join memberships m on m.user_id = s.user_id
  where s.hash = :session
    and m.org_id = o.id
) mine on true
where o.slug = :slug
  and (o."join" = 'open' or mine.org_id is not null);

-- name: org_event_list(session bytea?, slug text) :many
-- role: member
-- What is coming, of a series the next. The way into a meeting that is held online is for members.
select
  e.id,
  e.title,
  iso_time(e.starts_at, z.zone) as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
  say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as ends_text,
  z.zone,
  case when not e.is_virtual or mine.org_id is not null then shorten(e.location, 200) end as location,
  e.is_virtual,
  has_later_dates(e.id) as has_later,
  mine.org_id is not null as is_member
from organizations o
left join lateral (
  select m.org_id
  from live_sessions s
  join memberships m on m.user_id = s.user_id
  where s.hash = :session
    and m.org_id = o.id
) mine on true
join events e on e.org_id = o.id
cross join lateral safe_zone(o.timezone) as z(zone)
where o.slug = :slug
  and (o."join" = 'open' or mine.org_id is not null)
  and e.status in ('published', 'ongoing')
  and e.deleted_at is null
  and e.effective_end > app_now()
  and not exists (
    select from events sooner
    where sooner.series_id = e.series_id
      and (sooner.starts_at, sooner.id) < (e.starts_at, e.id)
      and sooner.effective_end > app_now()
      and sooner.status in ('published', 'ongoing')
      and sooner.deleted_at is null
  )
order by e.starts_at, e.id
limit 50;

-- name: join_ask(slug text, email text, email_hash bytea, name text) :exec
-- role: member
select join_ask(:slug, :email, :email_hash, :name);

-- name: join_org(session bytea, slug text) :one -> joined boolean
-- role: member
select join_org(:session, :slug) as joined;
