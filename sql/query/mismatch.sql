-- Where the door and the person's own answer disagree, for staff.

-- name: mismatch_list(session bytea, slug text, event bigint?, decided boolean, before bigint?) :many
--   -> id bigint, has_more boolean
-- role: staff
-- The last found first, 50 a page; the next starts after the last row's id.
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
  count(*) over () > 50 as has_more
from team_mismatches(:session, :slug, :event, :decided, :before, 51) m
order by m.id desc
limit 50;

-- name: mismatch_file(session bytea, slug text, decided boolean) :many -> all_rows bigint
-- role: staff
-- All of them for a file, as far as 3 MB go; all_rows is how many there are.
select
  name,
  event,
  starts_at,
  door,
  door_at,
  answer,
  answered_at,
  decision,
  decided_by,
  decided_at,
  all_rows
from (
  select
    m.id,
    m.name,
    m.title as event,
    iso_time(m.starts, m.zone) as starts_at,
    door_status_text(m.door) as door,
    iso_time(m.door_at, m.zone) as door_at,
    attendance_word(m.answer) as answer,
    iso_time(m.answered_at, m.zone) as answered_at,
    m.decision,
    m.decided_by,
    iso_time(m.decided_at, m.zone) as decided_at,
    count(*) over () as all_rows,
    sum(octet_length(concat(m.name, m.title, m.decided_by)) + 200) over (order by m.id desc) as size
  from team_mismatches(:session, :slug, null, :decided, null, null) m
) m
where size <= 3000000
order by id desc;

-- name: mismatch_decide(session bytea, slug text, mismatch bigint, decision text, door text, answer text, request_id text) :exec
-- role: staff
-- commit: early
select decide_mismatch(:session, :slug, :mismatch, :decision, :door, :answer, :request_id);
