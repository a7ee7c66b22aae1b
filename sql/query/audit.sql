-- The audit: whether the chain is sound, for the operator and the sweep, and
-- its rows as staff read them.

-- name: audit_verify(slug text?, since timestamptz?) :many -> org_slug text, seq bigint, problem text
-- role: ctl
select
  org_slug,
  seq,
  problem
from verify_audit(:slug, :since);

-- name: audit_head(slug text?) :many -> org_slug text, seq bigint, hash text
-- role: ctl
select
  org_slug,
  seq,
  hash
from audit_head(:slug);

-- name: audit_check(most bigint) :many -> org_id bigint, looked_at bigint, is_done boolean, seq bigint, problem text
-- role: sweep
select
  org_id,
  looked_at,
  is_done,
  seq,
  problem
from check_audits(:most);

-- name: audit_open(session bytea, slug text, what text, request_id text) :exec
-- role: staff
select open_audit(:session, :slug, :what, :request_id);

-- name: audit_about(session bytea, slug text, event bigint?, person bigint?, actor bigint?) :one
-- role: staff
select
  event_title,
  person_name,
  actor_name,
  iso_time(checked_at, zone) as checked_at,
  say_time(checked_at, zone) as checked_text,
  problem_seq,
  problem,
  zone
from audit_about(:session, :slug, :event, :person, :actor);

-- name: audit_actions(action text?) :many
-- role: staff
select
  a.action,
  audit_action_text(a.action) as what,
  a.action = :action as is_chosen
from unnest(array[
  'check_in', 'walk_in', 'correction', 'mark_absent', 'revert', 'undo', 'request', 'self_report'
]) a(action);

-- name: audit_list(session bytea, slug text, event bigint?, person bigint?, actor bigint?, action text?, from date?, to date?, before bigint?, before_seq bigint?) :many
--   -> seq bigint, cursor_at bigint, has_more boolean
-- role: staff
-- Fifty a page, the last first; the next page starts after the last row's
-- (cursor_at, seq), as history_list has it.
select
  a.seq,
  iso_time(a.at, a.zone) as at,
  say_time(a.at, a.zone) as at_text,
  audit_action_text(a.action) as what,
  audit_status_text(a.action, a.previous_status) as before_text,
  audit_status_text(a.action, a.new_status) as after_text,
  a.new_status as after,
  a.event_id,
  a.event_title,
  a.user_id,
  a.user_name,
  a.actor_id,
  a.actor_name,
  a.actor_id = a.user_id as is_own,
  a.actor_id is null as by_system,
  case when a.reason_code <> 'other' then a.reason_words end as reason_words,
  a.reason,
  a.reason_erased,
  a.hash,
  cast(extract(epoch from a.at) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from team_audit(
  :session, :slug, :event, :person, :actor, :action, :from, :to,
  timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', :before_seq, 51
) a
order by a.at desc, a.seq desc
limit 50;

-- name: audit_file(session bytea, slug text, event bigint?, person bigint?, actor bigint?, action text?, from date?, to date?) :many
--   -> is_cut boolean
-- role: staff
-- The same for a file, ten thousand rows of it, as far as 14 MB go.
select
  row,
  at,
  action,
  before,
  after,
  event_id,
  event,
  person_id,
  person,
  by_id,
  by,
  reason_code,
  reason,
  request_id,
  hash,
  found > count(*) over () as is_cut
from (
  select
    a.seq as row,
    a.at as moment,
    iso_time(a.at, a.zone) as at,
    a.action,
    a.previous_status as before,
    a.new_status as after,
    a.event_id,
    a.event_title as event,
    a.user_id as person_id,
    a.user_name as person,
    a.actor_id as by_id,
    a.actor_name as by,
    a.reason_code,
    case when a.reason_erased then 'text erased' else a.reason end as reason,
    a.request_id,
    a.hash,
    count(*) over () as found,
    row_number() over latest as place,
    sum(350 + octet_length(w.words) + length(w.words) - length(replace(w.words, '"', ''))) over latest as size
  from team_audit(
    :session, :slug, :event, :person, :actor, :action, :from, :to, null, null, 10001
  ) a
  cross join lateral concat(a.event_title, a.user_name, a.actor_name, a.reason) as w(words)
  window latest as (order by a.at desc, a.seq desc)
) a
where place <= 10000
  and size <= 14000000
order by moment desc, row desc;
