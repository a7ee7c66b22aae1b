-- How somebody who agreed to check in is doing, as they see it, and what they
-- set.

-- name: dashboard_watch(session bytea) :one
--   -> is_enrolled boolean, interval_hours int, preferred_time text, slug text
-- role: member
-- No row for who never was watched over; is_enrolled is false for who stopped
-- it.
select
  w.is_enrolled,
  w.slug,
  w.org_name,
  w.interval_hours,
  w.preferred_time,
  w.enrolled_text,
  w.is_paused,
  w.paused_text,
  w.last_at,
  w.last_text,
  w.next_at,
  w.next_text,
  w.next_span,
  w.is_overdue,
  w.alert_level,
  w.alert_level = 'L1' as is_l1,
  w.alert_level = 'L2' as is_l2,
  w.alert_level = 'L3' as is_l3,
  w.alert_level = 'L4' as is_l4,
  w.alert_at,
  w.alert_text,
  nullif(w.contacts, 0) as contacts,
  w.contacts = 1 as is_one_contact,
  w.l2_hours,
  w.l3_hours,
  w.l4_hours
from own_watch(:session) w;

-- name: dashboard_me(session bytea) :one
-- role: member
-- What there is of it for somebody: has_watch, they check in or could.
select
  coalesce(w.is_enrolled, false) as is_watched,
  w.interval_hours,
  coalesce(w.is_enrolled, false) or o.may_enrol as has_watch,
  t.talks > 0 as has_talk,
  nullif(t.unread, 0) as talk_unread
from (select coalesce(bool_or(has_responder), false) as may_enrol from watch_orgs(:session)) o
cross join (select count(*) as talks, coalesce(sum(unread), 0) as unread from own_talks(:session, null)) t
left join own_watch(:session) w on true;

-- name: dashboard_activities(session bytea, most int) :many
-- role: member
select
  type = 'check-in' as is_check_in,
  type = 'alert' as is_alert,
  description,
  at,
  at_text,
  level
from own_activities(:session, :most);

-- name: dashboard_days(session bytea, days int) :many
--   -> number text, level text, weekday int, check_ins bigint
-- role: member
-- Of each of the last days, the last one last.
select
  day_text,
  to_char(day, 'FMDD') as number,
  cast(extract(isodow from day) as int) - 1 as weekday,
  check_ins,
  nullif(check_ins, 0) as came,
  check_ins > 1 as is_many,
  level
from own_watch_days(:session, :days);

-- name: dashboard_org_list(session bytea, chosen text?) :many -> slug text, has_responder boolean
-- role: member
-- Where one can have oneself watched over. The only one is chosen by itself.
select
  slug,
  org_name,
  has_responder,
  slug = :chosen or count(*) filter (where has_responder) over () = 1 as is_chosen
from watch_orgs(:session);

-- name: dashboard_enrol(session bytea, slug text, hours int, preferred_time text?, version text?) :exec
-- role: member
select monitoring_enrol(:session, :slug, :hours, :preferred_time, :version);

-- name: dashboard_change(session bytea, hours int, preferred_time text?) :exec
-- role: member
select monitoring_change(:session, :hours, :preferred_time);

-- name: dashboard_pause(session bytea, last_day date) :exec
-- role: member
select monitoring_pause(:session, :last_day);

-- name: dashboard_resume(session bytea) :exec
-- role: member
select monitoring_resume(:session);

-- name: dashboard_stop(session bytea) :exec
-- role: member
select monitoring_stop(:session);
