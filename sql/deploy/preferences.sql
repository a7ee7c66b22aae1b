-- Deploy rollcall:preferences to pg
-- What a person wants to be told, how and when; and who they are here.

begin;

create table category_preferences (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  category text not null references notification_categories,
  channel text not null check (channel in ('email', 'push', 'inbox')),
  wanted boolean not null default true,
  generation int not null default 1,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  unique (user_id, org_id, category, channel)
);

create index category_preferences_org on category_preferences (org_id);

comment on table category_preferences is
  'Which categories of message a person wants from an organisation, and by which channel; no row means wanted. '
  'Its id and generation make the link that stops one. How often questions come stands in event_notification_preferences.';

create function is_wanted(p_user bigint, p_org bigint, p_category text, p_channel text) returns boolean
  language plpgsql stable
as $$
begin
  return not exists (
    select from category_preferences p
    join notification_categories c using (category)
    where p.user_id = p_user
      and p.org_id = p_org
      and p.category = p_category
      and p.channel = p_channel
      and not p.wanted
      and c.one_click_stop
  );
end
$$;

comment on function is_wanted(bigint, bigint, text, text) is
  'False when the person stopped the category. One that cannot be stopped is always wanted.';

create function cancel_category(p_user bigint, p_org bigint, p_category text, p_cause text) returns int
  language plpgsql
as $$
begin
  return (
    select finish_unleased(array_agg(q.id), 'cancelled', array_agg(p_cause))
    from scheduled_notifications q
    join notification_kinds k using (kind)
    where q.user_id = p_user
      and q.org_id = p_org
      and k.category = p_category
  );
end
$$;

comment on function cancel_category(bigint, bigint, text, text) is
  'Takes back what an organisation has waiting for a person in a category.';

create function stop_category_link(p_preference bigint, p_generation int)
  returns table (org_name text, category text, wanted boolean)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select o.name, p.category, p.wanted
    from category_preferences p
    join organizations o on o.id = p.org_id
    where p.id = p_preference
      and p.generation = p_generation;
end
$$;

create function stop_category(p_preference bigint, p_generation int)
  returns table (org_name text, category text, wanted boolean)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_stopped category_preferences;
begin
  update category_preferences p
  set wanted = false, updated_at = app_now()
  where p.id = p_preference and p.generation = p_generation
  returning p.* into v_stopped;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  perform cancel_category(v_stopped.user_id, v_stopped.org_id, v_stopped.category, 'not_wanted');
  return query select l.org_name, l.category, l.wanted from stop_category_link(p_preference, p_generation) l;
end
$$;

comment on function stop_category(bigint, int) is
  'The pressed button, or a mail provider''s click, behind a category''s stop link. Again changes nothing more.';

-- When what waits for a person is due, after their clock or their quiet hours
-- changed.

create function reschedule_messages(p_user bigint, p_old_zone text) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  -- The morning that was named to them stays that morning, where they are now.
  with morning as (
    select
      q.id,
      next_local_time(
        greatest(
          q.scheduled_for at time zone safe_zone(coalesce(p_old_zone, o.timezone)) at time zone z.zone,
          q.created_at + interval '3 hours',
          v_now
        ),
        z.zone,
        '09:00'
      ) as due
    from scheduled_notifications q
    join users u on u.id = q.user_id
    join organizations o on o.id = q.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where q.user_id = p_user
      and q.kind = 'attendance_prompt'
      and q.prompt_number = 2
      and q.scheduled_for > v_now
      and z.zone <> safe_zone(coalesce(p_old_zone, o.timezone))
  )
  update scheduled_notifications q
  set scheduled_for = morning.due, not_before = morning.due, cause = null
  from morning
  where q.id = morning.id
    and q.first_attempt_at is null
    and (q.lease_until is null or q.lease_until <= v_now)
    and morning.due < q.expires_at;

  -- Held for the quiet hours as they are now, not as they were.
  with held as (
    select
      q.id,
      due.at,
      case
        when u.quiet then
          quiet_until(due.at, safe_zone(coalesce(u.timezone, o.timezone)), u.quiet_from, u.quiet_to)
        else due.at
      end as until
    from scheduled_notifications q
    join notification_kinds k using (kind)
    join notification_categories c using (category)
    join users u on u.id = q.user_id
    left join organizations o on o.id = q.org_id
    cross join lateral (select greatest(q.scheduled_for, v_now)) as due(at)
    where q.user_id = p_user
      and c.quiet_hours = 'held'
  )
  update scheduled_notifications q
  set not_before = held.until, cause = case when held.until > held.at then 'quiet_hours' end
  from held
  where q.id = held.id
    and q.first_attempt_at is null
    and (q.cause is null or q.cause = 'quiet_hours')
    and (q.lease_until is null or q.lease_until <= v_now);
