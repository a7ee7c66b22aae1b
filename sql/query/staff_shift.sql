-- Shifts as an organisation's staff see, make and fill them. Every query starts
-- from team_org(): without the role, or of another organisation's shift, there
-- is no row.

-- name: staff_shift_list(session bytea, slug text, past boolean, after bigint?, after_shift bigint?) :many
--   -> id bigint, cursor_at bigint
-- role: staff
-- 50 a page, and one more when there are more: those that are not over, the
-- next first, or those that are, the last first.
select
  s.id,
  s.title,
  s.location,
  s.status,
  s.status = 'cancelled' as is_cancelled,
  lag(to_char(s.start_at at time zone z.zone, 'YYYY-MM-DD')) over w is distinct from to_char(s.start_at at time zone z.zone, 'YYYY-MM-DD')
    as is_new_day,
  row_number() over w = 1 as is_first,
  say_date(s.start_at, z.zone) as day_text,
  iso_time(s.start_at, z.zone) as starts_at,
  to_char(s.start_at at time zone z.zone, 'HH24:MI') || '–' || case
    when (s.start_at at time zone z.zone)::date = (s.end_at at time zone z.zone)::date then ''
    else to_char(s.end_at at time zone z.zone, 'FMDay ')
  end || to_char(s.end_at at time zone z.zone, 'HH24:MI') as when_text,
  s.capacity,
  a.assigned,
  nullif(s.capacity - a.assigned, 0) as free,
  nullif(a.there, 0) as there,
  nullif(a.late, 0) as late,
  nullif(a.missing, 0) as missing,
  nullif(a.declined, 0) as declined,
  cast(extract(epoch from s.start_at) * 1000000 as bigint) as cursor_at
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join users u on u.id = t.user_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
cross join lateral (
  select timestamptz 'epoch' + cast(:after as bigint) * interval '1 microsecond' as at, cast(:after_shift as bigint) as id
) as after
cross join lateral (
  (
    select *
    from duty_schedules c
    where not :past
      and c.org_id = t.org_id
      and c.start_at > app_now() - interval '48 hours'
      and c.end_at > app_now()
      and (after.at is null or (c.start_at, c.id) > (after.at, after.id))
    order by c.start_at, c.id
    limit 51
  )
  union all
  (
    select *
    from duty_schedules c
    where :past
      and c.org_id = t.org_id
      and c.start_at < app_now()
      and c.end_at <= app_now()
      and (after.at is null or (c.start_at, c.id) < (after.at, after.id))
    order by c.start_at desc, c.id desc
    limit 51
  )
) s
cross join lateral (
  select
    count(*) filter (where d.status = 'assigned') as assigned,
    count(*) filter (where d.status = 'declined') as declined,
    count(*) filter (where l.id is not null) as there,
    count(*) filter (where d.status = 'assigned' and l.id is null and d.late_minutes is not null and s.status = 'active') as late,
    count(*) filter (
      where d.status = 'assigned' and l.id is null and d.late_minutes is null and s.status = 'active' and s.start_at <= app_now()
    ) as missing
  from duty_assignments d
  left join attendance_logs l
    on l.schedule_id = d.schedule_id and l.user_id = d.user_id and l.type = 'check_in' and l.undone_at is null
  where d.schedule_id = s.id
) a
window w as (order by
  case when not :past then s.start_at end, case when not :past then s.id end, s.start_at desc, s.id desc
)
order by
  case when not :past then s.start_at end, case when not :past then s.id end, s.start_at desc, s.id desc;

