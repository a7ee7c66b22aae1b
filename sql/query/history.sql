-- The person's own attendance, newest event first, 50 a page. The next page
-- starts after the last row's (cursor_at, event_id); has_more says there is one.
-- cursor_at is microseconds since 1970: a number that anyone may have typed
-- can be held within bounds, a timestamp could only be tried.
-- Of all pages this one has most rows: it looks a zone up once a row (offset 0
-- keeps the planner from doing it at each use, and safe_zone() is a function
-- call that costs more than the rest of the row), and gives the machine's time
-- in UTC, where iso_time() would convert it five times.

-- name: history_list(session bytea, before bigint?, before_event bigint?) :many -> event_id bigint, cursor_at bigint, has_more boolean
-- role: member
select
  h.event_id,
  h.title,
  to_char(h.starts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as starts_at,
  say_event_start(h.starts, h.all_day, h.event_zone, z.zone) as starts_text,
  z.zone,
  shorten(h.location, 200) as location,
  h.is_virtual,
  h.org_name,
  h.org_logo,
  h.status,
  attendance_text(h.status) as status_text,
  h.rating,
  cast(extract(epoch from h.starts) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from attendance_history(
  :session, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', cast(:before_event as bigint), 51
) h
cross join lateral (
  select coalesce((select t.name from timezones t where t.name = h.zone), 'UTC') offset 0
) as z(zone)
order by h.starts desc, h.event_id desc
limit 50;
