-- Revert rollcall:choices from pg

begin;

drop function set_own_choices(bytea, text, text, text, text);
drop function own_choices(bytea, text, text);

create or replace function own_mail(p_session bytea, p_slug text)
  returns table (
    org_id bigint, slug text, org_name text, frequency text, categories text, unwanted text, seen text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      o.id,
      o.slug,
      o.name,
      f.frequency,
      c.categories,
      c.unwanted,
      concat_ws(' ', f.frequency, c.unwanted)
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    cross join lateral (
      select coalesce((
        select p.frequency
        from event_notification_preferences p
        where p.user_id = m.user_id and p.org_id = m.org_id
      ), 'all') as frequency
    ) f
    cross join lateral (
      select
        string_agg(c.category, ' ' order by c.category) as categories,
        string_agg(c.category, ' ' order by c.category)
          filter (where not is_wanted(m.user_id, m.org_id, c.category, 'email')) as unwanted
      from notification_categories c
      where c.one_click_stop
        and c.category <> 'prompt'
        and exists (select from notification_kinds k where k.category = c.category)
        and (c.category <> 'shift' or m.role = 'admin' or m.responder)
    ) c
    where s.hash = p_session
      and (p_slug is null or o.slug = p_slug)
    order by o.name, o.id;
end
$$;

drop function has_team_news(memberships);

commit;
