-- Deploy rollcall:choices to pg
-- What may go to a person's devices, and what is kept in their inbox, by
-- organisation and category; and who has a shift can say whether they want mail
-- of it.

begin;

create function has_team_news(p_member memberships) returns boolean
  language plpgsql stable
as $$
begin
  return p_member.role in ('staff', 'admin')
    or p_member.responder
    or exists (
      select from duty_assignments a
      where a.user_id = p_member.user_id and a.org_id = p_member.org_id
    );
end
$$;

comment on function has_team_news(memberships) is
  'Whether messages of the category shift can come to them: who is one of the team, or has a shift.';

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
        and (c.category <> 'shift' or has_team_news(m))
    ) c
    where s.hash = p_session
      and (p_slug is null or o.slug = p_slug)
    order by o.name, o.id;
end
$$;

create function own_choices(p_session bytea, p_slug text, p_channel text)
  returns table (org_id bigint, slug text, categories text, unwanted text, seen text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select o.id, o.slug, c.categories, c.unwanted, coalesce(c.unwanted, '')
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    cross join lateral (
      select
        string_agg(c.category, ' ' order by c.category) as categories,
        string_agg(c.category, ' ' order by c.category)
          filter (where not is_wanted(m.user_id, m.org_id, c.category, p_channel)) as unwanted
      from notification_categories c
      where c.one_click_stop
        and exists (
          select from notification_kinds k
          where k.category = c.category and (p_channel = 'push' or k.inbox_path is not null)
        )
        and (c.category <> 'shift' or has_team_news(m))
    ) c
    where s.hash = p_session
      and o.slug = p_slug
      and (
        p_channel = 'inbox'
        or (p_channel = 'push' and exists (select from device_tokens d where d.user_id = m.user_id))
      );
end
$$;

comment on function own_choices(bytea, text, text) is
  'By which categories whoever is signed in can get messages of an organisation by a channel, push or inbox, and which of '
  'them they do not want; with spaces between. No row for push without a device. seen: for set_own_choices(). Mail has '
  'own_mail().';

create function set_own_choices(p_session bytea, p_slug text, p_channel text, p_wanted text, p_seen text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_choices record;
  v_category text;
begin
  perform from category_preferences p
  join organizations o on o.id = p.org_id
  where p.user_id = v_user and o.slug = p_slug
  for update of p;
  select * into v_choices from own_choices(p_session, p_slug, p_channel);
  -- The last device was removed meanwhile: there is nothing to choose.
  if not found then
    return;
  elsif p_seen is distinct from v_choices.seen then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  foreach v_category in array coalesce(string_to_array(v_choices.categories, ' '), '{}') loop
    insert into category_preferences as p (user_id, org_id, category, channel, wanted, created_at, updated_at)
    values (
      v_user, v_choices.org_id, v_category, p_channel,
      v_category = any (string_to_array(coalesce(p_wanted, ''), ' ')), v_now, v_now
    )
    on conflict (user_id, org_id, category, channel) do update
    set wanted = excluded.wanted, updated_at = v_now
    where p.wanted <> excluded.wanted;
  end loop;
end
$$;

comment on function set_own_choices(bytea, text, text, text, text) is
  'p_wanted: the categories to get that way, with spaces between. p_seen is own_choices()''s from when the form was shown: '
  'raises RC409 when something changed since.';

grant execute on function
  own_choices(bytea, text, text),
  set_own_choices(bytea, text, text, text, text)
  to rollcall_member;

commit;
