-- The person's own attendance, newest event first, 50 a page and one more when
-- there are others. What the events are called is asked by itself, and only for
-- those that are not known yet: words of the same version still hold.

-- name: history_list(session bytea, before bigint?, before_event bigint?) :many -> event_id bigint, version bigint, status text, status_text text, rating text
-- role: member
-- before is in microseconds since 1970: a number that anyone may have typed can
-- be held within bounds, a timestamp could only be tried.
select
  h.event_id,
  (select version from event_words) as version,
  h.status,
  attendance_text(h.status) as status_text,
  h.rating
from attendance_history(
  :session, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', cast(:before_event as bigint), 51
) h;

-- name: history_words(events text, zone text?) :many -> event_id bigint, version bigint, cursor_at bigint, title text, starts_at text, starts_text text, location text, is_virtual boolean, org_name text, org_logo text
-- role: member
-- Of the events of '{1,2,3}', told in that zone, or in the organisation's. The
-- page after such a row starts at (cursor_at, event_id).
select
  e.id as event_id,
  w.version,
  cast(extract(epoch from e.starts_at) * 1000000 as bigint) as cursor_at,
  e.title,
  to_char(e.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
  shorten(e.location, 200) as location,
  e.is_virtual,
  o.name as org_name,
  o.logo as org_logo
from events e
join organizations o on o.id = e.org_id
cross join event_words w
cross join lateral safe_zone(coalesce(:zone, o.timezone)) as z(zone)
where e.id = any (cast(:events as bigint[]));
