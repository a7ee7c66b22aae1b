-- Deploy rollcall:joining to pg
-- Joining an open organisation from its public page. Whoever asks may be
-- nobody yet: the mailed link's button makes account and membership, and
-- until then there is a request, for a day at most.

begin;

insert into notification_kinds (kind, category, template) values ('join', 'account', 'mail_join');

alter table sign_in_requests
  add column org_id bigint references organizations on delete cascade,
  add column email text check (valid_email(email)),
  add column name text check (valid_line(name, 200)),
  add check ((email is null) = (name is null)),
  add check (email is null or (org_id is not null and user_id is null));

create index sign_in_requests_org on sign_in_requests (org_id) where org_id is not null;

comment on column sign_in_requests.org_id is 'The organisation to join; null for signing in alone.';
comment on column sign_in_requests.email is
  'With name: whom the button makes, when nobody has the address. Both go with the row, after a day.';

alter table scheduled_notifications
  alter user_id drop not null,
  add constraint scheduled_notifications_person_known check (user_id is not null or kind = 'join');
alter table notification_log
  alter user_id drop not null,
  add constraint notification_log_person_known check (user_id is not null or kind = 'join');

comment on column scheduled_notifications.user_id is
  'Null when the person does not exist yet: the address stands in the request to join.';

create function request_sign_in(p_email text, p_email_hash bytea, p_org bigint, p_name text) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint;
  v_org bigint := p_org;
  v_request bigint;
begin
  -- One at a time for an address, so that three an hour are three.
  perform pg_advisory_xact_lock(hashtextextended(encode(p_email_hash, 'hex'), 0));
  if (
    select count(*) >= 3 from sign_in_requests
    where email_hash = p_email_hash and created_at > v_now - interval '1 hour'
  ) then
    return;
  end if;

  -- lower() makes a plain k of the Kelvin sign too: spelled so, an address
  -- would be found under a hash that has not been counted.
  select id into v_user from users where lower(email) = lower(p_email) and valid_email(p_email);
  -- Who is a member already only signs in.
  if exists (select from memberships where user_id = v_user and org_id = p_org) then
    v_org := null;
  end if;
  insert into sign_in_requests (email_hash, user_id, org_id, email, name, created_at, expires_at)
  values (
    p_email_hash,
    v_user,
    v_org,
    case when v_user is null and v_org is not null and valid_email(p_email) then p_email end,
    case when v_user is null and v_org is not null and valid_email(p_email) then p_name end,
    v_now,
    v_now + interval '15 minutes'
  )
  returning id into v_request;

  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, sign_in_request_id, user_id, scheduled_for, not_before, expires_at
  )
  select
    k.kind || '-' || v_request,
    v_org,
    k.kind,
    c.urgency,
    v_request,
    v_user,
    v_now,
    v_now,
    v_now + interval '15 minutes'
  from sign_in_requests r
  join notification_kinds k on k.kind = case when r.org_id is null then 'sign_in' else 'join' end
  join notification_categories c using (category)
  where r.id = v_request
    and (r.user_id is not null or r.email is not null);
  if found then
    notify rollcall_queue, '';
  end if;
end
$$;

comment on function request_sign_in(text, bytea, bigint, text) is
  'Counts the asking for an address, and mails a link: to sign in when somebody has it, or to join p_org, where p_name is '
  'who a new person is. Tells the caller nothing.';

