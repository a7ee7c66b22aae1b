-- What a person can read later, the last first.

-- name: inbox_list(session bytea, before bigint?) :many
--   -> id bigint, kind text, is_unread boolean, has_more boolean
-- role: member
-- 50 a page; the next page is that before the last row's id.
select
  n.id,
  n.kind,
  n.title,
  n.org_name,
  n.path,
  n.at,
  n.at_text,
  n.is_unread,
  count(*) over () > 50 as has_more
from own_inbox(:session, cast(:before as bigint), 51) n
order by n.id desc
limit 50;

-- name: inbox_read(session bytea, id bigint) :exec
-- role: member
select read_news(:session, :id);

-- name: inbox_read_all(session bytea, last bigint) :exec
-- role: member
select read_all_news(:session, :last);
