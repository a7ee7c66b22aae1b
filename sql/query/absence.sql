-- Who was registered and did not come: the sweep's batches, and what admins
-- begin, look at and take back.

-- To be called again after a row; total is the whole batch's so far.
-- name: flag_absences(max int) :one -> batch_id bigint, org_id bigint, event_id bigint, state text, scanned int, changed int,
--   all_scanned int, all_flagged int, skipped_present int, skipped_late int, skipped_absent int, skipped_excused int,
--   skipped_waitlisted int, skipped_withdrawn int, batches int, back int, error text, failures int
-- role: sweep
select
  batch_id,
  org_id,
  event_id,
  state,
  scanned,
  changed,
  (total).scanned as all_scanned,
  (total).flagged as all_flagged,
  (total).skipped_present,
  (total).skipped_late,
  (total).skipped_absent,
  (total).skipped_excused,
  (total).skipped_waitlisted,
  (total).skipped_withdrawn,
  (total).batches,
  (total).back,
  (total).last_error as error,
  (total).failures
from auto_flag_absences(:max);

-- What flag_absences would begin, without beginning it.
-- name: planned_absences(max int) :many -> event_id bigint, state text, participants int
-- role: sweep
select
  event_id,
  state,
  participants
from planned_absences(:max);

-- name: absence_preview(session bytea, slug text, event bigint) :one -> would_flag int
-- role: staff
select
  would_flag,
  checked_in,
  nullif(present, 0) as present,
  nullif(late, 0) as late,
  nullif(absent, 0) as absent,
  nullif(excused, 0) as excused,
  nullif(waitlisted, 0) as waitlisted,
  nullif(withdrawn, 0) as withdrawn
from absence_preview(:session, :slug, :event);

-- name: absence_event(session bytea, slug text, event bigint) :one -> id bigint
-- role: staff
select
  e.id,
  e.title,
  e.effective_end > app_now() as is_early,
  e.takes_attendance,
  e.takes_attendance and e.effective_end <= app_now() and e.status not in ('draft', 'cancelled') as can_start,
  iso_time(e.effective_end, z.zone) as ends_at,
  say_time(e.effective_end, z.zone) as ends_text,
  exists (select from absence_batches b where b.event_id = e.id and b.state = 'asked') as is_asked
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join events e on e.org_id = o.id and e.id = :event
join users u on u.id = t.user_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
where e.deleted_at is null;

-- name: absence_list(session bytea, slug text, event bigint) :many
-- role: staff
select
  b.id,
  a.name as actor_name,
  r.name as back_name,
  iso_time(b.created_at, z.zone) as at,
  say_time(b.created_at, z.zone) as at_text,
  iso_time(b.back_at, z.zone) as back_at,
  say_time(b.back_at, z.zone) as back_text,
  b.flagged,
  b.back,
  b.state = 'asked' as is_asked,
  b.state = 'declined' as is_declined,
  b.state not in ('asked', 'declined') as was_done,
  b.state in ('flagging', 'taking_back') as is_going_on,
  b.state in ('taking_back', 'taken_back') as is_back,
  b.state in ('flagging', 'done') and b.flagged > 0 as can_take_back
from team_org(:session, :slug, 'staff') t
join absence_batches b on b.event_id = :event and b.org_id = t.org_id and b.state <> 'due'
left join users a on a.id = b.actor_id
left join users r on r.id = b.back_by
cross join lateral user_zone(t.user_id) as z(zone)
order by b.id desc
limit 20;

-- name: absence_start(session bytea, slug text, event bigint, request_id text) :one -> batch bigint
-- role: staff
select start_absences(:session, :slug, :event, :request_id) as batch;

-- name: absence_decline(session bytea, slug text, event bigint) :exec
-- role: staff
select decline_absences(:session, :slug, :event);

-- name: absence_take_back(session bytea, slug text, event bigint, batch bigint, request_id text) :exec
-- role: staff
select take_absences_back(:session, :slug, :event, :batch, :request_id);