end
$$;

comment on function reschedule_messages(bigint, text) is
  'After a person''s zone (p_old_zone: their own one before, null for the organisation''s) or quiet hours changed: what '
  'was to come at nine in the morning does so by the new clock, and what was held waits as long as it has to now.';

-- What a person sets for themselves.

create function own_settings(p_session bytea)
  returns table (
    name text, email text, timezone text, zone text, org_zone text, zone_now text,
    quiet boolean, quiet_from text, quiet_to text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      u.name,
      u.email,
      u.timezone,
      z.zone,
      own.zone,
      say_time(app_now(), z.zone),
      u.quiet,
      to_char(u.quiet_from, 'HH24:MI'),
      to_char(u.quiet_to, 'HH24:MI')
    from live_sessions s
    join users u on u.id = s.user_id
    cross join lateral (
      select safe_zone((
        select o.timezone
        from memberships m
        join organizations o on o.id = m.org_id
        where m.user_id = u.id
        order by m.created_at, m.org_id
        limit 1
      ))
    ) as own(zone)
    cross join lateral (select case when u.timezone is null then own.zone else safe_zone(u.timezone) end) as z(zone)
    where s.hash = p_session;
end
$$;

comment on function own_settings(bytea) is
  'timezone is what the person chose, null for the organisation''s; zone is what that comes to, org_zone what it would be.';

create function set_own_name(p_session bytea, p_name text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  if p_name is null or not valid_line(p_name, 200) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  end if;
  update users set name = p_name, updated_at = app_now() where id = v_user and name <> p_name;
end
$$;

create function set_own_zone(p_session bytea, p_zone text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_old text;
begin
  if p_zone is not null and not exists (select from timezones where name = p_zone) then
    raise exception using errcode = 'RC422', message = 'zone_unknown', detail = 'zone';
  end if;
  select timezone into v_old from users where id = v_user for update;
  if v_old is distinct from p_zone then
    update users set timezone = p_zone, updated_at = app_now() where id = v_user;
    perform reschedule_messages(v_user, v_old);
  end if;
end
$$;

comment on function set_own_zone(bytea, text) is 'Null: the organisation''s. Nothing takes a zone but this, by a pressed button.';

create function find_zones(p_words text, p_max int) returns table (name text, now_text text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select t.name, to_char(app_now() at time zone t.name, 'FMDay, HH24:MI')
    from timezones t
    cross join lateral (
      select
        lower(translate(t.name, '_/', '  ')) as words,
        lower(translate(regexp_replace(t.name, '^.*/', ''), '_', ' ')) as city,
        trim(lower(regexp_replace(translate(p_words, '_/,', '   '), '\s+', ' ', 'g'))) as sought
    ) as said
    where said.sought <> ''
      and strpos(said.words, said.sought) > 0
      and t.name !~ '^(posix|right|Etc|SystemV|US)/'
      and (t.name ~ '/' or t.name = 'UTC')
    order by
      said.city <> said.sought,
      not starts_with(said.city, said.sought),
      not starts_with(said.words, said.sought),
      t.name
    limit p_max;
  end;

comment on function find_zones(text, int) is
  'Zones by part of a city''s or a continent''s name, as people type them; the likeliest first. Nothing for nothing.';

create function set_own_quiet(p_session bytea, p_quiet boolean, p_from text, p_to text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_field text;
begin
  v_field := case
    when p_from is null or p_from !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' then 'quiet_from'
    when p_to is null or p_to !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' then 'quiet_to'
  end;
  if v_field is not null then
    raise exception using errcode = 'RC422', message = 'bad_time', detail = v_field;
  elsif p_quiet and p_from = p_to then
    raise exception using errcode = 'RC422', message = 'quiet_same', detail = 'quiet_to';
  end if;
  update users
  set quiet = p_quiet, quiet_from = p_from::time, quiet_to = p_to::time, updated_at = app_now()
  where id = v_user;
  perform reschedule_messages(v_user, (select timezone from users where id = v_user));
end
$$;

create function own_mail(p_session bytea, p_slug text)
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

comment on function own_mail(bytea, text) is
  'What a person gets from each of their organisations, or one. categories: those that can come to them and be stopped, '
  'but for the questions, which stop by their frequency; unwanted: those among them that they stopped; both with spaces '
  'between. seen: all of it in one word, for set_own_mail().';

create function set_own_mail(
  p_session bytea, p_slug text, p_frequency text, p_wanted text, p_seen text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_mail record;
  v_category text;
begin
  if p_frequency is null or p_frequency not in ('all', 'daily', 'weekly', 'none') then
    raise exception using errcode = 'RC422', message = 'bad_frequency', detail = 'frequency';
  end if;
  -- Stop links are pressed meanwhile: one at a time.
  perform from event_notification_preferences p
  join organizations o on o.id = p.org_id
  where p.user_id = v_user and o.slug = p_slug
  for update of p;
  perform from category_preferences p
  join organizations o on o.id = p.org_id
  where p.user_id = v_user and o.slug = p_slug
  for update of p;
  select * into v_mail from own_mail(p_session, p_slug);
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_seen is distinct from v_mail.seen then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;

  if v_mail.frequency <> p_frequency then
    insert into event_notification_preferences (user_id, org_id, frequency, created_at, updated_at)
    values (v_user, v_mail.org_id, p_frequency, v_now, v_now)
    on conflict (user_id, org_id) do update set frequency = excluded.frequency, updated_at = v_now;
    if p_frequency = 'none' then
      perform cancel_prompts(v_user, v_mail.org_id, null, 'unsubscribed');
    end if;
  end if;
  foreach v_category in array coalesce(string_to_array(v_mail.categories, ' '), '{}') loop
    insert into category_preferences as p (user_id, org_id, category, channel, wanted, created_at, updated_at)
    values (
      v_user, v_mail.org_id, v_category, 'email',
      v_category = any (string_to_array(coalesce(p_wanted, ''), ' ')), v_now, v_now
    )
    on conflict (user_id, org_id, category, channel) do update
    set wanted = excluded.wanted, updated_at = v_now
    where p.wanted <> excluded.wanted;
    if not is_wanted(v_user, v_mail.org_id, v_category, 'email') then
      perform cancel_category(v_user, v_mail.org_id, v_category, 'not_wanted');
    end if;
  end loop;
end
$$;

comment on function set_own_mail(bytea, text, text, text, text) is
  'p_wanted: the categories to get, with spaces between. p_seen is own_mail()''s from when the form was shown: raises '
  'RC409 when a stop link, or another window, changed something since.';

grant execute on function
  own_settings(bytea),
  set_own_name(bytea, text),
  set_own_zone(bytea, text),
  find_zones(text, int),
  set_own_quiet(bytea, boolean, text, text),
  own_mail(bytea, text),
  set_own_mail(bytea, text, text, text, text)
  to rollcall_member;
grant execute on function
  stop_category_link(bigint, int),
  stop_category(bigint, int)
  to rollcall_answer;

commit;
