-- Deploy rollcall:staff_people to pg
-- People, roles and settings of an organisation: what its admins change, and
-- the record of who changed what, which can only be added to.

begin;

alter table organizations
  add column member_list boolean not null default true,
  add column version int not null default 1;

comment on column organizations.member_list is 'Whether members see who else is one.';
comment on column organizations.version is
  'Rises with each change of the settings: a form that was made from another is told.';

-- The list of people goes by name, however many they are.

create function person_sort_key(p_user bigint) returns text
  language sql stable
  return (select lower(name) from users where id = p_user);

alter table memberships add column sort_key text;
update memberships set sort_key = person_sort_key(user_id) where sort_key is null;
alter table memberships alter column sort_key set not null;

comment on column memberships.sort_key is 'The person''s name as the list is sorted by; kept by triggers.';

create function sort_membership() returns trigger
  language plpgsql
as $$
begin
  new.sort_key := person_sort_key(new.user_id);
  return new;
end
$$;

create trigger memberships_sort
  before insert on memberships
  for each row execute function sort_membership();

create function sort_person() returns trigger
  language plpgsql
as $$
begin
  update memberships set sort_key = lower(new.name) where user_id = new.id;
  return null;
end
$$;

create trigger users_sort
  after update of name on users
  for each row when (new.name is distinct from old.name)
  execute function sort_person();

create index memberships_by_name on memberships (org_id, sort_key, user_id);
create index memberships_name_words on memberships using gin (org_words(org_id, sort_key));
create index users_email_start on users (lower(email) text_pattern_ops);

-- The record.

create table org_changes (
  id bigint generated always as identity primary key,
  org_id bigint not null,
  user_id bigint,
  actor_id bigint,
  what text not null check (what in ('added', 'role', 'responder', 'removed', 'setting')),
  setting text,
  before text,
  after text,
  request_id text,
  at timestamptz not null default app_now(),
  check ((what = 'setting') = (setting is not null)),
  check ((what = 'setting') = (user_id is null))
);

create index org_changes_person on org_changes (org_id, user_id, id);

comment on table org_changes is
  'Who came into an organisation, left it or was given what, and its settings: by whom, before and after. It is only '
  'ever added to, holds ids and no text about a person, and refers to no table, so that it outlives what it tells of.';
comment on column org_changes.user_id is 'Whose membership; null: a setting.';
comment on column org_changes.actor_id is 'Who did it on a page; null: the command line, or a person who joined.';

create function refuse_org_change() returns trigger
  language plpgsql
as $$
begin
  raise exception using errcode = 'RC403', message = 'record_is_append_only',
    detail = format('%s on %s', tg_op, tg_table_name);
end
$$;

create trigger org_changes_append_only
  before update or delete on org_changes
  for each row execute function refuse_org_change();
create trigger org_changes_no_truncate
  before truncate on org_changes
  for each statement execute function refuse_org_change();
revoke update, delete, truncate on org_changes from rollcall_owner;

create function act_as(p_user bigint, p_request_id text) returns void
  language sql
  begin atomic
    select
      set_config('rollcall.actor', p_user::text, true),
      set_config('rollcall.request', left(coalesce(p_request_id, ''), 64), true);
  end;

comment on function act_as(bigint, text) is
  'Who does what follows in this transaction, for the record: called by the functions behind pages.';

create function record_change(
  p_org bigint, p_user bigint, p_what text, p_setting text, p_before text, p_after text
) returns bigint
  language sql
  begin atomic
    insert into org_changes (org_id, user_id, actor_id, what, setting, before, after, request_id, at)
    values (
      p_org,
      p_user,
      nullif(current_setting('rollcall.actor', true), '')::bigint,
      p_what,
      p_setting,
      p_before,
      p_after,
      nullif(current_setting('rollcall.request', true), ''),
      app_now()
    )
    returning id;
  end;

create function record_members_in() returns trigger
  language plpgsql
as $$
begin
  -- As many as an import brings, at once.
  insert into org_changes (org_id, user_id, actor_id, what, after, request_id, at)
  select
    m.org_id,
    m.user_id,
    nullif(current_setting('rollcall.actor', true), '')::bigint,
    'added',
    m.role,
    nullif(current_setting('rollcall.request', true), ''),
    app_now()
  from came m;
  perform record_change(m.org_id, m.user_id, 'responder', null, 'no', 'yes')
  from came m
  where m.responder;
  return null;
end
$$;

create function record_members_changed() returns trigger
  language plpgsql