-- name: staff_shift_page(session bytea, slug text, shift bigint) :one -> id bigint, version bigint, can_change boolean
-- role: staff
select
  s.id,
  s.title,
  s.location,
  s.notes,
  s.status,
  case
    when s.status = 'cancelled' then 'Cancelled'
    when s.end_at <= app_now() then 'Over'
    when s.start_at <= app_now() then 'On now'
    else 'To come'
  end as status_text,
  case
    when s.status = 'cancelled' then 'cancelled'
    when s.end_at <= app_now() then 'completed'
    when s.start_at <= app_now() then 'ongoing'
    else 'published'
  end as mark,
  iso_time(s.start_at, z.zone) as starts_at,
  say_shift(s.start_at, s.end_at, z.zone) as when_text,
  z.zone,
  case when l.zone <> z.zone then say_shift(s.start_at, s.end_at, l.zone) end as local_text,
  l.zone as local_zone,
  s.capacity,
  s.version,
  s.status = 'active' and s.end_at > app_now() as can_change,
  s.status = 'active' and app_now() <@ shift_times(s, true) as can_check,
  nullif(f.others, 0) as others,
  (select count(*) from duty_assignments a where a.schedule_id = s.id and a.status = 'assigned') as assigned
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join users u on u.id = t.user_id
join duty_schedules s on s.org_id = o.id and s.id = :shift
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
cross join lateral safe_zone(o.timezone) as l(zone)
cross join lateral (
  select count(*) as others
  from duty_schedules n
  where n.series_id = s.series_id
    and n.org_id = s.org_id
    and n.status = 'active'
    and n.end_at > app_now()
    and (n.start_at, n.id) > (s.start_at, s.id)
) f;

-- name: staff_shift_people(session bytea, slug text, shift bigint) :many
-- role: staff
-- Who is assigned, or said that they cannot come: those first who are looked
-- for.
select
  p.id,
  p.name,
  case p.place
    when 1 then 'absent' when 2 then 'late' when 3 then 'unknown' when 4 then 'present' when 5 then 'completed' else 'excused'
  end as mark,
  case p.place
    when 1 then 'Missing'
    when 2 then 'Running late, ' || p.late_minutes || ' min'
    when 3 then 'Not here yet'
    when 4 then 'There'
    when 5 then 'Left'
    else 'Can’t come'
  end as status_text,
  nullif(concat_ws(
    ', ',
    'came ' || say_clock(p.came, p.start_at, p.zone),
    'left ' || say_clock(p.went, p.start_at, p.zone),
    case p.place when 2 then 'said ' || say_clock(p.late_said_at, p.start_at, p.zone) when 6 then 'said ' || say_clock(p.declined_at, p.start_at, p.zone) end
  ), '') as times_text,
  p.status = 'declined' as is_declined,
  p.came is not null as has_come,
  p.went is not null as has_gone,
  p.late_minutes is not null as is_late,
  p.is_offered,
  p.is_open as can_change,
  p.can_check
from (
  select
    u.id, u.name, is_offered(a.id) as is_offered, a.status, a.late_minutes, a.late_said_at, a.declined_at, came.at as came, went.at as went, s.start_at, z.zone,
    s.status = 'active' and s.end_at > app_now() as is_open,
    s.status = 'active' and app_now() <@ shift_times(s, true) as can_check,
    m.sort_key,
    case
      when went.at is not null then 5
      when came.at is not null then 4
      when a.status = 'declined' then 6
      when a.late_minutes is not null and s.end_at > app_now() then 2
      when s.start_at <= app_now() and s.status = 'active' then 1
      else 3
    end as place
  from team_org(:session, :slug, 'staff') t
  join organizations o on o.id = t.org_id
  join users viewer on viewer.id = t.user_id
  join duty_schedules s on s.org_id = o.id and s.id = :shift
  join duty_assignments a on a.schedule_id = s.id
  join users u on u.id = a.user_id
  left join memberships m on m.user_id = u.id and m.org_id = o.id
  left join attendance_logs came
    on came.schedule_id = s.id and came.user_id = u.id and came.type = 'check_in' and came.undone_at is null
  left join attendance_logs went
    on went.schedule_id = s.id and went.user_id = u.id and went.type = 'check_out' and went.undone_at is null
  cross join lateral safe_zone(coalesce(viewer.timezone, o.timezone)) as z(zone)
) p
order by p.place, p.sort_key, p.id;

-- name: staff_shift_outside(session bytea, slug text, shift bigint, words text, only jsonb?) :many -> id bigint, has_more boolean
-- role: staff
-- Members who may be assigned, 25 of them, or only those; clash: what they have
-- then.
select
  p.id,
  p.name,
  p.email,
  p.clash is not null as has_clash,
  nullif(p.clash, '') as clash,
  count(*) over () > 25 as has_more
