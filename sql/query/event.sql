-- Events as a member of their organisation sees them: from 14 days back, the
-- next one first. member_events() holds who may see what, for list and page.

-- name: event_list(session bytea) :many -> id bigint
-- role: member
select
  e.id,
  e.title,
  e.starts_at,
  e.starts_text,
  e.ends_text,
  e.zone,
  shorten(e.location, 200) as location,
  e.is_virtual,
  e.status,
  e.status_text,
  e.is_over,
  e.registered,
  e.waitlisted,
  e.org_name,
  e.answered,
  e.answered_text,
  e.can_register,
  not e.is_over and has_later_dates(e.id) as has_later
from member_events(:session, null) e
order by e.is_over, case when e.is_over then null else e.starts end, e.starts desc, e.id;

-- name: event_page(session bytea, event bigint) :one -> id bigint, title text, status text, not_asked text
-- role: member
select
  e.id,
  e.title,
  e.description,
  e.url,
  e.starts_at,
  e.starts_text,
  e.ends_at,
  e.ends_text,
  e.zone,
  e.all_day,
  e.location,
  e.is_virtual,
  e.status,
  e.status_text,
  e.is_over,
  e.registered,
  e.waitlisted,
  case when e.waitlisted and not e.is_over then waiting_place(:session, e.id) end as waiting_place,
  e.org_name,
  e.answered,
  e.answered_text,
  e.can_register,
  e.can_withdraw,
  can_answer(:session, e.id) as can_answer,
  case when e.is_over then not_asked_cause(:session, e.id) end as not_asked
from member_events(:session, :event) e;

-- name: event_dates(session bytea, event bigint) :many -> id bigint
-- role: member
-- The next ones after it in its series, each as its own page has it.
select
  d.id,
  d.starts_at,
  d.starts_text,
  d.status,
  d.status = 'cancelled' as is_cancelled,
  d.registered,
  d.waitlisted
from (
  select later.id
  from events e
  join events later on later.series_id = e.series_id and later.starts_at > e.starts_at
  where e.id = :event
    and later.effective_end > app_now()
    and later.deleted_at is null
    and later.status <> 'draft'
  order by later.starts_at, later.id
  limit 12
) next
cross join lateral member_events(:session, next.id) d
order by d.starts, d.id;

-- name: event_view(session bytea, event bigint) :exec
-- role: member
select view_event(:session, :event);

-- name: event_register(session bytea, event bigint, request_id text) :one -> status text
-- role: member
select register_for_event(:session, :event, :request_id) as status;

-- name: event_withdraw(session bytea, event bigint, request_id text) :exec
-- role: member
select withdraw_from_event(:session, :event, :request_id);
