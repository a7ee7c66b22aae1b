-- Deploy rollcall:address_change to pg
-- Another address, by a link mailed to it. Whether somebody has it is told to
-- nobody who cannot read its mail.

begin;

insert into notification_kinds (kind, category, template) values
  ('address_change', 'account', 'mail_address'),
  ('address_changed', 'account', 'mail_address_changed');

alter table sign_in_requests
  add column new_email text check (valid_email(new_email)),
  add column old_email text check (valid_email(old_email)),
  add constraint sign_in_requests_new_email
    check (new_email is null or (user_id is not null and org_id is null and email is null)),
  add constraint sign_in_requests_old_email check (old_email is null or new_email is not null);

comment on column sign_in_requests.new_email is 'What the person''s address becomes by the button; null for signing in and joining.';
comment on column sign_in_requests.old_email is 'What it was before the button was pressed; told there.';

update personal_data set columns = columns || '{new_email,old_email}' where relation = 'sign_in_requests';

-- Neither address is the account's own when the mail leaves: what a server
-- says to it is not held against the person.
alter table scheduled_notifications
  drop constraint scheduled_notifications_person_known,
  add constraint scheduled_notifications_person_known
    check (user_id is not null or kind in ('join', 'address_change', 'address_changed'));
alter table notification_log
  drop constraint notification_log_person_known,
  add constraint notification_log_person_known
    check (user_id is not null or kind in ('join', 'address_change', 'address_changed'));

comment on column scheduled_notifications.user_id is
  'Null when it goes to no account''s address: the request to join, or to change an address, says where.';

create function queue_address_mail(p_request bigint, p_kind text, p_expires timestamptz) returns void
  language sql
  begin atomic
    insert into scheduled_notifications (
      notification_id, kind, urgency, sign_in_request_id, scheduled_for, not_before, expires_at
    )
    select k.kind || '-' || p_request, k.kind, c.urgency, p_request, app_now(), app_now(), p_expires
    from notification_kinds k
    join notification_categories c using (category)
    where k.kind = p_kind;
  end;

create function address_change_ask(p_session bytea, p_email text, p_hashes bytea) returns void
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

comment on function address_change_ask(bytea, text, bytea) is
  'Mails a link to the new address, unless somebody has it; tells the caller the same either way. p_hashes as '
  'find_erased() has them.';

create function address_change_link(p_request bigint, p_generation int, p_expires timestamptz)
  returns table (state text, user_name text, new_email text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      case
        when r.consumed_at is not null then 'used'
        when least(r.expires_at, p_expires) <= app_now() then 'expired'
        when exists (select from users o where lower(o.email) = lower(r.new_email) and o.id <> u.id) then 'taken'
        else 'open'
      end,
      u.name,
      r.new_email
    from sign_in_requests r
    join users u on u.id = r.user_id
    where r.id = p_request
      and r.generation = p_generation
      and r.new_email is not null;
  -- Its row is pruned when the link has long expired.
  if not exists (select from sign_in_requests where id = p_request) and p_expires <= app_now() then
    return query select 'expired', null::text, null::text;
  end if;
end
$$;

comment on function address_change_link(bigint, int, timestamptz) is
  'What the link''s page shows: no row when there is no such link. taken: somebody got the address since; whoever sees '
  'that reads its mail. Looking uses nothing up.';

create function address_change_use(p_request bigint, p_generation int, p_expires timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_request sign_in_requests;
  v_user users;
begin
  select * into v_request
  from sign_in_requests
  where id = p_request and generation = p_generation and new_email is not null
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

  select * into v_user from users where id = v_request.user_id for update;
  begin
    update users
    set email = v_request.new_email, suppressed_at = null, suppressed_cause = null, updated_at = v_now
    where id = v_user.id;
  exception when unique_violation then
    raise exception using errcode = 'RC410', message = 'link_taken';
  end;
  -- What the old address did is no matter of the new one; what the new one
  -- stopped, as that of an account that was erased, is.
  delete from address_refusals where user_id = v_user.id;
  perform restore_stops(v_user.id, v_request.erased_address_id, false) where v_request.erased_address_id is not null;

  -- Links that wait for a press elsewhere open nothing any more.
  perform finish_unleased(array_agg(q.id), 'cancelled', array_agg(text 'address_changed'))
  from sign_in_requests r
  join scheduled_notifications q on q.sign_in_request_id = r.id
  where r.user_id = v_user.id
    and r.consumed_at is null;
  update sign_in_requests
  set expires_at = least(expires_at, v_now)
  where user_id = v_user.id and consumed_at is null and id <> p_request;
  update sign_in_requests set consumed_at = v_now, old_email = v_user.email where id = p_request;
  if v_user.suppressed_at is null then
    perform queue_address_mail(p_request, 'address_changed', v_now + interval '3 days');
    notify rollcall_queue, '';
  end if;
end
$$;

comment on function address_change_use(bigint, int, timestamptz) is
  'The pressed button: mail goes to the new address, what waits too, and the old one is told. Sessions and the links of '
  'other mails stay; links to sign in that were mailed to the old address do not.';

create or replace function forget_address(p_email text) returns void
  language sql
  begin atomic
    delete from sign_in_requests
    where lower(email) = lower(p_email)
      or lower(new_email) = lower(p_email)
      or lower(old_email) = lower(p_email);
  end;

create or replace function own_data(p_user bigint) returns jsonb
  language sql stable
  begin atomic
    select
      jsonb_build_object(
        'about', jsonb_build_object(
          'what', 'Everything that Rollcall keeps about one person', 'version', 1, 'timezone', z.zone,
          'made_at', both_times(app_now(), z.zone)
        ),
        'address_changes', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'from', r.old_email, 'to', r.new_email, 'asked_at', both_times(r.created_at, z.zone),
            'done_at', both_times(r.consumed_at, z.zone)
          ) order by r.id), '[]')
          from sign_in_requests r
          where r.user_id = p_user and r.new_email is not null
        )
      )
      || own_account(p_user, z.zone)
      || own_events(p_user, z.zone)
      || own_messages(p_user, z.zone)
    from user_zone(p_user) as z(zone);
  end;