from people_to_assign(:session, :slug, :shift, :words, :only, 26) p
limit 25;

-- name: staff_shift_form(session bytea, slug text, shift bigint) :one -> id bigint
-- role: staff
-- The form's fields as they are, by the clocks of the organisation.
select
  s.id,
  s.title,
  s.location,
  s.notes,
  to_char(s.start_at at time zone z.zone, 'YYYY-MM-DD') as start_date,
  to_char(s.start_at at time zone z.zone, 'HH24:MI') as start_time,
  case when (s.end_at at time zone z.zone)::date <> (s.start_at at time zone z.zone)::date then
    to_char(s.end_at at time zone z.zone, 'YYYY-MM-DD')
  end as end_date,
  to_char(s.end_at at time zone z.zone, 'HH24:MI') as end_time,
  s.capacity,
  cast(null as text) as repeats,
  cast(null as text) as until,
  cast(null as text) as times,
  'this' as scope,
  s.version
from team_org(:session, :slug, 'admin') t
join organizations o on o.id = t.org_id
cross join lateral safe_zone(o.timezone) as z(zone)
join duty_schedules s on s.org_id = o.id and s.id = :shift;

-- name: staff_shift_zone(session bytea, slug text) :one -> zone text
-- role: staff
select safe_zone(o.timezone) as zone
from team_org(:session, :slug, 'admin') t
join organizations o on o.id = t.org_id;

-- name: staff_shift_faults(session bytea, slug text, form jsonb) :many -> field text, key text
-- role: staff
select
  f.field,
  f.key
from team_org(:session, :slug, 'admin') t
join organizations o on o.id = t.org_id
cross join lateral shift_form_faults(jsonb_populate_record(cast(null as shift_form), :form), o.timezone) f;

-- name: staff_shift_make(session bytea, slug text, form jsonb) :one -> id bigint, made int
-- role: staff
select
  shift_id as id,
  made
from make_shift(:session, :slug, :form);

-- name: staff_shift_change(session bytea, slug text, shift bigint, version int, form jsonb) :one -> changed int
-- role: staff
select change_shift(:session, :slug, :shift, :version, :form) as changed;

-- name: staff_shift_cancel(session bytea, slug text, shift bigint, version int, scope text) :one -> cancelled int
-- role: staff
select cancel_shift(:session, :slug, :shift, :version, :scope) as cancelled;

-- name: staff_shift_assign(session bytea, slug text, shift bigint, people jsonb, anyway boolean) :one -> assigned int
-- role: staff
select assign_shift(:session, :slug, :shift, :people, :anyway) as assigned;

-- name: staff_shift_unassign(session bytea, slug text, shift bigint, person bigint) :exec
-- role: staff
select unassign_shift(:session, :slug, :shift, :person);

-- name: staff_shift_check(session bytea, slug text, shift bigint, person bigint, type text, undo boolean) :one -> done boolean
-- role: staff
select staff_check_shift(:session, :slug, :shift, :person, :type, :undo) as done;

-- name: staff_shift_word(session bytea, slug text, shift bigint, person bigint, word text, minutes int?) :exec
-- role: staff
select staff_shift_word(:session, :slug, :shift, :person, :word, :minutes);

-- name: staff_shift_next(session bytea, slug text) :many
-- role: staff
-- What is on, and what comes within a day: five of them.
select
  s.id,
  s.title,
  iso_time(s.start_at, z.zone) as starts_at,
  say_shift(s.start_at, s.end_at, z.zone) as when_text,
  s.start_at <= app_now() as is_on,
  s.capacity,
  (select count(*) from duty_assignments a where a.schedule_id = s.id and a.status = 'assigned') as assigned
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join users u on u.id = t.user_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
join duty_schedules s on s.org_id = t.org_id
where s.status = 'active'
  and s.start_at > app_now() - interval '48 hours'
  and s.start_at < app_now() + interval '1 day'
  and s.end_at > app_now()
order by s.start_at, s.id
limit 5;
