-- Deploy rollcall:bounces to pg
-- Mail that a server took and that came back later: what it says of the
-- address counts as if it had been refused at once.

begin;

alter table notification_log
  add column bounced_at timestamptz,
  add column bounce_counts boolean;

comment on column notification_log.bounced_at is 'When its report of non-delivery came; last_error says why.';
comment on column notification_log.bounce_counts is
  'True: refused for good and no more said, one of three days that suppress.';

alter table users add column address_since timestamptz;

comment on column users.address_since is
  'From when on what mail servers say of mail counts for this address: since it was changed, or mailed again.';

create function users_address_since() returns trigger
  language plpgsql
as $$
begin
  new.address_since := app_now();
  return new;
end
$$;

create trigger users_address_since
  before update of email on users
  for each row
  when (new.email is distinct from old.email)
  execute function users_address_since();

create function bounces_counted(p_user bigint) returns int
  language sql stable
  return (
    select count(*)::int
    from (
      select (l.bounced_at at time zone 'UTC')::date
      from notification_log l
      join users u on u.id = l.user_id
      where l.user_id = p_user
        and coalesce(l.first_attempt_at, l.processed_at) >= coalesce(u.address_since, '-infinity')
        and l.processed_at > app_now() - interval '60 days'
        and l.bounced_at > app_now() - interval '30 days'
        and l.bounce_counts
      union
      select r.refused_on from address_refusals r where r.user_id = p_user
    ) as days
  );

comment on function bounces_counted(bigint) is
  'On how many days an address refused mail without saying that it does not exist: at once since it last took some, or '
  'later, within 30 days.';

create function record_bounce(p_id bigint, p_class text, p_status text) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_log notification_log;
begin
  if p_class is null or p_class not in ('retry', 'ours', 'address', 'recipient') then
    raise exception using errcode = 'RC422', message = 'bad_class', detail = 'class';
  end if;
  -- Looked for here first: it goes from here to the ledger.
  if exists (select from scheduled_notifications where id = p_id) then
    return 'early';
  end if;
  select * into v_log from notification_log where id = p_id for update;
  if not found or v_log.state <> 'sent' then
    return 'unknown';
  elsif v_log.processed_at <= v_now - interval '30 days' then
    return 'old';
  elsif v_log.bounced_at is not null then
    return 'again';
  end if;
  update notification_log
  set
    bounced_at = v_now,
    bounce_counts = case when p_class = 'recipient' then true end,
    last_error = concat_ws(' ', substring(p_status from '^(?:[245]\.\d{1,3}\.\d{1,3}|[245]\d\d)$'), 'came back')
  where id = p_id;
  -- Erased meanwhile, or it left for an address that they had before.
  if not exists (
    select from users u
    where u.id = v_log.user_id
      and coalesce(v_log.first_attempt_at, v_log.processed_at) >= coalesce(u.address_since, '-infinity')
  ) then
    return 'noted';
  elsif p_class = 'address' then
    perform suppress_address(v_log.user_id, p_status);
    return 'suppressed';
  elsif p_class = 'recipient' then
    if bounces_counted(v_log.user_id) >= 3 then
      perform suppress_address(v_log.user_id, p_status);
      return 'suppressed';
    end if;
    return 'counted';
  end if;
  return 'noted';
end
$$;

comment on function record_bounce(bigint, text, text) is
  'A message that was sent came back; its class as record_failed() has it. Says what was made of it: suppressed; counted, '
  'one of three days; noted, which changes nothing for the person; again, its report had come before; early, that it was '
  'sent is not recorded yet; unknown or old (30 days), which is not believed.';

create or replace function count_refusal(p_user bigint, p_cause text) returns void
  language plpgsql
as $$
begin
  insert into address_refusals (user_id, refused_on)
  values (p_user, (app_now() at time zone 'UTC')::date)
  on conflict do nothing;
  if bounces_counted(p_user) >= 3 then
    perform suppress_address(p_user, p_cause);
  end if;
end
$$;

create or replace function lift_suppression(p_user bigint) returns boolean
  language plpgsql
as $$
declare
  v_was boolean;
begin
  select u.suppressed_at is not null into v_was from users u where u.id = p_user for no key update;
  delete from address_refusals where user_id = p_user;
  update users
  set address_since = app_now(), suppressed_at = null, suppressed_cause = null, updated_at = app_now()
  where id = p_user;
  return coalesce(v_was, false);
end
$$;

grant execute on function record_bounce(bigint, text, text) to rollcall_ctl;

commit;
