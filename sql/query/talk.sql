-- What a member and an organisation's responders write to each other.

-- name: talk_list(session bytea, slug text?) :many -> slug text
-- role: member
-- The organisations whose responders one can write to, or that one.
select
  slug,
  org_name,
  can_write,
  nullif(unread, 0) as unread
from own_talks(:session, :slug);

-- name: talk_page(session bytea, slug text, before bigint?) :many -> id bigint, is_unread boolean, has_more boolean
-- role: member
-- 50 a page, the last first; the next page is that before the last row's id.
select
  t.id,
  t.body,
  t.author_name,
  t.is_out,
  t.at,
  t.at_text,
  t.read_text,
  t.is_unread,
  count(*) over () > 50 as has_more
from own_talk(:session, :slug, :before, 51) t
order by t.id desc
limit 50;

-- name: talk_say(session bytea, slug text, body text, last bigint?) :exec
-- role: member
select say_talk(:session, :slug, :body, :last);

-- name: talk_read(session bytea, slug text, last bigint) :exec
-- role: member
select read_talk(:session, :slug, :last);

-- name: staff_talk_open(session bytea, slug text, what text, person bigint, request_id text) :exec
-- role: staff
select open_watched(:session, :slug, :what, :person, :request_id);

-- name: staff_talk_person(session bytea, slug text, person bigint) :one -> person_id bigint
-- role: staff
-- Whom a responder may write with.
select
  person_id,
  person_name
from team_talk_person(:session, :slug, :person);

-- name: staff_talk_page(session bytea, slug text, person bigint, before bigint?) :many
--   -> id bigint, is_unread boolean, has_more boolean
-- role: staff
select
  t.id,
  t.body,
  t.author_name,
  t.is_own,
  t.is_out,
  t.at,
  t.at_text,
  t.read_text,
  t.is_unread,
  count(*) over () > 50 as has_more
from team_talk(:session, :slug, :person, :before, 51) t
order by t.id desc
limit 50;

-- name: staff_talk_list(session bytea, slug text) :many
-- role: staff
-- Who waits for a responder to read what they wrote, then the others.
select
  person_id,
  person_name,
  nullif(unread, 0) as unread,
  at,
  at_text
from team_talks(:session, :slug, 100);

-- name: staff_talk_say(session bytea, slug text, person bigint, body text, last bigint?) :exec
-- role: staff
select answer_talk(:session, :slug, :person, :body, :last);

-- name: staff_talk_read(session bytea, slug text, person bigint, last bigint) :exec
-- role: staff
select read_team_talk(:session, :slug, :person, :last);
