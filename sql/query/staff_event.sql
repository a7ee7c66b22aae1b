-- Events as an organisation's staff see, make and change them. Every query
-- starts from team_org(): without the role, or of another organisation's
-- event, there is no row.

-- name: staff_event_list(session bytea, slug text, show text, words text, after bigint?, after_event bigint?) :many
--   -> id bigint, cursor_at bigint
-- role: staff
-- 50 a page; a 51st row says that there are more. after is microseconds since
-- 1970, as history_list has it.
select
  e.id,
  e.title,
  iso_time(e.starts_at, z.zone) as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
  say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as ends_text,
  e.status,
  event_status_text(e.status, e.starts_at, e.effective_end) as status_text,
  e.series_id is not null as repeats,
  e.uid is not null as imported,
  e.capacity,
  p.registered,
  nullif(p.waitlisted, 0) as waitlisted,
  cast(extract(epoch from e.effective_end) * 1000000 as bigint) as cursor_at
from live_sessions s
join users u on u.id = s.user_id
join organizations o on o.slug = :slug
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
cross join lateral team_events(
  :session, :slug, :show, :words,
  timestamptz 'epoch' + cast(:after as bigint) * interval '1 microsecond', :after_event
) e
cross join lateral (
  select
    count(*) filter (where t.status = 'registered') as registered,
    count(*) filter (where t.status = 'waitlisted') as waitlisted
  from event_participants t
  where t.event_id = e.id
) p
where s.hash = :session;

-- name: staff_event_page(session bytea, slug text, event bigint) :one
--   -> id bigint, title text, is_draft boolean, can_cancel boolean, can_resume boolean, series_version bigint, version bigint
-- role: staff
select
  e.id,
  e.title,
  e.description,
  e.url,
  iso_time(e.starts_at, z.zone) as starts_at,
  say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
  say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as ends_text,
  case when e.all_day then l.zone else z.zone end as zone,
  case when not e.all_day and l.zone <> z.zone then say_time(e.starts_at, l.zone) end as local_text,
  l.zone as local_zone,
  e.location,
  e.is_virtual,
  e.status,
  event_status_text(e.status, e.starts_at, e.effective_end) as status_text,
  e.status = 'draft' as is_draft,
  e.status <> 'draft' as is_seen,
  e.status in ('published', 'ongoing') and e.effective_end > app_now() as can_cancel,
  e.status = 'cancelled' and e.effective_end > app_now() as can_resume,
  e.capacity,
  e.takes_attendance,
  e.version,
  coalesce(s.version, 0) as series_version,
  e.uid is not null as imported,
  s.id is not null as repeats,
  s.uid is null as can_follow,
  s.status = 'cancelled' as series_cancelled,
  s.status = 'draft' as series_draft,
  e.detached,
  repeat_text(s.rule, s.starts_local::date) as repeat_text,
  to_char(s.until at time zone l.zone, 'FMDD FMMonth YYYY') as until_text,
  nullif(to_come.others, 0) as others,
  p.registered,
  nullif(p.waitlisted, 0) as waitlisted,
  nullif(p.withdrawn, 0) as withdrawn,
  p.registered > e.capacity as is_over_full,
  (select count(*) from event_views v where v.event_id = e.id) as viewed,
  exists (select from absence_batches b where b.event_id = e.id and b.state = 'asked') as asks_absences
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join events e on e.org_id = o.id and e.id = :event
join users u on u.id = t.user_id
left join event_series s on s.id = e.series_id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
cross join lateral safe_zone(coalesce(e.timezone, o.timezone)) as l(zone)
cross join lateral (
  select
    count(*) filter (where t.status = 'registered') as registered,
    count(*) filter (where t.status = 'waitlisted') as waitlisted,
    count(*) filter (where t.status = 'cancelled') as withdrawn
  from event_participants t
  where t.event_id = e.id
) p
cross join lateral (
  select count(*) as others
  from events other
  where other.series_id = e.series_id
    and other.id <> e.id
    and other.effective_end > app_now()
    and other.deleted_at is null
) to_come
where e.deleted_at is null;

-- name: staff_event_next(session bytea, slug text, event bigint) :many
-- role: staff
-- The next others of its series.
select
  n.id,
  iso_time(n.starts_at, z.zone) as starts_at,
  say_event_start(n.starts_at, n.all_day, coalesce(n.timezone, o.timezone), z.zone) as starts_text,
  n.status,
  case
    when n.status in ('cancelled', 'draft') then event_status_text(n.status, n.starts_at, n.effective_end)
  end as mark
