-- Deploy rollcall:devices to pg
-- A person's devices: phones and the like that the push service reaches by a
-- token, which whoever holds it could write to. It is told to nobody else.

begin;

create table device_tokens (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  token text not null check (length(token) between 16 and 4096 and token ~ '^[!-~]+$'),
  token_hash bytea not null unique check (length(token_hash) = 32),
  name text not null check (valid_line(name, 200)),
  created_at timestamptz not null default app_now(),
  last_used_at timestamptz
);

create index device_tokens_user on device_tokens (user_id, id);

comment on table device_tokens is
  'Where a person''s messages can be pushed to. A token is a secret: no page, no log and no download has it.';
comment on column device_tokens.last_used_at is 'When the push service last took a message for it.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('device_tokens', '{user_id,token,token_hash,name}', 'devices; the token opens a way to the device and is left out',
    'deleted with the account');

create function add_device(p_session bytea, p_token text, p_name text) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_hash bytea := sha256(convert_to(p_token, 'UTF8'));
  v_id bigint;
begin
  if p_token is null or length(p_token) not between 16 and 4096 or p_token !~ '^[!-~]+$' then
    raise exception using errcode = 'RC422', message = 'bad_device', detail = 'token';
  elsif p_name is null or not valid_line(p_name, 200) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  end if;
  -- Two at once of one person are counted one after the other.
  perform from users where id = v_user for no key update;
  if (
    select count(*) >= 10
    from device_tokens d
    where d.user_id = v_user and d.token_hash <> v_hash
  ) then
    raise exception using errcode = 'RC422', message = 'many_devices', detail = 'token';
  end if;
  insert into device_tokens as d (user_id, token, token_hash, name, created_at)
  values (v_user, p_token, v_hash, p_name, v_now)
  on conflict (token_hash) do update
  set
    user_id = excluded.user_id,
    name = excluded.name,
    created_at = case when d.user_id = excluded.user_id then d.created_at else excluded.created_at end,
    last_used_at = case when d.user_id = excluded.user_id then d.last_used_at end
  returning d.id into v_id;
  return v_id;
end
$$;

comment on function add_device(bytea, text, text) is
  'Ten a person at most. A token that somebody else had is theirs no more: the device has changed hands.';

create function own_devices(p_session bytea)
  returns table (id bigint, name text, added_at text, added_text text, used_at text, used_text text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select
      d.id,
      d.name,
      iso_time(d.created_at, z.zone),
      say_time(d.created_at, z.zone),
      iso_time(d.last_used_at, z.zone),
      say_time(d.last_used_at, z.zone)
    from live_sessions s
    join device_tokens d on d.user_id = s.user_id
    cross join lateral user_zone(s.user_id) as z(zone)
    where s.hash = p_session
    order by d.id;
  end;

create function remove_device(p_session bytea, p_device bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  delete from device_tokens where id = p_device and user_id = v_user;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

create or replace function own_account(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'account', (
        select jsonb_build_object(
          'number', u.id, 'name', u.name, 'email', u.email, 'timezone', u.timezone, 'locale', u.locale,
          'quiet_hours', jsonb_build_object('on', u.quiet, 'from', u.quiet_from, 'to', u.quiet_to),
          'address_refused_at', both_times(u.suppressed_at, p_zone), 'address_refused_with', u.suppressed_cause,
          'created_at', both_times(u.created_at, p_zone), 'updated_at', both_times(u.updated_at, p_zone)
        )
        from users u
        where u.id = p_user
      ),
      'memberships', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'short_name', o.slug, 'role', m.role, 'responder', m.responder,
          'found_by_fellow_members', m.listed, 'since', both_times(m.created_at, p_zone)
        ) order by m.created_at, o.id), '[]')
        from memberships m
        join organizations o on o.id = m.org_id
        where m.user_id = p_user
      ),
      'changes', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'of', case when c.user_id = p_user then 'you' when c.user_id is null then 'a setting' else 'somebody else' end,
          'what', c.what, 'setting', c.setting,
          'before', c.before, 'after', c.after, 'by', who_text(c.actor_id, p_user), 'at', both_times(c.at, p_zone),
          'request', case when c.actor_id = p_user then c.request_id end
        ) order by c.id), '[]')
        from org_changes c
        left join organizations o on o.id = c.org_id
        where c.user_id = p_user or c.actor_id = p_user
      ),
      'sessions', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'device', s.device, 'signed_in_at', both_times(s.created_at, p_zone),
          'last_used_at', both_times(s.last_seen_at, p_zone), 'expires_at', both_times(s.expires_at, p_zone),
          'ended_at', both_times(s.ended_at, p_zone)
        ) order by s.id), '[]')
        from sessions s
        where s.user_id = p_user
      ),
      'sign_in_requests', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'name', r.name, 'email', r.email, 'asked_at', both_times(r.created_at, p_zone),
          'expires_at', both_times(r.expires_at, p_zone), 'used_at', both_times(r.consumed_at, p_zone)
        ) order by r.id), '[]')
        from sign_in_requests r
        left join organizations o on o.id = r.org_id
        where r.user_id = p_user
          or lower(r.email) = (select lower(u.email) from users u where u.id = p_user)
      ),
      'devices', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', d.name, 'added_at', both_times(d.created_at, p_zone), 'last_used_at', both_times(d.last_used_at, p_zone)
        ) order by d.id), '[]')
        from device_tokens d
        where d.user_id = p_user
      ),
      'downloads', (
        select coalesce(jsonb_agg(both_times(d.at, p_zone) order by d.at), '[]') from data_downloads d where d.user_id = p_user
      )
    );
  end;

grant execute on function
  add_device(bytea, text, text),
  own_devices(bytea),
  remove_device(bytea, bigint)
  to rollcall_member;

commit;
