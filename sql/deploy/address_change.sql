-- Deploy rollcall:address_change to pg
-- What a person asked for is shown to them, with a state that is the request's
-- own: the same whether somebody has the address or not.

begin;

create or replace function address_change_ask(p_session bytea, p_email text, p_hashes bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_hash bytea := substring(p_hashes from 1 for 32);
  v_often boolean;
  v_request bigint;
begin
  if not coalesce(valid_email(p_email), false) then
    raise exception using errcode = 'RC422', message = 'bad_email', detail = 'email';
  elsif exists (select from users where id = v_user and email = p_email) then
    raise exception using errcode = 'RC422', message = 'address_same', detail = 'email';
  end if;
  -- Counted with those who sign in or join; and nobody mails the world.
  perform from users where id = v_user for no key update;
  perform pg_advisory_xact_lock(hashtextextended(encode(v_hash, 'hex'), 0));
  if (
    select count(*) >= 10 from sign_in_requests
    where user_id = v_user and new_email is not null and created_at > v_now - interval '1 hour'
  ) then
    raise exception using errcode = 'RC429', message = 'address_often';
  end if;
  select count(*) >= 3 into v_often
  from sign_in_requests
  where email_hash = v_hash and created_at > v_now - interval '1 hour';

  -- Kept in any case, because the person sees it: that it is there tells nothing
  -- of the address. One that was too many counts for nobody else.
  insert into sign_in_requests (email_hash, user_id, new_email, erased_address_id, created_at, expires_at)
  values (
    case when v_often then sha256(v_hash) else v_hash end,
    v_user, p_email, find_erased(p_hashes), v_now, v_now + interval '15 minutes'
  )
  returning id into v_request;
  if not v_often and not exists (select from users where lower(email) = lower(p_email) and id <> v_user) then
    perform queue_address_mail(v_request, 'address_change', v_now + interval '15 minutes');
    notify rollcall_queue, '';
  end if;
end
$$;

create function own_address_requests(p_session bytea)
  returns table (id bigint, new_email text, asked_at timestamptz, ends_at timestamptz, done_at timestamptz, zone text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select r.id, r.new_email, r.created_at, r.expires_at, r.consumed_at, z.zone
    from live_sessions s
    join sign_in_requests r on r.user_id = s.user_id
    cross join lateral user_zone(s.user_id) as z(zone)
    where s.hash = p_session
      and r.new_email is not null
    order by r.id desc
    limit 20;
end
$$;

comment on function own_address_requests(bytea) is
  'The addresses that whoever is signed in asked for within the last day, and whether the button was pressed; whether a '
  'link left is not told: that would tell who else has the address.';

grant execute on function own_address_requests(bytea) to rollcall_member;

commit;
