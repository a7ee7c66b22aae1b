-- Fellow members: whom the person finds in their organisations, and where
-- those were, as far as they let it be seen. The functions decide both.

-- name: fellow_list(session bytea, words text?, after bigint?) :many -> id bigint, has_more boolean
-- role: member
select
  id,
  name,
  org_names,
  count(*) over () > 50 as has_more
from find_fellows(:session, :words, :after, 51)
order by place
limit 50;

-- name: fellow_page(session bytea, person bigint) :one -> id bigint, is_self boolean
-- role: member
select
  id,
  name,
  is_self,
  org_names
from fellow_profile(:session, :person);

-- name: fellow_history(session bytea, person bigint, before bigint?, before_event bigint?) :many -> event_id bigint, cursor_at bigint, has_more boolean
-- role: member
select
  h.event_id,
  h.title,
  iso_time(h.starts, z.zone) as starts_at,
  say_event_start(h.starts, h.all_day, h.event_zone, z.zone) as starts_text,
  z.zone,
  shorten(h.location, 200) as location,
  h.is_virtual,
  h.org_name,
  h.org_logo,
  h.status,
  attendance_word(h.status) as status_text,
  h.shown,
  cast(extract(epoch from h.starts) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from fellow_attendance(
  :session, :person, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond',
  cast(:before_event as bigint), 51
) h
cross join lateral safe_zone(h.zone) as z(zone)
order by h.starts desc, h.event_id desc
limit 50;
