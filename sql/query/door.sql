-- The door of an event. Every query starts from team_org(): without the role,
-- or of another organisation's event, there is no row.

-- name: door_event(session bytea, slug text, event bigint) :one -> id bigint, is_early boolean, is_closed boolean, is_cancelled boolean, counts text
-- role: staff
select
  id,
  title,
  starts_at,
  starts_text,
  opens_text,
  location,
  is_virtual,
  is_cancelled,
  is_early,
  is_closed,
  not (is_cancelled or is_closed) as is_open,
  takes_attendance,
  registered,
  present + late as here,
  nullif(late, 0) as late,
  nullif(excused, 0) as excused,
  unmarked,
  jsonb_build_object('here', present + late, 'late', late, 'excused', excused, 'unmarked', unmarked) as counts,
  door_left(:session, :slug, :event) as milliseconds_left
from door_event(:session, :slug, :event);

-- name: door_people(session bytea, slug text, event bigint, search text, participant bigint?, generation int?, unmarked boolean, after bigint?) :many
--   -> participant_id bigint
-- role: staff
select
  participant_id,
  user_id,
  name,
  is_waiting,
  has_left,
  status,
  status_text,
  marked_text,
  by_name,
  can_check_in,
  can_let_in,
  can_undo,
  can_excuse
from door_people(:session, :slug, :event, :search, :participant, :generation, :unmarked, :after);

-- name: door_done(session bytea, slug text, event bigint, request_id text) :many -> is_done boolean
-- role: staff
select
  key,
  what,
  result,
  is_done,
  is_done and result <> 'undone' as can_undo,
  participant_id,
  name,
  status,
  said
from door_done(:session, :slug, :event, :request_id);

-- name: door_record(session bytea, slug text, event bigint, attempts jsonb, request_id text) :many
--   -> is_done boolean, result text, said text
-- role: staff
-- commit: early
select
  key,
  what,
  result,
  is_done,
  said
from record_door(:session, :slug, :event, :attempts, :request_id);
