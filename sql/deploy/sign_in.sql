-- Deploy rollcall:sign_in to pg
-- Signing in by a mailed link, and the end of a session.

begin;

create function sign_in_ask(p_email text, p_email_hash bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint;
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
  insert into sign_in_requests (email_hash, user_id, created_at, expires_at)
  values (p_email_hash, v_user, v_now, v_now + interval '15 minutes')
  returning id into v_request;

  if v_user is not null then
    insert into scheduled_notifications (
      notification_id, org_id, kind, urgency, sign_in_request_id, user_id, scheduled_for, not_before, expires_at
    )
    select
      'sign_in-' || v_request,
      null,
      k.kind,
      c.urgency,
      v_request,
      v_user,
      v_now,
      v_now,
      v_now + interval '15 minutes'
    from notification_kinds k
    join notification_categories c using (category)
    where k.kind = 'sign_in';
    notify rollcall_queue, '';
  end if;
end
$$;

comment on function sign_in_ask(text, bytea) is
  'Counts the asking, and mails a link when somebody has the address. Tells the caller nothing either way.';

create function sign_in_link(p_request bigint, p_generation int, p_expires timestamptz)
  returns table (state text, user_name text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      case
        when r.consumed_at is not null then 'used'
        when least(r.expires_at, p_expires) <= app_now() then 'expired'
        else 'open'
      end,
      u.name
    from sign_in_requests r
    join users u on u.id = r.user_id
    where r.id = p_request
      and r.generation = p_generation;
  -- Its row is pruned when the link has long expired.
  if not exists (select from sign_in_requests where id = p_request) and p_expires <= app_now() then
    return query select 'expired', null::text;
  end if;
end
$$;

comment on function sign_in_link(bigint, int, timestamptz) is
  'What the link''s page shows: no row when there is no such link. Looking does not use it up.';

create function session_life() returns interval
  language sql immutable parallel safe
  return interval '30 days';

comment on function session_life() is 'How long a session lasts; the cookie is told the same.';

create function sign_in_use(
  p_request bigint, p_generation int, p_expires timestamptz, p_session bytea, p_device text
) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_request sign_in_requests;
begin
  select * into v_request
  from sign_in_requests
  where id = p_request and generation = p_generation and user_id is not null
  for update;
  if not found and p_expires <= v_now and not exists (select from sign_in_requests where id = p_request) then
    raise exception using errcode = 'RC410', message = 'link_expired';
  elsif v_request.id is null then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_request.consumed_at is not null then
    raise exception using errcode = 'RC410', message = 'link_used';
  elsif least(v_request.expires_at, p_expires) <= v_now then
    raise exception using errcode = 'RC410', message = 'link_expired';
  end if;

  update sign_in_requests set consumed_at = v_now where id = p_request;
  insert into sessions (user_id, hash, device, created_at, last_seen_at, expires_at)
  values (
    v_request.user_id, p_session, left(coalesce(p_device, ''), 200), v_now, v_now, v_now + session_life()
  );
  return v_request.user_id;
end
$$;

comment on function sign_in_use(bigint, int, timestamptz, bytea, text) is
  'Uses the link up and opens a session of session_life(); p_session is the hash of its random id.';

create function session_user_id(p_session bytea) returns bigint
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_session bigint;
  v_user bigint;
  v_seen timestamptz;
begin
  select id, user_id, last_seen_at into v_session, v_user, v_seen from live_sessions where hash = p_session;
  if v_seen < v_now - interval '10 minutes' then
    update sessions set last_seen_at = v_now where id = v_session;
  end if;
  return v_user;
end
$$;

comment on function session_user_id(bytea) is
  'Whose session it is, null when it is none; what writes asks it. Notes the time, every ten minutes at most.';

create function require_session(p_session bytea) returns bigint
  language plpgsql
as $$
declare
  v_user bigint := session_user_id(p_session);
begin
  if v_user is null then
    raise exception using errcode = 'RC401', message = 'no_session';
  end if;
  return v_user;
end
$$;

create function sign_out(p_session bytea) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    update sessions set ended_at = app_now() where hash = p_session and ended_at is null;
  end;

create function session_end(p_session bytea, p_session_id bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  update sessions set ended_at = app_now()
  where id = p_session_id
    and user_id = v_user
    and ended_at is null;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

comment on function session_end(bytea, bigint) is 'Ends one of the person''s own sessions, this one or another.';

create function own_email(p_session bytea) returns text
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select u.email
    from live_sessions s
    join users u on u.id = s.user_id
    where s.hash = p_session
  );
end
$$;

comment on function own_email(bytea) is
  'The address of who is signed in: the only one that the member role can read.';

grant execute on function
  sign_in_ask(text, bytea),
  sign_in_link(bigint, int, timestamptz),
  sign_in_use(bigint, int, timestamptz, bytea, text),
  session_life(),
  sign_out(bytea),
  session_end(bytea, bigint),
  own_email(bytea)
  to rollcall_member;

commit;
