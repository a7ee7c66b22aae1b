-- Those who are watched over, as the responders of an organisation see them,
-- and what responders do.

-- name: watch_list(session bytea, slug text) :many -> is_alert boolean, has_more boolean
-- role: staff
-- A thousand at most, the most urgent first.
select
  w.person_id,
  w.person_name,
  w.alert_level,
  w.alert_level is not null as is_alert,
  w.alert_level in ('L3', 'L4') as is_high,
  w.alert_level = 'L1' as is_l1,
  w.alert_level = 'L2' as is_l2,
  w.alert_level = 'L3' as is_l3,
  w.alert_level = 'L4' as is_l4,
  w.alert_text,
  w.is_overdue,
  w.is_paused,
  w.paused_text,
  w.next_at,
  w.next_text,
  w.next_span,
  w.claimed_name,
  w.is_mine,
  w.is_seen,
  w.is_unreachable,
  count(*) over () > 1000 as has_more
from team_watch(:session, :slug, 1001) with ordinality w
order by w.ordinality
limit 1000;

-- name: watch_person(session bytea, slug text, person bigint) :one
-- role: staff
select
  w.person_id,
  w.person_name,
  w.is_watched,
  w.stopped_text,
  w.interval_hours,
  w.preferred_time,
  w.is_paused,
  w.paused_text,
  w.last_at,
  w.last_text,
  w.next_at,
  w.next_text,
  w.next_span,
  w.is_overdue,
  w.alert_level,
  w.alert_level in ('L3', 'L4') as is_high,
  w.alert_level = 'L1' as is_l1,
  w.alert_level = 'L2' as is_l2,
  w.alert_level = 'L3' as is_l3,
  w.alert_level = 'L4' as is_l4,
  w.alert_at,
  w.alert_text,
  w.step_text,
  w.claimed_name,
  w.claimed_text,
  w.is_mine,
  w.seen_name,
  w.seen_text,
  w.quiet_text,
  w.is_unreachable
from team_watch_person(:session, :slug, :person) w;

-- name: watch_contacts(session bytea, slug text, person bigint) :many
-- role: staff
select
  c.place,
  c.name,
  c.state = 'consented' as is_consented,
  c.state = 'asked' as is_asked,
  c.is_suppressed
from team_watch_contacts(:session, :slug, :person) c
order by c.place;

-- name: watch_steps(session bytea, slug text, person bigint) :many
--   -> kind text, cause text
-- role: staff
select
  e.level,
  e.level = 'clear' as is_clear,
  e.kind,
  e.name,
  e.is_person,
  e.is_contact,
  e.at,
  e.at_text,
  e.left_text,
  e.outcome = 'sent' as is_sent,
  e.outcome = 'skipped' as is_skipped,
  e.outcome = 'cancelled' as is_cancelled,
  e.outcome = 'expired' as is_expired,
  e.outcome = 'dead' as is_dead,
  e.cause
from team_watch_steps(:session, :slug, :person, 100) e
order by e.id desc;

-- name: watch_alerts(session bytea, slug text, person bigint) :many
-- role: staff
select
  a.level,
  a.began_at,
  a.began_text,
  a.ended_text,
  a.close_cause = 'check_in' as is_check_in,
  a.close_cause = 'cancelled' as is_cancelled,
  a.close_cause = 'paused' as is_paused,
  a.close_cause = 'stopped' as is_stopped,
  a.closed_name,
  a.close_note
from team_watch_alerts(:session, :slug, :person, 20) a
order by a.id desc;

-- name: watch_activities(session bytea, slug text, person bigint) :many
-- role: staff
select
  description,
  at,
  at_text,
  by_name,
  to_name
from team_watch_activities(:session, :slug, :person, 20);

-- name: watch_others(session bytea, slug text, person bigint) :many
-- role: staff
select
  user_id,
  name,
  is_self
from team_watch_others(:session, :slug, :person);

-- name: watch_acknowledge(session bytea, slug text, person bigint) :exec
-- role: staff
select acknowledge_alert(:session, :slug, :person);

-- name: watch_claim(session bytea, slug text, person bigint) :exec
-- role: staff
select claim_alert(:session, :slug, :person);

-- name: watch_hand_over(session bytea, slug text, person bigint, to_user bigint) :exec
-- role: staff
select hand_over_alert(:session, :slug, :person, :to_user);

-- name: watch_close(session bytea, slug text, person bigint, note text) :exec
-- role: staff
select close_alert(:session, :slug, :person, :note);
