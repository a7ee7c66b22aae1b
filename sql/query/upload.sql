-- Calendars and lists of people that staff hand in, look at and import.

-- name: upload_list(session bytea, slug text) :many -> id bigint
-- role: staff
-- What waits, and what was imported lately.
select
  u.id,
  u.name,
  u.imported_at is null as is_waiting,
  u.new_count,
  u.changed_count,
  u.refused_count,
  iso_time(u.created_at, z.zone) as created_at,
  say_time(u.created_at, z.zone) as created_text,
  iso_time(u.imported_at, z.zone) as imported_at,
  say_time(u.imported_at, z.zone) as imported_text
from team_org(:session, :slug, 'admin') t
join calendar_uploads u on u.org_id = t.org_id and u.kind = 'calendar'
cross join lateral user_zone(t.user_id) as z(zone)
order by u.imported_at is not null, coalesce(u.imported_at, u.created_at) desc, u.id desc;

-- name: upload_people(session bytea, slug text, event bigint?) :many -> id bigint
-- role: staff
-- Lists of people likewise, for that event or none.
select
  u.id,
  u.name,
  u.imported_at is null as is_waiting,
  iso_time(u.created_at, z.zone) as created_at,
  say_time(u.created_at, z.zone) as created_text,
  iso_time(u.imported_at, z.zone) as imported_at,
  say_time(u.imported_at, z.zone) as imported_text
from team_org(:session, :slug, 'admin') t
join calendar_uploads u on u.org_id = t.org_id and u.kind = 'people' and u.event_id is not distinct from :event
cross join lateral user_zone(t.user_id) as z(zone)
order by u.imported_at is not null, coalesce(u.imported_at, u.created_at) desc, u.id desc;

-- name: upload_shifts(session bytea, slug text) :many -> id bigint
-- role: staff
-- Lists of shifts likewise.
select
  u.id,
  u.name,
  u.imported_at is null as is_waiting,
  iso_time(u.created_at, z.zone) as created_at,
  say_time(u.created_at, z.zone) as created_text,
  iso_time(u.imported_at, z.zone) as imported_at,
  say_time(u.imported_at, z.zone) as imported_text
from team_org(:session, :slug, 'admin') t
join calendar_uploads u on u.org_id = t.org_id and u.kind = 'shifts'
cross join lateral user_zone(t.user_id) as z(zone)
order by u.imported_at is not null, coalesce(u.imported_at, u.created_at) desc, u.id desc;

-- name: upload_page(session bytea, slug text, upload bigint) :one -> id bigint, shown int, total int, is_waiting boolean, is_people boolean, is_shifts boolean, event_id bigint
-- role: staff
select
  u.id,
  u.name,
  u.imported_at is null as is_waiting,
  u.kind = 'people' as is_people,
  u.kind = 'shifts' as is_shifts,
  u.kind = 'calendar' as is_calendar,
  e.id as event_id,
  e.title as event_title,
  u.new_count,
  u.changed_count,
  u.unchanged_count,
  u.refused_count,
  u.new_count + u.changed_count > 0 as changes_something,
  jsonb_array_length(u.verdicts) < u.new_count + u.changed_count + u.unchanged_count + u.refused_count as has_more,
  jsonb_array_length(u.verdicts) as shown,
  u.new_count + u.changed_count + u.unchanged_count + u.refused_count as total,
  iso_time(u.created_at, z.zone) as created_at,
  say_time(u.created_at, z.zone) as created_text,
  iso_time(u.created_at + interval '1 day', z.zone) as ends_at,
  say_time(u.created_at + interval '1 day', z.zone) as ends_text,
  iso_time(u.imported_at, z.zone) as imported_at,
  say_time(u.imported_at, z.zone) as imported_text,
  sender.name as sender,
  importer.name as importer
from team_org(:session, :slug, 'admin') t
join calendar_uploads u on u.org_id = t.org_id
cross join lateral user_zone(t.user_id) as z(zone)
left join users sender on sender.id = u.user_id
left join users importer on importer.id = u.imported_by
left join events e on e.id = u.event_id
where u.id = :upload;

-- name: upload_verdicts(session bytea, slug text, upload bigint) :many -> line int
-- role: staff
select
  v.line,
  case v.result
    when 'new' then 'present'
    when 'changed' then 'late'
    when 'refused' then 'absent'
    else 'unknown'
  end as mark,
  initcap(v.result) as result,
  v.why,
  v.title,
  v.repeats,
  coalesce(v.day, iso_time(v.starts, z.zone)) as starts_at,
  coalesce(say_date(v.day::timestamp at time zone 'UTC', 'UTC'), say_time(v.starts, z.zone)) as starts_text
from team_org(:session, :slug, 'admin') t
join calendar_uploads u on u.org_id = t.org_id
cross join lateral user_zone(t.user_id) as z(zone)
cross join lateral rows from (
  jsonb_to_recordset(u.verdicts)
    as (line int, result text, why text, title text, repeats boolean, starts timestamptz, day text)
) with ordinality as v(line, result, why, title, repeats, starts, day, place)
where u.id = :upload
order by v.place;

-- name: upload_hold(session bytea, slug text, name text, size int, entries jsonb, refused jsonb) :one -> id bigint
-- role: staff
select hold_upload(:session, :slug, :name, :size, :entries, :refused) as id;

-- name: upload_hold_people(session bytea, slug text, event bigint?, name text, size int, people jsonb, hashes jsonb, refused jsonb) :one -> id bigint
-- role: staff
select hold_people(:session, :slug, :event, :name, :size, :people, :hashes, :refused) as id;

-- name: upload_hold_shifts(session bytea, slug text, name text, size int, shifts jsonb, refused jsonb) :one -> id bigint
-- role: staff
select hold_shifts(:session, :slug, :name, :size, :shifts, :refused) as id;

-- name: upload_import(session bytea, slug text, upload bigint) :one -> imported boolean
-- role: staff
select import_upload(:session, :slug, :upload) as imported;

-- name: upload_discard(session bytea, slug text, upload bigint) :one -> discarded boolean
-- role: staff
select discard_upload(:session, :slug, :upload) as discarded;
