-- What an organisation's admins decide for it.

-- name: settings_page(session bytea, slug text) :one -> version bigint
-- role: staff
-- The values as the form has them, and those of choices in words.
select
  cast(o.version as bigint) as version,
  o.name,
  o.timezone,
  o.postal_address,
  o."join",
  case o."join" when 'open' then 'Anyone, on the public page' else 'Only people whom an admin adds' end as join_text,
  o.prompt_audience,
  case o.prompt_audience
    when 'viewers' then 'People who looked at its page'
    when 'participants' then 'People who registered'
    else 'Both'
  end as prompt_audience_text,
  o.second_prompt,
  case o.second_prompt
    when 'all' then 'Everyone'
    when 'registered' then 'People who registered'
    else 'Nobody'
  end as second_prompt_text,
  case when o.prompts_since is not null then 'on' else '' end as prompts,
  case when o.prompts_since is not null then 'Yes' else 'No' end as prompts_text,
  to_char(o.prompts_since at time zone safe_zone(o.timezone), 'YYYY-MM-DD') as since,
  case when o.member_list then 'on' else '' end as member_list,
  case when o.member_list then 'Yes' else 'No' end as member_list_text,
  o.watch_l2_hours,
  o.watch_l3_hours,
  o.watch_l4_hours,
  last.actor_name,
  say_time(last.at, z.zone) as changed_text,
  iso_time(last.at, z.zone) as changed_at
from team_org(:session, :slug, 'admin') t
join organizations o on o.id = t.org_id
cross join lateral user_zone(t.user_id) as z(zone)
left join lateral (
  select c.at, a.name as actor_name
  from org_changes c
  left join users a on a.id = c.actor_id
  where c.org_id = o.id
    and c.user_id is null
  order by c.id desc
  limit 1
) last on true;

-- name: settings_zones(session bytea, typed text?) :many
-- role: staff
-- The names that people know, all others are taken too; or, when something was
-- typed, those that hold it: a page that refuses is not compressed on its way.
select t.name
from timezones t
where exists (select from live_sessions s where s.hash = :session)
  and t.name ~ '^(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/|^UTC$'
  and (
    cast(:typed as text) is null
    or strpos(lower(t.name), lower(replace(btrim(cast(:typed as text)), ' ', '_'))) > 0
  )
order by t.name
limit case when cast(:typed as text) is not null then 20 end;

-- name: settings_save(session bytea, slug text, version bigint, name text, timezone text, postal_address text,
--   join text, prompt_audience text, second_prompt text, prompts boolean, since text?, member_list boolean,
--   watch_l2_hours int, watch_l3_hours int, watch_l4_hours int, request_id text) :exec
-- role: staff
select save_settings(
  :session, :slug, :version, :name, :timezone, :postal_address, :join, :prompt_audience, :second_prompt, :prompts,
  :since, :member_list, array[:watch_l2_hours, :watch_l3_hours, :watch_l4_hours]::int[], :request_id
);
