-- The team's ledger: what became of each message, what waits, what will be
-- planned, and who is not written to. No text of a message.

-- name: staff_message_open(session bytea, slug text, what text, request_id text) :exec
-- role: staff
select open_audit(:session, :slug, :what, :request_id);

-- name: staff_message_about(session bytea, slug text, person bigint?) :one
-- role: staff
select
  person_name,
  is_admin,
  nullif(waiting, 0) as waiting,
  waiting = 1000 as waiting_more,
  nullif(suppressed, 0) as suppressed,
  suppressed = 1000 as suppressed_more
from messages_about(:session, :slug, :person);

-- name: staff_message_kinds(session bytea, slug text) :many -> kind text, category text
-- role: staff
-- What an organisation can send and whoever asks may know of.
select
  kind,
  category
from team_message_kinds(:session, :slug);

-- name: staff_message_causes(session bytea, slug text) :many -> cause text
-- role: staff
select cause
from team_message_causes(:session, :slug);

-- name: staff_message_list(session bytea, slug text, person bigint?, what text?, state text?, cause text?, from date?, to date?, before bigint?, before_id bigint?) :many
--   -> id bigint, kind text, cause text, push_cause text, cursor_at bigint, has_more boolean
-- role: staff
-- Fifty a page, the last first; the next page starts after the last row's
-- (cursor_at, id), as history_list has it.
select
  m.id,
  m.kind,
  m.prompt_number = 2 as is_second,
  m.user_id,
  m.user_name,
  m.is_member,
  m.event_id,
  m.event_title,
  m.schedule_id,
  m.shift_title,
  m.state = 'sent' and m.bounced_at is null as is_sent,
  m.bounced_at is not null as is_bounced,
  m.state = 'dead' as is_dead,
  m.state = 'expired' as is_expired,
  m.state = 'cancelled' as is_cancelled,
  m.state = 'skipped' as is_skipped,
  m.cause,
  case when m.state in ('dead', 'expired') then m.reply_code end as reply_code,
  case when m.state in ('dead', 'expired') or m.bounced_at is not null then m.why end as why,
  case when m.tries > 1 then m.tries end as tries,
  m.channel = 'push' as is_push,
  m.push_cause,
  m.can_again,
  iso_time(m.at, m.zone) as at,
  say_time(m.at, m.zone) as at_text,
  iso_time(m.bounced_at, m.zone) as bounced_at,
  say_time(m.bounced_at, m.zone) as bounced_text,
  cast(extract(epoch from m.at) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from team_messages(
  :session, :slug, :person, :what, :state, :cause, :from, :to,
  timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', :before_id, 51
) m
order by m.at desc, m.id desc
limit 50;

-- name: staff_message_file(session bytea, slug text, person bigint?, what text?, state text?, cause text?, from date?, to date?) :many
--   -> is_cut boolean
-- role: staff
-- The same for a file, ten thousand rows of it: with the longest titles and
-- names there are, far below what a reply may hold.
select
  m.id as message,
  iso_time(m.at, m.zone) as at,
  m.kind,
  m.prompt_number,
  m.user_id as person_id,
  m.user_name as person,
  m.event_id,
  shorten(m.event_title, 150) as event,
  m.schedule_id as shift_id,
  shorten(m.shift_title, 150) as shift,
  m.state,
  m.cause,
  m.reply_code,
  m.why,
  m.tries,
  m.channel,
  m.push_cause as not_pushed,
  iso_time(m.due, m.zone) as due_at,
  iso_time(m.bounced_at, m.zone) as came_back_at,
  count(*) over () > 10000 as is_cut
from team_messages(:session, :slug, :person, :what, :state, :cause, :from, :to, null, null, 10001) m
order by m.at desc, m.id desc
limit 10000;

-- name: staff_message_again(session bytea, slug text, id bigint, request_id text) :exec
-- role: staff
select send_message_again(:session, :slug, :id, :request_id);

-- name: staff_message_suppressed(session bytea, slug text, before bigint?, before_id bigint?) :many
--   -> id bigint, cursor_at bigint, has_more boolean
-- role: staff
-- Fifty a page, the last first, as staff_message_list.
select
  s.id,
  s.name,
  s.email,
  s.cause,
  iso_time(s.since, s.zone) as since_at,
  say_time(s.since, s.zone) as since_text,
  cast(extract(epoch from s.since) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from team_suppressed(
  :session, :slug, timestamptz 'epoch' + cast(:before as bigint) * interval '1 microsecond', :before_id, 51
) s
order by s.since desc, s.id desc
limit 50;

-- name: staff_message_waiting(session bytea, slug text, what text?, after bigint?, after_id bigint?) :many
--   -> id bigint, kind text, cause text, cursor_at bigint, has_more boolean
-- role: staff
-- Fifty a page, the next first.
select
  m.id,
  m.kind,
  m.prompt_number = 2 as is_second,
  m.user_id,
  m.user_name,
  m.is_member,
  m.event_id,
  m.event_title,
  m.schedule_id,
  m.shift_title,
  m.is_leaving,
  m.cause = 'paused' as is_paused,
  m.cause is distinct from 'paused' and m.at > app_now() as is_later,
  m.at <= app_now() as is_due,
  m.cause,
  case when m.tries > 0 then m.why end as why,
  nullif(m.tries, 0) as tries,
  iso_time(m.at, m.zone) as at,
  say_time(m.at, m.zone) as at_text,
  iso_time(m.expires_at, m.zone) as expires_at,
  say_time(m.expires_at, m.zone) as expires_text,
  cast(extract(epoch from m.at) * 1000000 as bigint) as cursor_at,
  count(*) over () > 50 as has_more
from team_waiting(
  :session, :slug, :what, timestamptz 'epoch' + cast(:after as bigint) * interval '1 microsecond', :after_id, 51
) m
order by m.at, m.id
limit 50;

-- name: staff_message_plans(session bytea, slug text) :many -> kind text, has_more boolean
-- role: staff
-- The next fifty that will be planned within 72 hours.
select
  p.kind,
  p.event_id,
  p.event_title,
  p.schedule_id,
  p.shift_title,
  p.people,
  p.people = 1 as is_one,
  p.people = 1000 as is_thousand,
  iso_time(p.at, p.zone) as at,
  say_time(p.at, p.zone) as at_text,
  count(*) over () > 50 as has_more
from team_plans(:session, :slug, 51) p
order by p.at, p.event_id, p.schedule_id
limit 50;

-- name: staff_message_pauses(session bytea, slug text) :many -> category text, reason text
-- role: staff
select
  p.category,
  p.is_paused,
  p.reason,
  iso_time(p.paused_at, p.zone) as paused_at,
  say_time(p.paused_at, p.zone) as paused_text,
  p.paused_by,
  nullif(p.held, 0) as held,
  p.held = 1000 as held_more
from team_pauses(:session, :slug) p
order by p.category;

-- name: staff_message_pause(session bytea, slug text, category text, reason text, request_id text) :exec
-- role: staff
select pause_category(:session, :slug, :category, :reason, :request_id);

-- name: staff_message_resume(session bytea, slug text, category text, request_id text) :exec
-- role: staff
select resume_category(:session, :slug, :category, :request_id);
