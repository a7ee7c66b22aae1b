-- Own answers against an absence, for staff to decide on.

-- name: request_list(session bytea, slug text, after bigint?) :many -> id bigint, has_more boolean
-- role: staff
-- 25 a page; the next goes on after the last one's id.
select
  r.id,
  r.name,
  r.title,
  iso_time(r.starts, z.zone) as starts_at,
  say_event_start(r.starts, r.all_day, r.event_zone, z.zone) as starts_text,
  r.answer,
  attendance_word(r.answer) as answer_text,
  count(*) over () > 25 as has_more
from team_requests(:session, :slug, :after, null) r
cross join lateral safe_zone(r.zone) as z(zone)
order by r.id
limit 25;

-- name: request_page(session bytea, slug text, request bigint) :one -> id bigint
-- role: staff
select
  r.id,
  r.event_id,
  r.participant_id,
  r.name,
  r.title,
  iso_time(r.starts, z.zone) as starts_at,
  say_event_start(r.starts, r.all_day, r.event_zone, z.zone) as starts_text,
  r.answer,
  attendance_word(r.answer) as answer_text,
  iso_time(r.asked_at, z.zone) as asked_at,
  say_time(r.asked_at, z.zone) as asked_text,
  r.attendance_status,
  door_status_text(r.attendance_status) as attendance_text,
  r.outcome is null and r.attendance_status = 'absent' as is_waiting,
  r.outcome = 'approved' as is_approved,
  r.outcome = 'denied' as is_denied,
  r.outcome = 'withdrawn' as is_withdrawn,
  r.reason
from team_requests(:session, :slug, null, :request) r
cross join lateral safe_zone(r.zone) as z(zone);

-- name: request_decide(session bytea, slug text, request bigint, decision text, reason text?, request_id text) :exec
-- role: staff
-- commit: early
select decide_request(:session, :slug, :request, :decision, :reason, :request_id);