as $$
begin
  perform
    case when m.role <> o.role then record_change(m.org_id, m.user_id, 'role', null, o.role, m.role) end,
    case
      when m.responder > o.responder then record_change(m.org_id, m.user_id, 'responder', null, 'no', 'yes')
      when m.responder < o.responder then record_change(m.org_id, m.user_id, 'responder', null, 'yes', 'no')
    end
  from was o
  join becomes m using (org_id, user_id);
  return null;
end
$$;

create function record_members_out() returns trigger
  language plpgsql
as $$
begin
  perform record_change(m.org_id, m.user_id, 'removed', null, m.role, null) from gone m;
  return null;
end
$$;

create trigger memberships_record_in
  after insert on memberships
  referencing new table as came
  for each statement execute function record_members_in();
create trigger memberships_record_changed
  after update on memberships
  referencing old table as was new table as becomes
  for each statement execute function record_members_changed();
create trigger memberships_record_out
  after delete on memberships
  referencing old table as gone
  for each statement execute function record_members_out();

-- As people read it.

create function role_text(p_role text) returns text
  language sql immutable parallel safe
  return case p_role
    when 'member' then 'Member'
    when 'door' then 'Door'
    when 'staff' then 'Staff'
    when 'admin' then 'Admin'
  end;

create function change_text(p_change org_changes) returns text
  language sql stable
as $$
  select case (p_change).what
    when 'added' then
      case when (p_change).actor_id is null then 'Came in as ' else 'Added as ' end
      || lower(role_text((p_change).after))
    when 'role' then
      format('Role changed from %s to %s', lower(role_text((p_change).before)), lower(role_text((p_change).after)))
    when 'responder' then
      case (p_change).after when 'yes' then 'Made a responder' else 'No longer a responder' end
    when 'removed' then 'Removed'
    when 'setting' then 'Setting changed'
  end;
$$;