create or replace function sign_in_ask(p_email text, p_email_hash bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform request_sign_in(p_email, p_email_hash, null, null);
end
$$;

create function join_ask(p_slug text, p_email text, p_email_hash bytea, p_name text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint;
begin
  select id into v_org from organizations where slug = p_slug and "join" = 'open';
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_name is null or not valid_line(p_name, 200) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  end if;
  perform request_sign_in(p_email, p_email_hash, v_org, p_name);
end
$$;

comment on function join_ask(text, text, bytea, text) is
  'Asks to join an open organisation. Makes nobody a member: the mailed link''s button does.';

create function add_member(p_user bigint, p_org bigint) returns boolean
  language plpgsql
as $$
begin
  insert into memberships (user_id, org_id, created_at)
  values (p_user, p_org, app_now())
  on conflict (user_id, org_id) do nothing;
  return found;
end
$$;

comment on function add_member(bigint, bigint) is
  'A member from now on; false for who was one in whatever role, which stays. The caller has decided that they may.';

create function join_org(p_session bytea, p_slug text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_org organizations;
begin
  select o.* into v_org
  from organizations o
  where o.slug = p_slug
    and (o."join" = 'open' or exists (select from memberships m where m.org_id = o.id and m.user_id = v_user))
  for share;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return add_member(v_user, v_org.id);
end
$$;

comment on function join_org(bytea, text) is 'Who is signed in joins at once; false when they were in.';

drop function sign_in_link(bigint, int, timestamptz);

create function sign_in_link(p_request bigint, p_generation int, p_expires timestamptz)
  returns table (state text, user_name text, org_name text, is_new boolean)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      case
        when r.consumed_at is not null then 'used'
        when least(r.expires_at, p_expires) <= app_now() then 'expired'
        when u.id is null and o.id is null then 'closed'
        else 'open'
      end,
      coalesce(u.name, r.name),
      o.name,
      u.id is null
    from sign_in_requests r
    left join users u on u.id = r.user_id or lower(u.email) = lower(r.email)
    left join organizations o on o.id = r.org_id and o."join" = 'open'
    where r.id = p_request
      and r.generation = p_generation
      and (r.user_id is not null or r.email is not null);
  -- Its row is pruned when the link has long expired.
  if not exists (select from sign_in_requests where id = p_request) and p_expires <= app_now() then
    return query select 'expired', null::text, null::text, false;
  end if;
end
$$;

comment on function sign_in_link(bigint, int, timestamptz) is
  'What the link''s page shows: no row when there is no such link. org_name: whom the button joins; is_new: it makes the '
  'account. closed: there is no account to sign in to, and the organisation takes nobody any more. Looking uses nothing up.';

drop function sign_in_use(bigint, int, timestamptz, bytea, text);

create function sign_in_use(
  p_request bigint, p_generation int, p_expires timestamptz, p_session bytea, p_device text
)
  returns table (user_id bigint, joining text, org_slug text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_request sign_in_requests;
  v_user bigint;
  v_org organizations;
begin
  select * into v_request
  from sign_in_requests r
  where r.id = p_request and r.generation = p_generation and (r.user_id is not null or r.email is not null)
  for update;
  if not found and p_expires <= v_now and not exists (select from sign_in_requests r where r.id = p_request) then
    raise exception using errcode = 'RC410', message = 'link_expired';
  elsif v_request.id is null then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_request.consumed_at is not null then
    raise exception using errcode = 'RC410', message = 'link_used';
  elsif least(v_request.expires_at, p_expires) <= v_now then
    raise exception using errcode = 'RC410', message = 'link_expired';
  end if;

  select * into v_org from organizations o where o.id = v_request.org_id and o."join" = 'open' for share;
  v_user := v_request.user_id;
  if v_user is null and v_org.id is not null then
    insert into users (email, name, created_at, updated_at)
    values (v_request.email, v_request.name, v_now, v_now)
    on conflict do nothing;
  end if;
  if v_user is null then
    select u.id into v_user from users u where lower(u.email) = lower(v_request.email);
  end if;
  if v_user is null then
    raise exception using errcode = 'RC410', message = 'join_closed';
  end if;
  if v_org.id is not null then
    joining := case when add_member(v_user, v_org.id) then 'joined' else 'member' end;
    org_slug := v_org.slug;
  elsif v_request.org_id is not null then
    joining := 'closed';
  end if;

  -- Whom it made stands in users now.
  update sign_in_requests r
  set consumed_at = v_now, user_id = v_user, email = null, name = null
  where r.id = p_request;
  insert into sessions (user_id, hash, device, created_at, last_seen_at, expires_at)
  values (v_user, p_session, left(coalesce(p_device, ''), 200), v_now, v_now, v_now + session_life());
  user_id := v_user;
  return next;
end
$$;

comment on function sign_in_use(bigint, int, timestamptz, bytea, text) is
  'Uses the link up and opens a session of session_life(); p_session is the hash of its random id. joining is null for '
  'signing in alone, joined, member (was one before), or closed: the organisation takes nobody any more.';

grant execute on function
  join_ask(text, text, bytea, text),
  join_org(bytea, text),
  sign_in_link(bigint, int, timestamptz),
  sign_in_use(bigint, int, timestamptz, bytea, text)
  to rollcall_member;

commit;
