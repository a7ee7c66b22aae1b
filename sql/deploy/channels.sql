-- Deploy rollcall:channels to pg
-- What is known of the ways out: a channel that fails rests, and the admins
-- are told; an address that refuses is left alone.

begin;

insert into notification_kinds (kind, category, template) values ('staff_notice', 'shift', 'mail_notice');

create table delivery_channels (
  channel text primary key check (channel in ('email')),
  paused_until timestamptz,
  outages int not null default 0,
  outage_from timestamptz,
  outage_to timestamptz,
  outage_why text not null default '',
  failing bigint[] not null default '{}'
);

insert into delivery_channels (channel) values ('email');

comment on column delivery_channels.paused_until is 'Until when nothing is claimed for it.';
comment on column delivery_channels.outages is 'How often it has failed; admins are told once of each.';
comment on column delivery_channels.outage_from is 'When the last of them began: the first pause since it worked.';
comment on column delivery_channels.outage_to is 'When it worked again; null before there was an outage, and during one.';

comment on column delivery_channels.failing is
  'The people, three at most, whom it has failed since it last worked: with the third it rests.';

create table address_refusals (
  user_id bigint not null references users on delete cascade,
  refused_on date not null,
  primary key (user_id, refused_on)
);

comment on table address_refusals is
  'On which days (UTC) an address refused mail without saying that it does not exist, since it last took some.';

create function pause_channel(p_channel text, p_why text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_channel delivery_channels;
begin
  select * into v_channel from delivery_channels where channel = p_channel for update;
  if not found then
    raise exception using errcode = 'RC422', message = 'bad_channel', detail = 'channel';
  end if;
  update delivery_channels set paused_until = v_now + interval '60 seconds' where channel = p_channel;
  if v_channel.outage_from is not null
    and coalesce(v_channel.outage_to, v_now) > v_now - interval '1 hour'
  then
    update delivery_channels set outage_to = null where channel = p_channel;
    return false;
  end if;

  update delivery_channels
  set outages = outages + 1, outage_from = v_now, outage_to = null, outage_why = left(coalesce(p_why, ''), 200)
  where channel = p_channel
  returning * into v_channel;
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, user_id, notify_type, scheduled_for, not_before, expires_at, created_at
  )
  select distinct on (m.user_id)
    format('notice-%s-%s-%s', p_channel, v_channel.outages, m.user_id),
    m.org_id,
    k.kind,
    c.urgency,
    m.user_id,
    p_channel,
    v_now,
    v_channel.paused_until,
    v_now + interval '3 days',
    v_now
  from memberships m
  cross join notification_kinds k
  join notification_categories c using (category)
  where m.role = 'admin'
    and k.kind = 'staff_notice'
  order by m.user_id, m.created_at, m.org_id
  on conflict (notification_id) do nothing;
  return true;
end
$$;

comment on function pause_channel(text, text) is
  'Nothing is claimed for the channel for 60 seconds. True when this begins an outage: every admin is then told, '
  'once, however long it lasts. One that comes back within an hour is the same: a relay may take some and not others.';

create function channel_failed(
  p_channel text, p_user bigint, p_why text, out paused boolean, out told boolean
)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_failing bigint[];
begin
  update delivery_channels
  set failing = case
    when p_user = any (failing) or cardinality(failing) = 3 then failing
    else failing || p_user
  end
  where channel = p_channel
  returning failing into v_failing;
  paused := cardinality(v_failing) = 3;
  told := paused and pause_channel(p_channel, p_why);
end
$$;

comment on function channel_failed(text, bigint, text) is
  'A message failed that is not to blame. Three people in a row, in however many runs, pause the channel.';

create function channel_succeeded(p_channel text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update delivery_channels
  set
    paused_until = null,
    failing = '{}',
    outage_to = case when outage_from is not null then coalesce(outage_to, app_now()) end
  where channel = p_channel
    and (failing <> '{}' or (outage_from is not null and outage_to is null));
end
$$;

comment on function channel_succeeded(text) is 'Ends a row of failures, and an outage, if there is one. record_sent() calls it.';

create function suppress_address(p_user bigint, p_cause text) returns void
  language plpgsql
as $$
begin
  update users
  set suppressed_at = app_now(), suppressed_cause = p_cause, updated_at = app_now()
  where id = p_user
    and suppressed_at is null;
end
$$;

comment on function suppress_address(bigint, text) is
  'Nothing is mailed to the person any more, but a sign-in link a day.';

create function count_refusal(p_user bigint, p_cause text) returns void
  language plpgsql
as $$
begin
  insert into address_refusals (user_id, refused_on)
  values (p_user, (app_now() at time zone 'UTC')::date)
  on conflict do nothing;
  if (select count(*) >= 3 from address_refusals where user_id = p_user) then
    perform suppress_address(p_user, p_cause);
  end if;
end
$$;

comment on function count_refusal(bigint, text) is
  'Suppresses an address that refused on a third day, without having taken mail in between.';

create function lift_suppression(p_user bigint) returns boolean
  language plpgsql
as $$
begin
  delete from address_refusals where user_id = p_user;
  update users
  set suppressed_at = null, suppressed_cause = null, updated_at = app_now()
  where id = p_user
    and suppressed_at is not null;
  return found;
end
$$;

comment on function lift_suppression(bigint) is
  'Mails the person again, and counts refusals from the beginning. The caller has decided that they may do this.';

grant execute on function
  channel_failed(text, bigint, text)
  to rollcall_sweep;

commit;
