-- The participants of an event as staff see and correct them.

-- name: participant_event(session bytea, slug text, event bigint) :one -> id bigint
-- role: staff
select
  e.id,
  e.title,
  e.status,
  event_status_text(e.status, e.starts_at, e.effective_end) as status_text,
  e.status = 'completed' as is_completed,
  iso_time(e.starts_at, z.zone) as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join events e on e.org_id = o.id and e.id = :event
join users u on u.id = t.user_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
where e.deleted_at is null;

-- name: participant_list(session bytea, slug text, event bigint, show text, words text, after bigint?, only jsonb?, ticked boolean) :many
--   -> id bigint, has_more boolean
-- role: staff
-- 24 a page; the next goes on after the last one's id. only: of those.
select
  p.id,
  p.name,
  p.status <> 'registered' as is_other,
  registration_text(p.status) as status_text,
  p.attendance_status,
  door_status_text(p.attendance_status) as attendance_text,
  :ticked as is_ticked,
  count(*) over () > 24 as has_more
from team_participants(:session, :slug, :event, :show, :words, :after, :only) p
order by p.place
limit 24;

-- name: participant_reasons(chosen text) :many
-- role: staff
select
  code,
  words,
  code = :chosen as is_chosen
from reason_codes
where place is not null
order by place;

-- name: participant_page(session bytea, slug text, event bigint, participant bigint) :one -> id bigint
-- role: staff
select
  p.id,
  p.user_id,
  p.name,
  p.is_member,
  registration_text(p.status) as status_text,
  p.attendance_status,
  door_status_text(p.attendance_status) as attendance_text,
  iso_time(p.marked_at, z.zone) as marked_at,
  say_time(p.marked_at, z.zone) as marked_text,
  p.marked_by,
  p.answer,
  attendance_word(p.answer) as answer_text
from live_sessions s
cross join lateral user_zone(s.user_id) as z(zone)
cross join lateral team_participant(:session, :slug, :event, :participant) p
where s.hash = :session;

-- name: participant_changes(session bytea, slug text, participant bigint) :many
-- role: staff
select
  audit_action_text(c.action) as what_text,
  audit_status_text(c.action, c.previous_status) as before_text,
  audit_status_text(c.action, c.new_status) as after_text,
  c.actor_name,
  c.by_system,
  c.reason_words,
  c.reason,
  c.reason_erased,
  iso_time(c.at, z.zone) as at,
  say_time(c.at, z.zone) as at_text
from live_sessions s
cross join lateral user_zone(s.user_id) as z(zone)
cross join lateral participant_audit(:session, :slug, :participant) c
where s.hash = :session
order by c.seq desc;

-- name: participant_correct(session bytea, slug text, event bigint, who jsonb, status text, reason_code text?, reason text?,
--   request_id text) :one -> changed int
-- role: staff
-- commit: early
select patch_attendance(:session, :slug, :event, :who, :status, :reason_code, :reason, :request_id) as changed;

-- name: participant_shows(session bytea, slug text, event bigint, show text) :many
-- role: staff
-- How many there are of each word of the door, for choosing one.
select
  f.show,
  f.words,
  f.people,
  f.show = :show as is_current
from absence_preview(:session, :slug, :event) c
cross join lateral (
  values
    ('all', 'Everyone', c.would_flag + c.checked_in + c.absent + c.excused + c.waitlisted + c.withdrawn),
    ('unknown', door_status_text('unknown'), c.would_flag),
    ('present', door_status_text('present'), c.present),
    ('late', door_status_text('late'), c.late),
    ('absent', door_status_text('absent'), c.absent),
    ('excused', door_status_text('excused'), c.excused)
) f(show, words, people);

-- name: participant_outside(session bytea, slug text, event bigint, words text) :many -> has_more boolean
-- role: staff
-- Members who may be registered, 25 of them.
select
  p.id,
  p.name,
  p.email,
  count(*) over () > 25 as has_more
from people_to_join(:session, :slug, :event, :words, 26) p
limit 25;

-- name: participant_add(session bytea, slug text, event bigint, people jsonb, request_id text) :one -> registered bigint, waitlisted bigint
-- role: staff
select
  registered,
  waitlisted
from add_participants(:session, :slug, :event, :people, :request_id);
