-- Revert rollcall:address_change from pg

begin;

drop function own_address_requests(bytea);
create or replace function address_change_ask(p_session bytea, p_email text, p_hashes bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_hash bytea := substring(p_hashes from 1 for 32);
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
  elsif (
    select count(*) >= 3 from sign_in_requests
    where email_hash = v_hash and created_at > v_now - interval '1 hour'
  ) then
    return;
  end if;

  insert into sign_in_requests (email_hash, user_id, new_email, erased_address_id, created_at, expires_at)
  values (v_hash, v_user, p_email, find_erased(p_hashes), v_now, v_now + interval '15 minutes')
  returning id into v_request;
  if not exists (select from users where lower(email) = lower(p_email) and id <> v_user) then
    perform queue_address_mail(v_request, 'address_change', v_now + interval '15 minutes');
    notify rollcall_queue, '';
  end if;
end
$$;

commit;
