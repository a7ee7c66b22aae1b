-- Where the door and the person's own answer disagree, for staff.

-- name: mismatch_list(session bytea, slug text, event bigint?, decided boolean, before bigint?, most int) :many
--   -> id bigint, has_more boolean
-- role: staff
-- The last found first; the next rows start after the last one's id.
select
  m.id,
  m.event_id,
  m.title,
  iso_time(m.starts, m.zone) as starts_at,
  say_event_start(m.starts, m.all_day, m.event_zone, m.zone) as starts_text,
  m.participant_id,
  m.user_id,
  m.name,
  m.is_member,
  m.door,
  door_status_text(m.door) as door_text,
  iso_time(m.door_at, m.zone) as door_at,
  say_time(m.door_at, m.zone) as door_at_text,
  m.answer,
  attendance_word(m.answer) as answer_text,
  iso_time(m.answered_at, m.zone) as answered_at,
  say_time(m.answered_at, m.zone) as answered_at_text,
  m.answer = 'not_attended' as was_not_there,
  m.decision = 'answer' as is_corrected,
  m.decision,
  m.decided_by,
  iso_time(m.decided_at, m.zone) as decided_at,
  say_time(m.decided_at, m.zone) as decided_at_text,
  count(*) over () > :most as has_more
from team_mismatches(:session, :slug, :event, :decided, :before, :most + 1) m
order by m.id desc
limit :most;

-- name: mismatch_count(session bytea, slug text) :one -> waiting int
-- role: staff
select count_mismatches(:session, :slug) as waiting;

-- name: mismatch_decide(session bytea, slug text, mismatch bigint, decision text, door text, answer text, request_id text) :exec
-- role: staff
select decide_mismatch(:session, :slug, :mismatch, :decision, :door, :answer, :request_id);
