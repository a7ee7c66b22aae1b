-- What the person lets fellow members see, organisation by organisation.

-- name: sharing_list(session bytea) :many -> org_id bigint
-- role: member
-- Also the organisations that the person has left and has answers in.
select
  o.id as org_id,
  o.name,
  m.user_id is not null as is_member,
  coalesce(m.listed, false) as listed,
  o.member_list,
  count(a.event_id) as answers,
  count(a.event_id) filter (where not a.show_on_profile) as hidden,
  count(a.event_id) filter (where a.show_to_other_orgs) as elsewhere,
  coalesce(bool_or(a.show_on_profile), false) as can_hide,
  coalesce(bool_or(not a.show_on_profile), false) as can_show
from live_sessions s
cross join lateral (
  select here.org_id from memberships here where here.user_id = s.user_id
  union
  select had.org_id from attendance had where had.user_id = s.user_id
) mine
join organizations o on o.id = mine.org_id
left join memberships m on m.user_id = s.user_id and m.org_id = o.id
left join attendance a on a.user_id = s.user_id and a.org_id = o.id and a.status <> 'unknown'
where s.hash = :session
group by o.id, m.user_id, m.listed
order by m.user_id is null, o.name, o.id;

-- name: sharing_listed(session bytea, org bigint, listed boolean) :exec
-- role: member
select list_member(:session, :org, :listed);

-- name: sharing_all(session bytea, org bigint, show boolean) :one -> changed int
-- role: member
select share_answers(:session, :org, :show) as changed;