from team_org(:session, :slug, 'staff') t
join organizations o on o.id = t.org_id
join users u on u.id = t.user_id
join events e on e.org_id = o.id and e.id = :event
join events n on n.series_id = e.series_id and n.id <> e.id
cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
where n.effective_end > app_now()
  and n.deleted_at is null
order by n.starts_at
limit 5;

-- name: staff_event_form(session bytea, slug text, event bigint, copy boolean) :one -> id bigint
-- role: staff
-- The form's fields as they are, or for a copy: as many weeks on as it takes
-- to be ahead, at least one.
select
  e.id,
  e.title,
  case when e.all_day then 'yes' end as all_day,
  to_char(local.starts, 'YYYY-MM-DD') as start_date,
  case when not e.all_day then to_char(local.starts, 'HH24:MI') end as start_time,
  case
    when e.all_day then to_char(local.ends - interval '1 day', 'YYYY-MM-DD')
    when local.ends::date <> local.starts::date then to_char(local.ends, 'YYYY-MM-DD')
  end as end_date,
  case when not e.all_day then to_char(local.ends, 'HH24:MI') end as end_time,
  l.zone,
  e.location,
  e.url,
  e.description,
  e.capacity,
  case when e.takes_attendance then 'yes' end as takes_attendance,
  case when e.status = 'draft' or :copy then 'draft' else 'published' end as status,
  case when :copy then 'none' else repeat_choice(s.rule) end as repeats,
  case when not :copy then to_char(s.until at time zone l.zone, 'YYYY-MM-DD') end as until,
  case when s.id is not null then 'this' end as scope,
  e.version,
  coalesce(s.version, 0) as series_version
from team_org(:session, :slug, 'admin') t
join organizations o on o.id = t.org_id
join events e on e.org_id = o.id and e.id = :event
left join event_series s on s.id = e.series_id
cross join lateral safe_zone(
  coalesce((select z.name from timezones z where z.name = s.zone), e.timezone, o.timezone)
) as l(zone)
cross join lateral (
  select case
    when :copy then 7 * greatest(1, ceil(extract(epoch from app_now() - e.starts_at) / 604800))::int
    else 0
  end
) as moved(days)
cross join lateral (
  select
    (e.starts_at at time zone l.zone) + make_interval(days => moved.days) as starts,
    (e.ends_at at time zone l.zone) + make_interval(days => moved.days) as ends
) as local
where e.deleted_at is null;

-- name: staff_event_new(session bytea, slug text) :one
-- role: staff
-- What a new form begins with.
select
  safe_zone(o.timezone) as zone,
  'none' as repeats,
  'published' as status
from team_org(:session, :slug, 'admin') t
join organizations o on o.id = t.org_id;

-- name: staff_event_zones(session bytea, slug text, part text) :many
-- role: staff
-- The names that are offered, or those with that part in them; others that the
-- server knows are taken too.
select z.name
from team_org(:session, :slug, 'admin') t
cross join timezones z
where z.name ~ '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/|^UTC$'
  and strpos(lower(z.name), lower(:part)) > 0
order by z.name
limit case when :part <> '' then 20 end;

-- name: staff_event_faults(form jsonb) :many -> field text, key text
-- role: staff
select
  f.field,
  f.key
from event_form_faults(jsonb_populate_record(cast(null as event_form), :form)) f;

-- name: staff_event_repeat(session bytea, slug text, event bigint?, form jsonb) :one -> rule text, starts text, until text
-- role: staff
select
  rule,
  starts,
  until
from team_repeat(:session, :slug, :event, :form);

-- name: staff_event_make(session bytea, slug text, form jsonb, dates jsonb?) :one -> id bigint
-- role: staff
select make_event(:session, :slug, :form, :dates) as id;

-- name: staff_event_change(session bytea, slug text, event bigint, version int, series_version int, form jsonb, dates jsonb?) :one
--   -> note text
-- role: staff
select change_event(:session, :slug, :event, :version, :series_version, :form, :dates) as note;

-- name: staff_event_step(session bytea, slug text, event bigint, version int, scope text, step text) :one -> note text
-- role: staff
select step_event(:session, :slug, :event, :version, :scope, :step) as note;
