-- What staff are told about an event and about their organisation. Without the
-- role, or of another organisation's event, there is no row.

-- name: report_event(session bytea, slug text, event bigint) :one -> id bigint, is_taken boolean
-- role: staff
-- The rates are in percent, and null without anybody to be a share of.
select
  e.id,
  e.title,
  iso_time(e.starts_at, z.zone) as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
  say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as ends_text,
  z.zone,
  e.effective_end > app_now() as is_ahead,
  r.takes_attendance,
  r.is_taken,
  r.registered,
  r.expected,
  r.came,
  r.expected = 1 as is_one,
  nullif(r.excused, 0) as excused,
  nullif(r.besides, 0) as besides,
  round(100.0 * r.came / nullif(r.expected, 0)) as rate,
  nullif(r.asked, 0) as asked,
  r.answered,
  round(100.0 * r.answered / nullif(r.asked, 0)) as response
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join events e on e.org_id = o.id and e.id = :event
join users u on u.id = t.user_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
cross join lateral event_report(:session, :slug, e.id) r;

-- name: report_doors(session bytea, slug text, event bigint) :many -> what text, people bigint, percent text, door text
-- role: staff
-- One row a word of the door, in order; percent is of the registered.
select
  d.door,
  case d.door when 'besides' then 'Came without being registered' else door_status_text(d.door) end as what,
  d.door <> 'besides' as is_status,
  d.people,
  case
    when d.door <> 'besides' then round(100.0 * d.people / nullif(sum(d.people) filter (where d.door <> 'besides') over (), 0))
  end as percent,
  d.attended,
  d.partial,
  d.not_attended,
  d.unanswered
from event_doors(:session, :slug, :event) d
where d.door <> 'besides' or d.people > 0;

-- name: report_people(session bytea, slug text, event bigint, door text) :many -> has_more boolean
-- role: staff
-- Who has that word of the door, by name, the first 50.
select
  p.participant_id,
  p.name,
  p.door = 'late' as is_late,
  iso_time(p.marked_at, z.zone) as marked_at,
  to_char(p.marked_at at time zone z.zone, 'HH24:MI') as marked_text,
  p.answer,
  attendance_word(p.answer) as answer_text,
  count(*) over () > 50 as has_more
from live_sessions s
cross join lateral user_zone(s.user_id) as z(zone)
cross join lateral event_people(:session, :slug, :event, :door, 51) p
where s.hash = :session
limit 50;

-- name: report_people_file(session bytea, slug text, event bigint, door text?) :many -> all_rows bigint
-- role: staff
-- All of them for a file, as far as 3 MB go; all_rows is how many there are.
select
  name,
  registration,
  door,
  marked_at,
  answer,
  rating,
  all_rows
from (
  select
    p.name,
    p.registration,
    door_status_text(p.door) as door,
    iso_time(p.marked_at, z.zone) as marked_at,
    attendance_word(p.answer) as answer,
    p.rating,
    count(*) over () as all_rows,
    row_number() over (order by lower(p.name), p.participant_id) as place,
    sum(octet_length(p.name) + 100) over (order by lower(p.name), p.participant_id) as size
  from live_sessions s
  cross join lateral user_zone(s.user_id) as z(zone)
  cross join lateral event_people(:session, :slug, :event, :door, null) p
  where s.hash = :session
) p
where size <= 3000000
order by place;

-- name: report_org(session bytea, slug text, days int) :one
-- role: staff
-- The sums of a period: 0 days, of all. Always one row.
select
  count(*) as events,
  nullif(count(*), 0) as has_events,
  count(*) = 1 as is_one,
  nullif(count(*) filter (where y.is_taken), 0) as taken,
  count(*) filter (where y.is_taken) = 1 as is_one_taken,
  coalesce(sum(y.expected) filter (where y.is_taken), 0) as expected,
  coalesce(sum(y.came) filter (where y.is_taken), 0) as came,
  round(100.0 * sum(y.came) filter (where y.is_taken) / nullif(sum(y.expected) filter (where y.is_taken), 0)) as rate,
  nullif(sum(y.asked), 0) as asked,
  coalesce(sum(y.answered), 0) as answered,
  round(100.0 * sum(y.answered) / nullif(sum(y.asked), 0)) as response,
  nullif(sum(y.rated), 0) as rated,
  sum(y.rated) = 1 as is_one_rated,
  round(1.0 * sum(y.points) / nullif(sum(y.rated), 0), 1) as average
from team_tallies(:session, :slug, :days) y;

-- name: report_trend(session bytea, slug text, days int) :many
--   -> since text, until text, rate text, response text
-- role: staff
select
  label,
  since,
  until,
  events,
  expected,
  came,
  rate,
  asked,
  answered,
  response
from report_trend(:session, :slug, :days);

-- name: report_funnel(session bytea, slug text, days int) :many -> what text, people bigint, percent text
-- role: staff
-- Answers, by how far people came; percent is of those who were asked.
select
  s.stage,
  s.what,
  s.stage in ('attended', 'partial', 'not_attended') as is_status,
  s.people,
  round(100.0 * s.people / nullif(y.asked, 0)) as percent
from (
  select
    coalesce(sum(asked), 0) as asked, coalesce(sum(answered), 0) as answered, coalesce(sum(attended), 0) as attended,
    coalesce(sum(partial), 0) as partial, coalesce(sum(not_attended), 0) as not_attended, coalesce(sum(told), 0) as told
  from team_tallies(:session, :slug, :days)
) y
cross join lateral (
  values
    (1, 'asked', 'Asked', y.asked),
    (2, 'answered', 'Answered', y.answered),
    (3, 'attended', attendance_word('attended'), y.attended),
    (4, 'partial', attendance_word('partial'), y.partial),
    (5, 'not_attended', attendance_word('not_attended'), y.not_attended),
    (6, 'feedback', 'Gave feedback', y.told)
) as s(place, stage, what, people)
order by s.place;

-- name: report_events(session bytea, slug text, days int, most int) :many -> all_rows bigint, event_id bigint
-- role: staff
-- The last ended first.
select
  y.event_id,
  y.title,
  iso_time(y.starts_at, y.zone) as starts_at,
  say_event_start(y.starts_at, y.all_day, y.event_zone, y.zone) as starts_text,
  y.registered,
  case when y.is_taken then y.expected end as expected,
  case when y.is_taken then y.came end as came,
  case when y.is_taken then round(100.0 * y.came / nullif(y.expected, 0)) end as rate,
  y.asked,
  y.answered,
  round(100.0 * y.answered / nullif(y.asked, 0)) as response,
  round(1.0 * y.points / nullif(y.rated, 0), 1) as average,
  y.all_rows
from (
  select t.*, count(*) over () as all_rows
  from team_tallies(:session, :slug, :days) t
  order by t.ended_at desc, t.event_id desc
  limit :most
) y
order by y.ended_at desc, y.event_id desc;
