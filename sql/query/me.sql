-- What a person sees of themselves, beside what every page has (viewer), and
-- what they set.

-- name: me_page(session bytea) :one -> name text, email text, quiet boolean, quiet_from text, quiet_to text
-- role: member
-- timezone is null while it is the organisation's; zone is what counts.
select
  name,
  email,
  timezone,
  zone,
  org_zone,
  zone_now,
  quiet,
  quiet_from,
  quiet_to
from own_settings(:session);

-- name: me_org_list(session bytea) :many
-- role: member
select
  o.slug,
  o.name,
  case m.role
    when 'member' then 'Member'
    when 'door' then 'Helps at the door'
    when 'staff' then 'Staff'
    when 'admin' then 'Admin'
  end || case when m.responder then ', responder' else '' end as role_text,
  b.points
from live_sessions s
join memberships m on m.user_id = s.user_id
join organizations o on o.id = m.org_id
join own_balances(:session) b on b.org_id = o.id
where s.hash = :session
order by o.name, o.id;

-- name: me_name_save(session bytea, name text) :exec
-- role: member
select set_own_name(:session, :name);

-- name: me_zone_list(words text) :many -> name text
-- role: member
select
  name,
  translate(name, '_', ' ') as label,
  now_text
from find_zones(:words, 20);

-- name: me_zone_save(session bytea, zone text?) :exec
-- role: member
select set_own_zone(:session, :zone);

-- name: me_quiet_save(session bytea, quiet boolean, quiet_from text, quiet_to text) :exec
-- role: member
select set_own_quiet(:session, :quiet, :quiet_from, :quiet_to);

-- name: me_mail_list(session bytea, slug text?) :many -> frequency text, unwanted text, seen text
-- role: member
-- All of the person's organisations, or one. has_shift: mail of that category
-- can come to them.
select
  slug,
  org_name,
  frequency,
  frequency = 'all' as is_all,
  frequency = 'daily' as is_daily,
  frequency = 'weekly' as is_weekly,
  frequency = 'none' as is_none,
  'shift' = any (string_to_array(categories, ' ')) as has_shift,
  'event' = any (string_to_array(categories, ' ')) as has_event,
  'care' = any (string_to_array(categories, ' ')) as has_care,
  categories is not null as has_more,
  unwanted,
  seen
from own_mail(:session, :slug);

-- name: me_mail_save(session bytea, slug text, frequency text, wanted text, seen text) :exec
-- role: member
select set_own_mail(:session, :slug, :frequency, :wanted, :seen);

-- name: me_choices(session bytea, slug text, channel text) :many -> unwanted text, seen text
-- role: member
-- channel is push, of which there is nothing without a device, or inbox.
select
  'prompt' = any (string_to_array(categories, ' ')) as has_prompt,
  'shift' = any (string_to_array(categories, ' ')) as has_shift,
  'event' = any (string_to_array(categories, ' ')) as has_event,
  'care' = any (string_to_array(categories, ' ')) as has_care,
  unwanted,
  seen
from own_choices(:session, :slug, :channel)
where categories is not null;

-- name: me_choices_save(session bytea, slug text, channel text, wanted text, seen text) :exec
-- role: member
select set_own_choices(:session, :slug, :channel, :wanted, :seen);
