-- The person's own attendance, newest event first, 50 a page. The next page
-- starts after the last row's (cursor_at, event_id); has_more says there is one.
-- cursor_at is microseconds since 1970: a number that anyone may have typed
-- can be held within bounds, a timestamp could only be tried.

-- name: history_list(session bytea, before bigint?, before_event bigint?) :many -> event_id bigint, cursor_at bigint, has_more boolean
-- role: member
with page as (
  select
    a.event_id,
    e.title,
    e.starts_at,
    e.all_day,
    e.timezone as event_zone,
    e.location,
    e.is_virtual,
    o.name as org_name,
    o.logo as org_logo,
    o.timezone as org_zone,
    u.timezone as own_zone,
    a.status,
    a.feedback_rating as rating
  from live_sessions s
  join users u on u.id = s.user_id
  join attendance a on a.user_id = s.user_id
  join events e on e.id = a.event_id
  join organizations o on o.id = a.org_id
  where s.hash = :session
    and e.deleted_at is null
    and (
      cast(:before as bigint) is null
      or (e.starts_at, e.id) < (
        timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond',
        cast(:before_event as bigint)
      )
    )
  order by e.starts_at desc, e.id desc
  limit 51
)
select
  p.event_id,
  p.title,
  iso_time(p.starts_at, z.zone) as starts_at,
  say_event_start(p.starts_at, p.all_day, coalesce(p.event_zone, p.org_zone), z.zone) as starts_text,
  z.zone,
  shorten(p.location, 200) as location,
  p.is_virtual,
  p.org_name,
  p.org_logo,
  p.status,
  attendance_text(p.status) as status_text,
  p.rating,
  cast(extract(epoch from p.starts_at) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from page p
cross join lateral safe_zone(coalesce(p.own_zone, p.org_zone)) as z(zone)
order by p.starts_at desc, p.event_id desc
limit 50;
