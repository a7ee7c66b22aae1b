-- Revert rollcall:joining from pg

begin;

drop function sign_in_use(bigint, int, timestamptz, bytea, text);
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

drop function sign_in_link(bigint, int, timestamptz);
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

grant execute on function
  sign_in_link(bigint, int, timestamptz),
  sign_in_use(bigint, int, timestamptz, bytea, text)
  to rollcall_member;
drop function join_org(bytea, text);
drop function add_member(bigint, bigint);
drop function join_ask(text, text, bytea, text);
create or replace function sign_in_ask(p_email text, p_email_hash bytea) returns void
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

drop function request_sign_in(text, bytea, bigint, text);

-- People who asked to join and are nobody.
delete from scheduled_notifications where kind = 'join';
delete from notification_log where kind = 'join';
alter table notification_log
  drop constraint notification_log_person_known,
  alter user_id set not null;
comment on column scheduled_notifications.user_id is null;
alter table scheduled_notifications
  drop constraint scheduled_notifications_person_known,
  alter user_id set not null;
drop index sign_in_requests_org;
alter table sign_in_requests
  drop column org_id,
  drop column email,
  drop column name;
delete from notification_kinds where kind = 'join';

commit;
