-- People of an organisation as its staff see them, and what its admins change.

-- name: person_list(session bytea, slug text, search text?, after bigint?) :many -> id bigint, has_more boolean, is_cut boolean
-- role: staff
select
  p.id,
  p.name,
  role_text(p.role) as role_text,
  p.responder,
  p.suppressed,
  p.is_cut,
  count(*) over () > 50 as has_more
from team_people(:session, :slug, :search, :after) p
order by p.place
limit 50;

-- name: person_page(session bytea, slug text, person bigint) :one -> id bigint, name text, role text, is_self boolean
-- role: staff
select
  p.id,
  p.name,
  p.role,
  role_text(p.role) as role_text,
  p.role = 'member' as is_member,
  p.role = 'door' as is_door,
  p.role = 'staff' as is_staff,
  p.role = 'admin' as is_admin,
  p.responder,
  iso_time(p.since, z.zone) as since_at,
  say_date(p.since, z.zone) as since_text,
  p.email,
  iso_time(p.suppressed_at, z.zone) as suppressed_at,
  say_time(p.suppressed_at, z.zone) as suppressed_text,
  p.suppressed_cause,
  p.is_self,
  p.is_last_admin
from team_person(:session, :slug, :person) p
join live_sessions s on s.hash = :session
cross join lateral user_zone(s.user_id) as z(zone);

-- name: person_changes(session bytea, slug text, person bigint) :many
-- role: staff
select
  change_text(c) as what_text,
  a.name as actor_name,
  iso_time(c.at, z.zone) as at,
  say_time(c.at, z.zone) as at_text
from team_org(:session, :slug, 'staff') t
join memberships m on m.org_id = t.org_id and m.user_id = :person
join org_changes c on c.org_id = m.org_id and c.user_id = m.user_id
left join users a on a.id = c.actor_id
cross join lateral user_zone(t.user_id) as z(zone)
order by c.id desc
limit 10;

-- name: person_history(session bytea, slug text, person bigint, before bigint?, before_event bigint?, most int) :many
--   -> event_id bigint, cursor_at bigint, has_more boolean
-- role: staff
-- What the door says of them and what they answered, newest event first, the
-- most there may be and whether there are more; what they answered elsewhere as
-- far as they let it be seen. The next rows start after the last one's
-- (cursor_at, event_id).
select
  h.event_id,
  h.title,
  iso_time(h.starts, z.zone) as starts_at,
  say_event_start(h.starts, h.all_day, h.event_zone, z.zone) as starts_text,
  z.zone,
  h.org_name,
  h.elsewhere,
  h.door,
  door_status_text(h.door) as door_text,
  h.status,
  attendance_word(h.status) as status_text,
  h.rating,
  cast(extract(epoch from h.starts) * 1000000 as bigint) as cursor_at,
  count(*) over () > :most as has_more
from person_record(
  :session, :slug, :person, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond',
  cast(:before_event as bigint), :most + 1
) h
cross join lateral safe_zone(h.zone) as z(zone)
order by h.starts desc, h.event_id desc
limit :most;

-- name: person_doors(session bytea, slug text, person bigint) :one
-- role: staff
-- How often they came to what takes attendance, by the door.
select
  nullif(d.present + d.late + d.absent, 0) as expected,
  d.present + d.late as came,
  nullif(d.late, 0) as late,
  nullif(d.excused, 0) as excused
from person_doors(:session, :slug, :person) d;

-- name: person_file(session bytea, slug text, person bigint) :many
-- role: staff
-- All of person_history for a file: the last 10,000.
select
  h.title as event,
  iso_time(h.starts, z.zone) as starts_at,
  h.org_name as organisation,
  door_status_text(h.door) as door,
  iso_time(h.marked_at, z.zone) as marked_at,
  attendance_word(h.status) as answer,
  h.rating
from person_record(:session, :slug, :person, null, null, 10000) h
cross join lateral safe_zone(h.zone) as z(zone)
order by h.starts desc, h.event_id desc;

-- name: person_add(session bytea, slug text, email text, name text, timezone text?, role text, request_id text) :one -> person bigint, is_new boolean
-- role: staff
select
  person,
  is_new
from add_person(:session, :slug, :email, :name, :timezone, :role, :request_id);

-- name: person_role(session bytea, slug text, person bigint, was text, role text, request_id text) :exec
-- role: staff
select change_role(:session, :slug, :person, :was, :role, :request_id);

-- name: person_responder(session bytea, slug text, person bigint, responder boolean, request_id text) :exec
-- role: staff
select set_responder(:session, :slug, :person, :responder, :request_id);

-- name: person_remove(session bytea, slug text, person bigint, request_id text) :exec
-- role: staff
select remove_person(:session, :slug, :person, :request_id);

-- name: person_mail(session bytea, slug text, person bigint) :exec
-- role: staff
select mail_person_again(:session, :slug, :person);