-- Its mails, to an address that is not the account's.

create function address_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'minutes', round(extract(epoch from (p_row).expires_at - (p_row).scheduled_for) / 60)::int,
      'at_text', say_time(r.consumed_at, z.zone),
      'zone', z.zone
    )
    from (select (p_row).sign_in_request_id) as q(request)
    left join sign_in_requests r on r.id = q.request
    cross join lateral user_zone(r.user_id) as z(zone)
  );
end
$$;

alter function prepare_notification(bigint, bigint) rename to prepare_account_notification;
revoke execute on function prepare_account_notification(bigint, bigint) from rollcall_sweep;

create function prepare_notification(p_id bigint, p_lease bigint)
  returns table (
    outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text,
    email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int,
    expires_at timestamptz, preference_id bigint, preference_generation int
  )
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_row scheduled_notifications;
begin
  for outcome, cause, template, message, first_attempt_at, sent_date, email, name, org_id, org_name, data, row_id,
    generation, expires_at, preference_id, preference_generation
  in select * from prepare_account_notification(p_id, p_lease)
  loop
    if outcome = 'send' and template in ('mail_address', 'mail_address_changed') then
      select * into v_row from scheduled_notifications q where q.id = p_id;
      data := address_display(v_row);
      -- Anyone may have typed the new address: it is not told whose account it is.
      select
        case v_row.kind when 'address_change' then r.new_email else r.old_email end,
        case v_row.kind when 'address_changed' then shorten(u.name, 100) end,
        r.id,
        r.generation
      into email, name, row_id, generation
      from sign_in_requests r
      join users u on u.id = r.user_id
      where r.id = v_row.sign_in_request_id;
    end if;
    return next;
  end loop;
end
$$;

comment on function prepare_notification(bigint, bigint) is
  'prepare_account_notification(), and where to and what of the mails that go to another address than an account''s.';

create or replace function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- A link that signs in, or changes an address, is stored nowhere: its mail is
  -- made again from the same row, and comes out the same.
  update scheduled_notifications
  set message = case when kind not in ('sign_in', 'join', 'address_change') then p_message end
  where id = p_id
    and lease_id = p_lease
    and message is null;
  return found;
end
$$;

grant execute on function prepare_notification(bigint, bigint) to rollcall_sweep;
grant execute on function
  address_change_ask(bytea, text, bytea),
  address_change_link(bigint, int, timestamptz),
  address_change_use(bigint, int, timestamptz)
  to rollcall_member;

commit;
