-- What became of an event's questions, for its team. Without the role, or of
-- another organisation's event, there is no row.

-- name: funnel_event(session bytea, slug text, event bigint) :one -> id bigint, title text
-- role: staff
select
  e.id,
  e.title,
  iso_time(e.starts_at, z.zone) as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
  say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as ends_text,
  z.zone,
  e.effective_end > app_now() as is_ahead,
  e.status in ('draft', 'cancelled') as is_off,
  e.effective_end + interval '14 days' > app_now() as is_open,
  say_date(e.effective_end + interval '14 days', z.zone) as closes_text
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join events e on e.org_id = o.id and e.id = :event
join users u on u.id = t.user_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
where e.deleted_at is null;

-- name: funnel_list(session bytea, slug text, event bigint) :many
--   -> stage text, what text, first_question bigint, second_question bigint, people bigint, percent text
-- role: staff
-- One row a stage, in order; percent is of the people who were asked.
select
  f.stage,
  case f.stage
    when 'asked' then 'Asked'
    when 'accepted' then 'Mail accepted'
    when 'answered' then 'Answered'
    when 'unanswered' then 'No answer so far'
    when 'snoozed' then 'Asked to be asked again'
    when 'feedback' then 'Gave feedback'
    else attendance_word(f.stage)
  end as what,
  f.stage in ('attended', 'partial', 'not_attended') as is_status,
  f.stage = 'answered' as is_rate,
  f.first_question,
  f.second_question,
  f.people,
  first_value(f.people) over () as asked,
  nullif(f.unasked, 0) as unasked,
  round(100.0 * f.people / nullif(first_value(f.people) over (), 0)) as percent
from event_funnel(:session, :slug, :event) f;

-- name: funnel_unasked(session bytea, slug text, event bigint) :many -> what text, people bigint
-- role: staff
-- Rows that go on where funnel_list's end, in the file.
select
  case cause
    when 'answered' then 'Not asked: had answered before'
    when 'unsubscribed' then 'Not asked: want no questions from you'
    when 'suppressed' then 'Not asked: their address refuses mail'
    when 'not_in_audience' then 'Not asked: not among those whom you ask'
    when 'prompts_off' then 'Not asked: questions were off when it ended'
    when 'too_late' then 'Not asked: it was too late'
    when 'waiting' then 'Not asked yet: it waits for their summary, their quiet hours, or the mail server'
    when 'not_yet' then 'Not asked yet: it comes soon'
    else 'Not asked: for another reason'
  end as what,
  null::bigint as first_question,
  null::bigint as second_question,
  sum(people)::bigint as people,
  null as percent
from event_unasked(:session, :slug, :event)
group by 1
order by 2 desc, 1;

-- name: funnel_ratings(session bytea, slug text, event bigint) :many
--   -> what text, people bigint, percent text, rated bigint
-- role: staff
select
  rating,
  rating || ' of 5' as what,
  people,
  round(100.0 * people / nullif(rated, 0)) as percent,
  rated,
  rated = 1 as is_one,
  round(average, 1) as average,
  nullif(left_out, 0) as left_out
from event_ratings(:session, :slug, :event);

-- name: funnel_comments(session bytea, slug text, event bigint, before bigint?, before_user bigint?) :many
--   -> user_id bigint, cursor_at bigint, has_more boolean
-- role: staff
-- What people wrote, the last first, 50 a page; the next page starts after the
-- last row's (cursor_at, user_id), as history_list has it.
select
  f.user_id,
  f.name,
  f.is_member,
  f.rating,
  f.status,
  attendance_word(f.status) as status_text,
  f.status = 'not_attended' as is_left_out,
  f.feedback,
  iso_time(f.given_at, z.zone) as given_at,
  say_time(f.given_at, z.zone) as given_text,
  cast(extract(epoch from f.given_at) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from live_sessions s
cross join lateral user_zone(s.user_id) as z(zone)
cross join lateral event_feedback(
  :session, :slug, :event, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond',
  cast(:before_user as bigint), 51, true
) f
where s.hash = :session
order by f.given_at desc, f.user_id desc
limit 50;

-- name: funnel_feedback(session bytea, slug text, event bigint) :many -> all_rows bigint
-- role: staff
-- All of it for a file, the last first, as far as 3 MB go; all_rows is how
-- many there are.
select
  name,
  answer,
  rating,
  comment,
  given_at,
  all_rows
from (
  select
    f.name,
    attendance_word(f.status) as answer,
    f.rating,
    f.feedback as comment,
    iso_time(f.given_at, z.zone) as given_at,
    count(*) over () as all_rows,
    sum(octet_length(concat(f.name, f.feedback)) + 100) over (order by f.given_at desc, f.user_id desc) as size,
    f.given_at as at,
    f.user_id
  from live_sessions s
  cross join lateral user_zone(s.user_id) as z(zone)
  cross join lateral event_feedback(:session, :slug, :event, null, null, null, false) f
  where s.hash = :session
) f
where size <= 3000000
order by at desc, user_id desc;