create function team_people(p_session bytea, p_slug text, p_search text, p_after bigint)
  returns table (
    place bigint, id bigint, name text, role text, responder boolean, suppressed boolean, is_cut boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- By the indexes, whatever a plan that was made for an empty table thinks.
  set enable_seqscan = off
  set jit = off
as $$
#variable_conflict use_column
declare
  v_team record;
  v_start text := lower(btrim(coalesce(p_search, '')));
  v_words tsquery;
  v_key text;
begin
  select t.org_id, t.role = 'admin' as is_admin into v_team from team_org(p_session, p_slug, 'staff') t;
  if v_team.org_id is null then
    return;
  end if;
  select m.sort_key into v_key from memberships m where m.org_id = v_team.org_id and m.user_id = p_after;

  if v_start = '' then
    return query
      select row_number() over (order by m.sort_key, m.user_id), u.id, u.name, m.role, m.responder,
        u.suppressed_at is not null, false
      from memberships m
      join users u on u.id = m.user_id
      where m.org_id = v_team.org_id
        and (m.sort_key, m.user_id) > (coalesce(v_key, ''), coalesce(case when v_key is not null then p_after end, 0))
      order by m.sort_key, m.user_id
      limit 51;
    return;
  end if;

  -- Names have no file's or host's name in them, whatever it looks like.
  v_words := word_search(v_team.org_id || ':', regexp_replace(v_start, '[^[:alnum:]]+', ' ', 'g'));
  return query
    with matching as (
      select m.user_id, m.role, m.responder, m.sort_key
      from memberships m
      where org_words(m.org_id, m.sort_key) @@ v_words
      union
      select m.user_id, m.role, m.responder, m.sort_key
      from users u
      join memberships m on m.user_id = u.id and m.org_id = v_team.org_id
      where v_team.is_admin
        and length(v_start) >= 3
        and lower(u.email) ~>=~ v_start
        and lower(u.email) ~<~ (v_start || chr(1114111))
    ), found as materialized (
      select *
      from matching
      limit 1000
    )
    select row_number() over (order by f.sort_key, f.user_id), u.id, u.name, f.role, f.responder,
      u.suppressed_at is not null, (select count(*) = 1000 from found)
    from found f
    join users u on u.id = f.user_id
    where (f.sort_key, f.user_id) > (coalesce(v_key, ''), coalesce(case when v_key is not null then p_after end, 0))
    order by f.sort_key, f.user_id
    limit 51;
end
$$;

comment on function team_people(bytea, text, text, bigint) is
  'People of the organisation by name, from after that person on; or those with a word of their name, and for an admin '
  'those whose address begins like a search of three letters and more. 51 of them: the last says that there are more. A search that finds '
  'a thousand and more (is_cut) shows some of them.';

create function team_person(p_session bytea, p_slug text, p_person bigint)
  returns table (
    id bigint, name text, role text, responder boolean, since timestamptz, email text, suppressed_at timestamptz,
    suppressed_cause text, is_self boolean, is_last_admin boolean
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select
      u.id,
      u.name,
      m.role,
      m.responder,
      m.created_at,
      case when t.role = 'admin' then u.email end,
      u.suppressed_at,
      u.suppressed_cause,
      u.id = t.user_id,
      m.role = 'admin' and not exists (
        select from memberships other
        where other.org_id = t.org_id and other.role = 'admin' and other.user_id <> u.id
      )
    from team_org(p_session, p_slug, 'staff') t
    join memberships m on m.org_id = t.org_id and m.user_id = p_person
    join users u on u.id = m.user_id;
  end;

comment on function team_person(bytea, text, bigint) is
  'A person of the organisation, for its staff; the address for its admins only.';

-- What admins do to people. Admins of one organisation take turns, so that
-- there is always one.

create function begin_member_change(
  p_session bytea, p_slug text, p_person bigint, p_request_id text, out actor_id bigint, out member memberships
)
  language plpgsql
as $$
declare
  v_org bigint;
begin
  select t.org_id into v_org from require_team(p_session, p_slug, 'admin') t;
  perform from organizations where id = v_org for no key update;
  -- Whoever had the turn before may have taken the role away.
  select t.user_id into actor_id from require_team(p_session, p_slug, 'admin') t;
  select * into member from memberships where org_id = v_org and user_id = p_person for update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  perform act_as(actor_id, p_request_id);
end
$$;

create function keep_an_admin(p_member memberships) returns void
  language plpgsql
as $$
begin
  if p_member.role = 'admin' and not exists (
    select from memberships
    where org_id = p_member.org_id and role = 'admin' and user_id <> p_member.user_id
  ) then
    raise exception using errcode = 'RC409', message = 'last_admin';
  end if;
end
$$;

create function add_person(
  p_session bytea, p_slug text, p_email text, p_name text, p_timezone text, p_role text, p_request_id text,
  out person bigint, out is_new boolean
)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint;
  v_actor bigint;
begin
  select t.org_id, t.user_id into v_org, v_actor from require_team(p_session, p_slug, 'admin') t;
  if not coalesce(valid_email(p_email), false) then
    raise exception using errcode = 'RC422', message = 'bad_email', detail = 'email';
  elsif not coalesce(valid_line(p_name, 200), false) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  elsif p_timezone is not null and not exists (select from timezones where name = p_timezone) then
    raise exception using errcode = 'RC422', message = 'zone_unknown', detail = 'timezone';
  elsif role_rank(p_role) is null then
    raise exception using errcode = 'RC422', message = 'bad_role', detail = 'role';
  end if;
  perform act_as(v_actor, p_request_id);
  person := person_by_email(p_email, p_name, p_timezone);
  insert into memberships (user_id, org_id, role)
  values (person, v_org, p_role)
  on conflict (user_id, org_id) do nothing;
  is_new := found;
end
$$;

comment on function add_person(bytea, text, text, text, text, text, text) is
  'Makes the person if need be, and a member of this organisation with that role. Someone who has an account keeps their '
  'own name and zone; someone who is here already stays as they are (is_new is false).';

create function change_role(
  p_session bytea, p_slug text, p_person bigint, p_was text, p_role text, p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_change record := begin_member_change(p_session, p_slug, p_person, p_request_id);
begin
  if role_rank(p_role) is null then
    raise exception using errcode = 'RC422', message = 'bad_role', detail = 'role';
  elsif (v_change.member).role is distinct from p_was then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  elsif p_role <> 'admin' then
    perform keep_an_admin(v_change.member);
  end if;
  update memberships set role = p_role
  where org_id = (v_change.member).org_id and user_id = p_person and role <> p_role;
end
$$;

comment on function change_role(bytea, text, bigint, text, text, text) is
  'From the role that the admin saw to another; refused when it is another by now, or they are the last admin.';

create function tell_responders(p_change bigint) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, user_id, notify_type, scheduled_for, not_before, expires_at, created_at
  )
  select
    format('responder-%s-%s', c.id, m.user_id),
    c.org_id,
    k.kind,
    g.urgency,
    m.user_id,
    'given',
    v_now,
    v_now,
    v_now + interval '3 days',
    v_now
  from org_changes c
  join memberships m on m.org_id = c.org_id and m.responder
  cross join notification_kinds k
  join notification_categories g using (category)
  where c.id = p_change
    and k.kind = 'responder_news'
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

create function set_responder(
  p_session bytea, p_slug text, p_person bigint, p_responder boolean, p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_change record := begin_member_change(p_session, p_slug, p_person, p_request_id);
begin
  update memberships set responder = p_responder
  where org_id = (v_change.member).org_id and user_id = p_person and responder <> p_responder;
  if found and p_responder then
    perform tell_responders(max(id))
    from org_changes
    where org_id = (v_change.member).org_id and user_id = p_person and what = 'responder';
  end if;
end
$$;

comment on function set_responder(bytea, text, bigint, boolean, text) is
  'Gives or takes the flag. All responders are told by mail when it is given, the new one too. Again changes nothing.';

create function remove_person(p_session bytea, p_slug text, p_person bigint, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_change record := begin_member_change(p_session, p_slug, p_person, p_request_id);
  v_org bigint := (v_change.member).org_id;
begin
  perform keep_an_admin(v_change.member);
  update event_participants p
  set status = 'cancelled', request_id = left(p_request_id, 64), updated_at = v_now
  from events e
  where e.id = p.event_id
    and e.effective_end > v_now
    and p.org_id = v_org
    and p.user_id = p_person
    and p.status <> 'cancelled';
  delete from event_views v
  using events e
  where e.id = v.event_id
    and e.effective_end > v_now
    and v.org_id = v_org
    and v.user_id = p_person;
  perform cancel_prompts(p_person, v_org, null, 'removed');
  update notifications
  set follow_up_from = null
  where user_id = p_person
    and org_id = v_org
    and follow_up_from is not null;
  delete from memberships where org_id = v_org and user_id = p_person;
end
$$;

comment on function remove_person(bytea, text, bigint, text) is
  'Out of the organisation: what they looked at or registered for that is still to come is taken back, and so are '
  'questions that have not left. What was, stays. Refused for the last admin.';

create function mail_person_again(p_session bytea, p_slug text, p_person bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (require_team(p_session, p_slug, 'staff')).org_id;
begin
  if not exists (select from memberships where org_id = v_org and user_id = p_person) then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return lift_suppression(p_person);
end
$$;

comment on function mail_person_again(bytea, text, bigint) is
  'lift_suppression() by staff of an organisation that the person is in. False: nothing was in the way.';

-- The mail that tells of a new responder.

insert into notification_kinds (kind, category, template) values ('responder_news', 'shift', 'mail_responder');

create function responder_news_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when not exists (
        select from memberships m where m.user_id = u.id and m.org_id = (p_row).org_id and m.responder
      ) then 'not_responder'
    end
    from users u
    where u.id = (p_row).user_id
  );
end
$$;

create function responder_news_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'is_self', coalesce(c.user_id = u.id, false),
      'responder_name', shorten(responder.name, 100),
      'actor_name', shorten(actor.name, 100),
      'at_text', say_time(c.at, z.zone),
      'zone', z.zone
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    left join org_changes c on c.id = split_part((p_row).notification_id, '-', 2)::bigint
    left join users responder on responder.id = c.user_id
    left join users actor on actor.id = c.actor_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

comment on function responder_news_display(scheduled_notifications) is
  'Who was given the flag, and by whom: its change stands in the notification''s name (responder-CHANGE-USER).';

-- Settings.

create function save_setting(p_org bigint, p_setting text, p_before text, p_after text) returns void
  language sql
  begin atomic
    select record_change(p_org, null, 'setting', p_setting, p_before, p_after)
    where p_before is distinct from p_after;
  end;

create function prompts_from(p_org organizations, p_prompts boolean, p_since text, p_timezone text)
  returns timestamptz
  language plpgsql stable
as $$
declare
  v_from timestamptz;
begin
  if not p_prompts then
    return null;
  elsif coalesce(p_since, '') = '' then
    return coalesce(p_org.prompts_since, app_now());
  -- The date that the page showed says nothing new.
  elsif p_since = to_char(p_org.prompts_since at time zone safe_zone(p_org.timezone), 'YYYY-MM-DD') then
    return p_org.prompts_since;
  elsif p_since !~ '^\d{4}-\d\d-\d\d$' then
    raise exception using errcode = 'RC422', message = 'bad_date', detail = 'since';
  end if;
  begin
    v_from := p_since::timestamp at time zone p_timezone;
  exception when datetime_field_overflow or invalid_datetime_format then
    raise exception using errcode = 'RC422', message = 'bad_date', detail = 'since';
  end;
  if v_from > app_now() then
    raise exception using errcode = 'RC422', message = 'date_to_come', detail = 'since';
  end if;
  return v_from;
end
$$;

comment on function prompts_from(organizations, boolean, text, text) is
  'What prompts_since becomes: null when people are not asked; the day that was typed, from its beginning; else what it '
  'is, or now when prompts were off.';

create function save_settings(
  p_session bytea, p_slug text, p_version bigint, p_name text, p_timezone text, p_postal_address text, p_join text,
  p_prompt_audience text, p_second_prompt text, p_prompts boolean, p_since text, p_member_list boolean,
  p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint;
  v_actor bigint;
  v_was organizations;
  v_is organizations;
  v_address text := btrim(replace(coalesce(p_postal_address, ''), E'\t', ' '), E' \n');
begin
  select t.org_id, t.user_id into v_org, v_actor from require_team(p_session, p_slug, 'admin') t;
  select * into v_was from organizations where id = v_org for no key update;
  if v_was.version <> p_version then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  elsif not coalesce(valid_line(p_name, 200), false) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  elsif not exists (select from timezones where name = p_timezone) then
    raise exception using errcode = 'RC422', message = 'zone_unknown', detail = 'timezone';
  elsif length(v_address) > 500 or v_address ~ E'[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]' then
    raise exception using errcode = 'RC422', message = 'bad_text', detail = 'postal_address';
  end if;

  perform act_as(v_actor, p_request_id);
  update organizations
  set
    name = p_name,
    timezone = p_timezone,
    postal_address = v_address,
    "join" = p_join,
    prompt_audience = p_prompt_audience,
    second_prompt = p_second_prompt,
    prompts_since = prompts_from(v_was, p_prompts, p_since, p_timezone),
    member_list = p_member_list,
    version = version + 1
  where id = v_org
  returning * into v_is;

  perform
    save_setting(v_org, 'name', v_was.name, v_is.name),
    save_setting(v_org, 'timezone', v_was.timezone, v_is.timezone),
    save_setting(v_org, 'join', v_was."join", v_is."join"),
    save_setting(v_org, 'prompt_audience', v_was.prompt_audience, v_is.prompt_audience),
    save_setting(v_org, 'second_prompt', v_was.second_prompt, v_is.second_prompt),
    save_setting(v_org, 'prompts_since', iso_time(v_was.prompts_since, 'UTC'), iso_time(v_is.prompts_since, 'UTC')),
    save_setting(v_org, 'member_list', v_was.member_list::text, v_is.member_list::text);
  if v_was.postal_address <> v_is.postal_address then
    perform record_change(v_org, null, 'setting', 'postal_address', null, null);
  end if;
end
$$;

comment on function save_settings(
  bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text
) is
  'All settings of the page at once, from the version that it showed; refused when somebody saved another meanwhile.';

create function team_next_events(p_session bytea, p_slug text)
  returns table (
    id bigint, title text, starts_at text, starts_text text, location text, is_virtual boolean, status text,
    registered bigint, capacity int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select
      e.id,
      e.title,
      iso_time(e.starts_at, z.zone),
      say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      shorten(e.location, 200),
      e.is_virtual,
      e.status,
      (select count(*) from event_participants p where p.event_id = e.id and p.status = 'registered'),
      e.capacity
    from team_org(p_session, p_slug, 'door') t
    join organizations o on o.id = t.org_id
    join users u on u.id = t.user_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral (
      select *
      from events coming
      where coming.org_id = t.org_id
        and coming.effective_end > app_now()
        and coming.deleted_at is null
        and coming.status in ('published', 'ongoing')
      order by coming.effective_end, coming.id
      limit 5
    ) e
    order by e.starts_at, e.id;
  end;

comment on function team_next_events(bytea, text) is 'What is on and what comes next, five of them, for whoever works here.';

grant select on org_changes to rollcall_staff;
grant execute on function
  role_text(text),
  change_text(org_changes),
  team_people(bytea, text, text, bigint),
  team_person(bytea, text, bigint),
  team_next_events(bytea, text),
  add_person(bytea, text, text, text, text, text, text),
  change_role(bytea, text, bigint, text, text, text),
  set_responder(bytea, text, bigint, boolean, text),
  remove_person(bytea, text, bigint, text),
  mail_person_again(bytea, text, bigint),
  save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text)
  to rollcall_staff;

commit;
