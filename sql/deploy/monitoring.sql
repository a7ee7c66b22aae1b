-- Deploy rollcall:monitoring to pg
-- People who asked to be watched over: by which organisation, how often they
-- check in, who is told when they do not, and what is known of them now.

begin;

alter table organizations
  add column watch_l2_hours int not null default 24,
  add column watch_l3_hours int not null default 24,
  add column watch_l4_hours int not null default 24,
  add constraint organizations_watch_hours check (
    watch_l2_hours between 1 and 168 and watch_l3_hours between 1 and 168 and watch_l4_hours between 1 and 168
  );

comment on column organizations.watch_l2_hours is 'Hours from when the first reminder left to the second; l3 and l4 likewise.';

alter table users add column confirmed_at timestamptz;

comment on column users.confirmed_at is
  'When somebody first signed in by a link that was mailed to them: mail to the address gets there. Null: not that we know.';

update users u
set confirmed_at = s.first
from (select user_id, min(created_at) as first from sessions group by user_id) s
where s.user_id = u.id;

create function note_confirmed() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update users set confirmed_at = new.created_at where id = new.user_id and confirmed_at is null;
  return null;
end
$$;

comment on function note_confirmed() is 'A session begins with a mailed link, and with nothing else.';

create trigger sessions_confirm after insert on sessions
  for each row execute function note_confirmed();

-- Tables --------------------------------------------------------------------------

create table monitoring (
  user_id bigint primary key references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  interval_hours int not null default 24 check (interval_hours between 1 and 168),
  preferred_time time,
  enrolled_at timestamptz not null default app_now(),
  consent_version text not null check (valid_line(consent_version, 40)),
  counts_from timestamptz not null default app_now(),
  paused_until timestamptz,
  stopped_at timestamptz,
  link_generation int not null default 0,
  link_floor int not null default 0
);

create index monitoring_org on monitoring (org_id, user_id) where stopped_at is null;

comment on table monitoring is
  'Who asked one organisation to watch over them. Whatever changes how somebody is holds their row here first.';
comment on column monitoring.preferred_time is 'Local: a check-in that is due is due at that time of day, and not before. Null: at any.';
comment on column monitoring.counts_from is
  'From when silence counts, where there was no check-in since: the enrolment, or the end of a pause.';
comment on column monitoring.paused_until is 'Not looked at until then; an end that is past means nothing.';
comment on column monitoring.link_generation is 'Of the newest mailed link to check in; link_floor: of the oldest that works.';

create table user_status (
  user_id bigint primary key references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  last_check_in timestamptz,
  next_due timestamptz,
  alert_level text check (alert_level in ('L1', 'L2', 'L3', 'L4')),
  alert_triggered_at timestamptz,
  updated_at timestamptz not null default app_now(),
  revision bigint not null default 1,
  check ((alert_level is null) = (alert_triggered_at is null))
);

create index user_status_due on user_status (next_due) where alert_level is null and next_due is not null;
create index user_status_org on user_status (org_id, alert_level, next_due);

comment on table user_status is 'How each who is or was watched over is now. update_user_status() alone writes it.';
comment on column user_status.next_due is 'Null: nothing is waited for.';
comment on column user_status.revision is 'Rises with each change: what comes out of order can be told.';

create table activities (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  type text not null check (type in ('check-in', 'alert', 'conversation')),
  description text not null check (valid_line(description, 300)),
  "timestamp" timestamptz not null default app_now(),
  metadata jsonb not null default '{}'
);

create index activities_person on activities (user_id, "timestamp" desc, id desc);
create index activities_time on activities ("timestamp");
create index activities_org on activities (org_id);

comment on table activities is 'What happened to those watched over, as they and the responders read it. Words of ours, of nobody else.';

create table outbox (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  user_id bigint not null references users on delete cascade,
  kind text not null check (kind in ('activity', 'status')),
  payload jsonb not null,
  created_at timestamptz not null default app_now(),
  transaction xid8 not null default pg_current_xact_id()
);

create index outbox_person on outbox (user_id, id);
create index outbox_org on outbox (org_id);
create index outbox_created on outbox (created_at);

comment on table outbox is
  'Each activity and each change of a status, in the order of each person, for those who hand it on: they keep up to where '
  'they are themselves. Pruned after a week.';
comment on column outbox.transaction is
  'Numbers are given before what they are for is committed: a reader takes rows of transactions below '
  'pg_snapshot_xmin(pg_current_snapshot()), and misses none.';

create table monitoring_contacts (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  priority int not null check (priority > 0),
  name text not null check (valid_line(name, 200)),
  email text not null check (valid_email(email)),
  state text not null default 'asked' check (state in ('asked', 'consented', 'declined', 'withdrawn', 'removed')),
  asked_at timestamptz not null default app_now(),
  asks int not null default 1,
  answered_at timestamptz,
  generation int not null default 1,
  suppressed_at timestamptz,
  refused_on date[] not null default '{}',
  created_at timestamptz not null default app_now(),
  unique (user_id, priority) deferrable initially deferred
);

create unique index monitoring_contacts_address on monitoring_contacts (user_id, lower(email)) where state <> 'removed';
create index monitoring_contacts_org on monitoring_contacts (org_id);

comment on table monitoring_contacts is
  'Whom somebody named to be told when they stay silent; a contact need not be a user. None is told before they said yes.';
comment on column monitoring_contacts.state is
  'removed: by who named them, while an alert that they were told of is open: they are told its end, and forgotten.';
comment on column monitoring_contacts.generation is 'Raising it revokes the links mailed to them.';
comment on column monitoring_contacts.suppressed_at is 'Since when nothing is mailed there, because the address refused it.';
comment on column monitoring_contacts.refused_on is 'Days (UTC) on which it refused mail without saying that it does not exist.';

create table contact_stops (
  user_id bigint not null references users on delete cascade,
  hash bytea not null check (length(hash) = 32),
  stopped_at timestamptz not null default app_now(),
  primary key (user_id, hash)
);

comment on table contact_stops is
  'Keyed hashes of addresses of contacts who had themselves erased: who had named them does not have them asked again.';

-- When the next check-in is due ---------------------------------------------------

create function local_moment(p_local timestamp, p_zone text) returns timestamptz
  language plpgsql stable parallel safe
as $$
declare
  v_at timestamptz;
  v_before bigint;
  v_after bigint;
  v_middle bigint;
begin
  -- By each offset that the zone has around then.
  select
    min(c.at) filter (where c.at at time zone p_zone = p_local),
    floor(extract(epoch from min(c.at))),
    ceil(extract(epoch from max(c.at)))
  into v_at, v_before, v_after
  from unnest(array[-26, -13, 0, 13, 26]) as h(hours)
  cross join lateral (select (p_local at time zone 'UTC') + make_interval(hours => h.hours)) as n(near)
  cross join lateral (
    select (p_local - ((n.near at time zone p_zone) - (n.near at time zone 'UTC'))) at time zone 'UTC'
  ) as c(at);
  if v_at is not null then
    return v_at;
  end if;
  -- The clock jumps over it: to the second at which it does.
  while v_after - v_before > 1 loop
    v_middle := (v_before + v_after) / 2;
    if to_timestamp(v_middle) at time zone p_zone > p_local then
      v_after := v_middle;
    else
      v_before := v_middle;
    end if;
  end loop;
  return to_timestamp(v_after);
end
$$;

comment on function local_moment(timestamp, text) is
  'When clocks in the zone show that: the first time, where they do twice; where they never do, the moment they jump over it.';

create function next_due(p_last timestamptz, p_interval_hours int, p_preferred time, p_zone text) returns timestamptz
  language plpgsql stable parallel safe
as $$
declare
  v_from timestamptz := p_last + make_interval(hours => p_interval_hours);
  v_at timestamptz;
begin
  if p_preferred is null then
    return v_from;
  end if;
  for v_days in 0..3 loop
    v_at := local_moment((v_from at time zone p_zone)::date + v_days + p_preferred, p_zone);
    if v_at >= v_from then
      return v_at;
    end if;
  end loop;
  return v_from;
end
$$;

comment on function next_due(timestamptz, int, time, text) is
  'When the next check-in is due after one at p_last: so many hours later, moved on to the local time that is preferred.';

create function watch_zone(p_user bigint, p_org bigint) returns text
  language sql stable
  return (
    select safe_zone(coalesce(u.timezone, o.timezone))
    from users u
    cross join organizations o
    where u.id = p_user and o.id = p_org
  );

create function watch_due(p_watch monitoring, p_last timestamptz) returns timestamptz
  language sql stable
as $$
  select case when (p_watch).stopped_at is null then
    next_due(
      greatest(p_last, (p_watch).counts_from), (p_watch).interval_hours, (p_watch).preferred_time,
      watch_zone((p_watch).user_id, (p_watch).org_id)
    )
  end;
$$;

-- The one place where what happens is written -------------------------------------

create function epoch_ms(p_at timestamptz) returns bigint
  language sql immutable parallel safe
  return floor(extract(epoch from p_at) * 1000)::bigint;

create function add_activity(
  p_user bigint, p_org bigint, p_type text, p_description text, p_metadata jsonb default '{}'
) returns bigint
  language plpgsql
as $$
declare
  v_activity activities;
begin
  insert into activities (user_id, org_id, type, description, "timestamp", metadata)
  values (p_user, p_org, p_type, p_description, app_now(), coalesce(p_metadata, '{}'))
  returning * into v_activity;
  insert into outbox (org_id, user_id, kind, payload, created_at)
  values (
    p_org, p_user, 'activity',
    jsonb_build_object(
      'userId', p_user::text, 'type', p_type, 'description', p_description,
      'timestamp', epoch_ms(v_activity."timestamp"), 'metadata', v_activity.metadata || jsonb_build_object('id', v_activity.id)
    ),
    app_now()
  );
  notify rollcall_outbox, '';
  return v_activity.id;
end
$$;

comment on function add_activity(bigint, bigint, text, text, jsonb) is
  'Adds one, and hands it on. p_metadata: numbers and words of ours only.';

create function recent_activities(p_user bigint, p_limit int default 20) returns setof activities
  language plpgsql stable
as $$
begin
  if p_limit is null or p_limit not between 1 and 100 then
    raise exception using errcode = 'RC422', message = 'bad_limit', detail = 'limit';
  end if;
  return query
    select * from activities a
    where a.user_id = p_user
    order by a."timestamp" desc, a.id desc
    limit p_limit;
end
$$;

comment on function recent_activities(bigint, int) is 'The newest first, 1 to 100 of them.';

create function get_user_status(p_user bigint) returns user_status
  language sql stable
  return (select s from user_status s where s.user_id = p_user);

comment on function get_user_status(bigint) is 'Null: never watched over.';

create function update_user_status(
  p_user bigint, p_org bigint, p_last_check_in timestamptz, p_next_due timestamptz, p_alert_level text,
  p_alert_triggered_at timestamptz, p_type text default null, p_description text default null,
  p_metadata jsonb default '{}'
) returns bigint
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_revision bigint;
begin
  insert into user_status as s (
    user_id, org_id, last_check_in, next_due, alert_level, alert_triggered_at, updated_at, revision
  )
  values (p_user, p_org, p_last_check_in, p_next_due, p_alert_level, p_alert_triggered_at, v_now, 1)
  on conflict (user_id) do update
  set
    org_id = excluded.org_id,
    last_check_in = excluded.last_check_in,
    next_due = excluded.next_due,
    alert_level = excluded.alert_level,
    alert_triggered_at = excluded.alert_triggered_at,
    updated_at = excluded.updated_at,
    revision = s.revision + 1
  returning revision into v_revision;
  if p_type is not null then
    perform add_activity(p_user, p_org, p_type, p_description, p_metadata);
  end if;
  insert into outbox (org_id, user_id, kind, payload, created_at)
  values (
    p_org, p_user, 'status',
    jsonb_build_object(
      'userId', p_user::text, 'lastCheckIn', epoch_ms(p_last_check_in), 'nextDue', epoch_ms(p_next_due),
      'alertLevel', p_alert_level, 'alertTriggeredAt', epoch_ms(p_alert_triggered_at), 'revision', v_revision
    ),
    v_now
  );
  notify rollcall_outbox, '';
  return v_revision;
end
$$;

comment on function update_user_status(
  bigint, bigint, timestamptz, timestamptz, text, timestamptz, text, text, jsonb
) is
  'How somebody is from now on, with what happened (p_type null: nothing to tell), and both handed on: all at once, and '
  'nowhere else. The caller holds their row of monitoring. Gives the revision.';

create function hold_watch(p_user bigint) returns monitoring
  language plpgsql
as $$
declare
  v_watch monitoring;
begin
  select * into v_watch from monitoring where user_id = p_user for update;
  if not found or v_watch.stopped_at is not null then
    raise exception using errcode = 'RC409', message = 'not_watched';
  end if;
  return v_watch;
end
$$;

create function refresh_due(p_user bigint) returns void
  language plpgsql
as $$
declare
  v_watch monitoring;
  v_status user_status;
  v_due timestamptz;
begin
  select * into v_watch from monitoring where user_id = p_user for update;
  select * into v_status from user_status where user_id = p_user;
  v_due := watch_due(v_watch, v_status.last_check_in);
  if v_watch.user_id is not null and v_status.next_due is distinct from v_due then
    perform update_user_status(
      p_user, v_watch.org_id, v_status.last_check_in, v_due, v_status.alert_level, v_status.alert_triggered_at
    );
  end if;
end
$$;

comment on function refresh_due(bigint) is 'After what decides when they are due has changed. An alert that is open stays.';

create function refresh_zone_due() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_table_name = 'users' then
    perform refresh_due(m.user_id)
    from monitoring m
    where m.user_id = new.id and m.preferred_time is not null and m.stopped_at is null;
  else
    perform refresh_due(m.user_id)
    from monitoring m
    join users u on u.id = m.user_id
    where m.org_id = new.id and m.preferred_time is not null and m.stopped_at is null and u.timezone is null;
  end if;
  return null;
end
$$;

create trigger users_zone_due after update of timezone on users
  for each row when (new.timezone is distinct from old.timezone) execute function refresh_zone_due();
create trigger organizations_zone_due after update of timezone on organizations
  for each row when (new.timezone is distinct from old.timezone) execute function refresh_zone_due();

-- There is always a responder whom mail reaches -----------------------------------

create function has_responder(p_org bigint, p_watched bigint, p_without bigint default null) returns boolean
  language sql stable
  return exists (
    select from memberships m
    join users u on u.id = m.user_id
    where m.org_id = p_org
      and m.responder
      and m.user_id <> p_watched
      and m.user_id is distinct from p_without
      and u.confirmed_at is not null
      and u.suppressed_at is null
  );

comment on function has_responder(bigint, bigint, bigint) is
  'Whether the organisation has one, whose address was seen to work, to watch over p_watched: nobody does so over '
  'themselves. Nor is p_without one.';

create function keep_a_responder() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- Those who enrol, and who takes another flag away, take turns.
  perform from organizations where id = old.org_id for no key update;
  if found
    and exists (
      select from monitoring m
      join users u on u.id = m.user_id
      where m.org_id = old.org_id
        and m.stopped_at is null
        and (tg_op = 'UPDATE' or m.user_id <> old.user_id)
        and not has_responder(old.org_id, m.user_id, old.user_id)
    )
  then
    raise exception using errcode = 'RC409', message = 'last_responder';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;

comment on function keep_a_responder() is
  'While anyone is watched over, the last responder to them whom mail reaches keeps the flag, the membership and the '
  'account.';

-- Enrolling -----------------------------------------------------------------------

create function read_preferred(p_time text) returns time
  language plpgsql immutable
as $$
begin
  if coalesce(p_time, '') = '' then
    return null;
  elsif p_time !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' then
    raise exception using errcode = 'RC422', message = 'bad_time', detail = 'preferred_time';
  end if;
  return p_time::time;
end
$$;

create function check_interval(p_hours int) returns void
  language plpgsql immutable
as $$
begin
  if p_hours is null or p_hours not between 1 and 168 then
    raise exception using errcode = 'RC422', message = 'bad_interval', detail = 'interval_hours';
  end if;
end
$$;

create function monitoring_enrol(
  p_session bytea, p_slug text, p_interval_hours int, p_preferred_time text, p_consent_version text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_preferred time := read_preferred(p_preferred_time);
  v_org bigint;
  v_watch monitoring;
begin
  perform check_interval(p_interval_hours);
  if p_consent_version is null or not valid_line(p_consent_version, 40) then
    raise exception using errcode = 'RC422', message = 'no_consent', detail = 'consent';
  end if;
  select o.id into v_org
  from memberships m
  join organizations o on o.id = m.org_id
  where m.user_id = v_user and o.slug = p_slug
  for share of o, m;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif not has_responder(v_org, v_user) then
    raise exception using errcode = 'RC409', message = 'no_responder';
  end if;
  insert into monitoring as m (
    user_id, org_id, interval_hours, preferred_time, enrolled_at, consent_version, counts_from
  )
  values (v_user, v_org, p_interval_hours, v_preferred, v_now, p_consent_version, v_now)
  on conflict (user_id) do update
  set
    org_id = excluded.org_id,
    interval_hours = excluded.interval_hours,
    preferred_time = excluded.preferred_time,
    enrolled_at = v_now,
    consent_version = excluded.consent_version,
    counts_from = v_now,
    paused_until = null,
    stopped_at = null
  where m.stopped_at is not null
  returning * into v_watch;
  if not found then
    raise exception using errcode = 'RC409', message = 'already_watched';
  end if;
  -- Who said yes did so to one organisation. Who was told hears that it is over.
  perform drop_contact(c.id) from monitoring_contacts c where c.user_id = v_user and c.org_id <> v_org;
  perform update_user_status(
    v_user, v_org,
    (select s.last_check_in from user_status s where s.user_id = v_user and s.org_id = v_org),
    watch_due(v_watch, null), null, null
  );
end
$$;

comment on function monitoring_enrol(bytea, text, int, text, text) is
  'Whoever is signed in is watched over by one of their organisations from now on. p_preferred_time: HH:MM or empty. '
  'p_consent_version: of the words that they said yes to. Refused while nobody there would be told.';

create function monitoring_change(p_session bytea, p_interval_hours int, p_preferred_time text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_preferred time := read_preferred(p_preferred_time);
begin
  perform check_interval(p_interval_hours);
  perform hold_watch(v_user);
  update monitoring set interval_hours = p_interval_hours, preferred_time = v_preferred where user_id = v_user;
  perform refresh_due(v_user);
end
$$;

-- Contacts ------------------------------------------------------------------------

insert into notification_kinds (kind, category, template, recheck, recipient, link, display, follow) values
  ('contact_consent', 'account', 'mail_contact', 'consent_recheck', 'contact_recipient', 'contact_row', 'consent_display',
    'follow_consent');

alter table scheduled_notifications
  drop constraint scheduled_notifications_person_known,
  -- Not looked at in the rows that are there: of these kinds there are none.
  add constraint scheduled_notifications_person_known
    check (user_id is not null or kind in (
      'join', 'address_change', 'address_changed', 'contact_consent', 'watch_contact', 'watch_clear'
    )) not valid;
alter table notification_log
  drop constraint notification_log_person_known,
  add constraint notification_log_person_known
    check (user_id is not null or kind in (
      'join', 'address_change', 'address_changed', 'contact_consent', 'watch_contact', 'watch_clear'
    )) not valid;

comment on column scheduled_notifications.user_id is
  'Null when it goes to nobody who has an account: who asked to join stands in the request, a contact of somebody who is '
  'watched over in monitoring_contacts.';

create or replace function hidden_kinds(p_org bigint, p_user bigint) returns text[]
  language sql stable
  begin atomic
    select coalesce(array_agg(k.kind), '{}')
    from notification_kinds k
    where (k.category in ('watch', 'watch_person', 'care') or k.kind = 'contact_consent')
      and not exists (select from memberships m where m.org_id = p_org and m.user_id = p_user and m.responder);
  end;

create function message_contact(p_notification_id text) returns monitoring_contacts
  language sql stable
  return (
    select c
    from monitoring_contacts c
    where c.id = substring(p_notification_id from '^(?:consent-[0-9]+-|watch-[0-9]+-[a-zA-Z0-9]+-c)([0-9]+)')::bigint
  );

comment on function message_contact(text) is
  'Whom consent-USER-CONTACT-rN, or watch-ALERT-LEVEL-cCONTACT, goes to; null when they are not there any more.';

create function contact_is_suppressed(p_contact monitoring_contacts) returns boolean
  language sql stable
as $$
  select (p_contact).suppressed_at is not null
    or exists (select from users u where lower(u.email) = lower((p_contact).email) and u.suppressed_at is not null);
$$;

create function contact_recipient(p_row scheduled_notifications, out email text, out name text)
  language plpgsql stable
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  email := v_contact.email;
  name := shorten(v_contact.name, 100);
end
$$;

create function contact_row(
  p_row scheduled_notifications, out row_id bigint, out generation int, out expires_at timestamptz
)
  language plpgsql stable
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  row_id := v_contact.id;
  generation := v_contact.generation;
  expires_at := coalesce(p_row.first_attempt_at, app_now()) + interval '30 days';
end
$$;

comment on function contact_row(scheduled_notifications) is
  'Of a contact''s own link: it says yes for 30 days, and no, and what is kept of them, at any time.';

create function consent_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  return case
    when v_contact.id is null or v_contact.state <> 'asked' then 'contact_gone'
    when contact_is_suppressed(v_contact) then 'suppressed'
    when not exists (
      select from monitoring m where m.user_id = v_contact.user_id and m.stopped_at is null
    ) then 'contact_gone'
  end;
end
$$;

create function consent_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  return (
    select jsonb_build_object(
      'org_name', shorten(o.name, 100),
      'postal_address', shorten(o.postal_address, 300),
      'contact_name', shorten(v_contact.name, 60),
      'person_name', shorten(u.name, 60),
      'closes_text', say_date(coalesce((p_row).first_attempt_at, app_now()) + interval '30 days', safe_zone(o.timezone))
    )
    from organizations o
    left join users u on u.id = v_contact.user_id
    where o.id = p_row.org_id
  );
end
$$;

create function note_contact_refusal(p_contact bigint, p_cause text) returns void
  language plpgsql
as $$
declare
  v_today date := (app_now() at time zone 'UTC')::date;
begin
  update monitoring_contacts c
  set
    refused_on = case when v_today = any (c.refused_on) then c.refused_on else c.refused_on || v_today end,
    suppressed_at = case
      when p_cause = 'address_refused' or cardinality(c.refused_on || v_today) >= 3 and not v_today = any (c.refused_on)
      then coalesce(c.suppressed_at, app_now())
      else c.suppressed_at
    end
  where c.id = p_contact
    and p_cause in ('address_refused', 'recipient_refused');
end
$$;

comment on function note_contact_refusal(bigint, text) is
  'What record_failed() does of people: one that does not exist is left alone, and one that refuses on a third day.';

create function follow_consent(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  if p_state = 'dead' then
    perform note_contact_refusal(v_contact.id, p_cause);
  elsif p_state = 'sent' then
    update monitoring_contacts set refused_on = '{}' where id = v_contact.id and refused_on <> '{}';
  end if;
end
$$;

create function ask_contact(p_contact monitoring_contacts) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_from text := format('consent-%s-', p_contact.user_id);
  v_to text := format('consent-%s.', p_contact.user_id);
begin
  if (
    select count(*) >= 10
    from (
      select l.created_at from notification_log l where l.notification_id >= v_from and l.notification_id < v_to
      union all
      select q.created_at from scheduled_notifications q where q.notification_id >= v_from and q.notification_id < v_to
    ) asked
    where asked.created_at > v_now - interval '1 day'
  ) then
    raise exception using errcode = 'RC429', message = 'contacts_often', detail = '86400';
  end if;
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, scheduled_for, not_before, expires_at, created_at
  )
  select
    format('consent-%s-%s-r%s', p_contact.user_id, p_contact.id, p_contact.asks), p_contact.org_id, k.kind, g.urgency,
    v_now, v_now, v_now + interval '7 days', v_now
  from notification_kinds k
  join notification_categories g using (category)
  where k.kind = 'contact_consent'
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

create function contact_add(p_session bytea, p_name text, p_email text, p_hashes bytea) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_watch monitoring;
  v_contact monitoring_contacts;
begin
  if p_name is null or not valid_line(p_name, 200) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  elsif p_email is null or not valid_email(p_email) then
    raise exception using errcode = 'RC422', message = 'bad_email', detail = 'email';
  elsif exists (select from users where id = v_user and lower(email) = lower(p_email)) then
    raise exception using errcode = 'RC422', message = 'contact_self', detail = 'email';
  end if;
  v_watch := hold_watch(v_user);
  if exists (
    select from monitoring_contacts c where c.user_id = v_user and lower(c.email) = lower(p_email) and c.state <> 'removed'
  ) then
    raise exception using errcode = 'RC422', message = 'contact_twice', detail = 'email';
  elsif (select count(*) >= 5 from monitoring_contacts c where c.user_id = v_user and c.state <> 'removed') then
    raise exception using errcode = 'RC409', message = 'many_contacts';
  elsif exists (
    select from contact_stops s
    where s.user_id = v_user
      and s.hash in (
        select substring(p_hashes from 32 * (n.place - 1) + 1 for 32)
        from generate_series(1, length(p_hashes) / 32) as n(place)
      )
  ) then
    raise exception using errcode = 'RC422', message = 'contact_stopped', detail = 'email';
  end if;
  insert into monitoring_contacts (user_id, org_id, priority, name, email, asked_at, created_at)
  select v_user, v_watch.org_id, coalesce(max(c.priority), 0) + 1, p_name, p_email, v_now, v_now
  from monitoring_contacts c
  where c.user_id = v_user
  returning * into v_contact;
  perform ask_contact(v_contact);
  return v_contact.id;
end
$$;

comment on function contact_add(bytea, text, text, bytea) is
  'Names a contact, after those that are there, and mails them to ask: five at most. p_hashes as find_erased() has them.';

create function hold_contact(p_session bytea, p_contact bigint, p_when_stopped boolean default false)
  returns monitoring_contacts
  language plpgsql
as $$
declare
  v_user bigint := require_session(p_session);
  v_contact monitoring_contacts;
begin
  if p_when_stopped then
    perform from monitoring where user_id = v_user for update;
  else
    perform hold_watch(v_user);
  end if;
  select * into v_contact
  from monitoring_contacts
  where id = p_contact and user_id = v_user and state <> 'removed'
  for update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_contact;
end
$$;

create function contact_ask(p_session bytea, p_contact bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_contact monitoring_contacts := hold_contact(p_session, p_contact);
begin
  if v_contact.state <> 'asked' then
    raise exception using errcode = 'RC409', message = 'contact_answered';
  elsif v_contact.asked_at > app_now() - interval '1 day' or v_contact.asks >= 3 then
    raise exception using errcode = 'RC409', message = 'contact_ask_soon';
  end if;
  update monitoring_contacts set asks = asks + 1, asked_at = app_now() where id = p_contact returning * into v_contact;
  perform ask_contact(v_contact);
end
$$;

comment on function contact_ask(bytea, bigint) is
  'Asks once more, who has not answered: a day after the last time at the earliest, and three times at most.';

create function contact_move(p_session bytea, p_contact bigint, p_up boolean) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_contact monitoring_contacts := hold_contact(p_session, p_contact);
  v_other monitoring_contacts;
begin
  select * into v_other
  from monitoring_contacts c
  where c.user_id = v_contact.user_id
    and c.state <> 'removed'
    and case when p_up then c.priority < v_contact.priority else c.priority > v_contact.priority end
  order by abs(c.priority - v_contact.priority)
  limit 1;
  update monitoring_contacts c
  set priority = case c.id when v_contact.id then v_other.priority else v_contact.priority end
  where c.id in (v_contact.id, v_other.id)
    and v_other.id is not null;
end
$$;

comment on function contact_move(bytea, bigint, boolean) is 'Before the one before, or after the one after; the first is told first.';

-- What a contact does, by their own link ------------------------------------------

create function contact_link(p_contact bigint, p_generation int, p_expires timestamptz)
  returns table (
    state text, contact_name text, person_name text, org_name text, is_open boolean, closes_text text, answered_text text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      c.state, c.name, u.name, o.name,
      c.state <> 'asked' or p_expires > app_now(),
      say_date(p_expires, safe_zone(o.timezone)),
      say_time(c.answered_at, safe_zone(o.timezone))
    from monitoring_contacts c
    join users u on u.id = c.user_id
    join organizations o on o.id = c.org_id
    where c.id = p_contact
      and c.generation = p_generation
      and c.state <> 'removed';
end
$$;

comment on function contact_link(bigint, int, timestamptz) is
  'What a contact''s link shows; nothing when there is no such contact. is_open false: asked too long ago to say yes.';

create function contact_answer(p_contact bigint, p_generation int, p_expires timestamptz, p_answer text) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_contact monitoring_contacts;
  v_state text;
begin
  select * into v_contact
  from monitoring_contacts c
  where c.id = p_contact and c.generation = p_generation and c.state <> 'removed'
  for update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_answer is null or p_answer not in ('yes', 'no') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'answer';
  elsif p_answer = 'yes' and v_contact.state <> 'consented' and p_expires <= app_now() then
    raise exception using errcode = 'RC410', message = 'link_expired';
  end if;
  v_state := case
    when p_answer = 'yes' then 'consented'
    when v_contact.state in ('consented', 'withdrawn') then 'withdrawn'
    else 'declined'
  end;
  update monitoring_contacts
  set
    state = v_state,
    answered_at = app_now(),
    -- Whoever presses a button has got mail.
    suppressed_at = case p_answer when 'yes' then null else suppressed_at end,
    refused_on = case p_answer when 'yes' then '{}' else refused_on end
  where id = p_contact and state <> v_state;
  return v_state;
end
$$;

comment on function contact_answer(bigint, int, timestamptz, text) is
  'yes or no, by their own link, as often as they change their mind: no at any time, yes for 30 days after they were asked. '
  'Gives the state: consented, declined or withdrawn.';

create function contact_data(p_contact bigint, p_generation int) returns text
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_pretty(jsonb_build_object(
      'what', 'Everything that Rollcall keeps about a contact', 'version', 1, 'name', c.name, 'email', c.email,
      'contact_of', u.name, 'organisation', o.name, 'state', c.state, 'order', c.priority,
      'named_at', both_times(c.created_at, z.zone), 'asked_at', both_times(c.asked_at, z.zone), 'times_asked', c.asks,
      'answered_at', both_times(c.answered_at, z.zone), 'address_refused_at', both_times(c.suppressed_at, z.zone),
      'address_refused_on', c.refused_on
    ))
    from monitoring_contacts c
    join users u on u.id = c.user_id
    join organizations o on o.id = c.org_id
    cross join lateral safe_zone(o.timezone) as z(zone)
    where c.id = p_contact and c.generation = p_generation and c.state <> 'removed'
  );
end
$$;

comment on function contact_data(bigint, int) is 'Everything about a contact, as JSON, for themselves; null when there is no such contact.';

create function contact_erase(p_contact bigint, p_generation int, p_hashes bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint;
  v_row scheduled_notifications;
begin
  -- The queue first, as whoever sends.
  for v_row in
    select q.*
    from scheduled_notifications q
    where q.user_id is null
      and (message_contact(q.notification_id)).id = p_contact
      and exists (
        select from monitoring_contacts c where c.id = p_contact and c.generation = p_generation and c.org_id = q.org_id
      )
    for update of q
  loop
    v_row.last_error := null;
    perform finish_notification(v_row, 'cancelled', 'erased', null, null);
  end loop;
  -- Then who is watched over, as whoever looks for a contact to tell.
  perform from monitoring m
  join monitoring_contacts c using (user_id)
  where c.id = p_contact
  for update of m;
  delete from monitoring_contacts
  where id = p_contact and generation = p_generation and state <> 'removed'
  returning user_id into v_user;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  insert into contact_stops (user_id, hash, stopped_at)
  values (v_user, substring(p_hashes from 1 for 32), app_now())
  on conflict do nothing;
end
$$;

comment on function contact_erase(bigint, int, bytea) is
  'Forgets a contact, by their own link; a keyed hash of their address remains, so that who named them cannot have them '
  'asked again. p_hashes as find_erased() has them.';

-- What a person sees --------------------------------------------------------------

create function watch_orgs(p_session bytea) returns table (slug text, org_name text, has_responder boolean)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select o.slug, o.name, has_responder(o.id, s.user_id)
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    where s.hash = p_session
    order by o.name, o.id;
end
$$;

comment on function watch_orgs(bytea) is 'The organisations of who is signed in, and whether one can enrol there.';

create function say_span(p_from timestamptz, p_to timestamptz) returns text
  language sql immutable parallel safe
  return (
    select case
      when m.minutes < 1 then 'less than a minute'
      when m.minutes < 2 then '1 minute'
      when m.minutes < 60 then m.minutes || ' minutes'
      when m.minutes < 120 then '1 hour'
      when m.minutes < 48 * 60 then m.minutes / 60 || ' hours'
      else m.minutes / 1440 || ' days'
    end
    from (select floor(abs(extract(epoch from p_to - p_from)) / 60)::bigint as minutes) m
  );

comment on function say_span(timestamptz, timestamptz) is 'How long it is between two moments, in the largest unit that says it.';

create function own_watch(p_session bytea)
  returns table (
    is_enrolled boolean, slug text, org_name text, interval_hours int, preferred_time text, enrolled_text text,
    is_paused boolean, paused_text text, last_at text, last_text text, next_at text, next_text text, next_span text,
    is_overdue boolean, alert_level text, alert_at text, alert_text text, contacts bigint, revision bigint, zone text,
    l2_hours int, l3_hours int, l4_hours int
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      m.stopped_at is null, o.slug, o.name, m.interval_hours, to_char(m.preferred_time, 'HH24:MI'),
      say_time(m.enrolled_at, z.zone),
      m.stopped_at is null and coalesce(m.paused_until > app_now(), false),
      say_time(m.paused_until, z.zone),
      iso_time(t.last_check_in, z.zone), say_time(t.last_check_in, z.zone),
      iso_time(t.next_due, z.zone), say_time(t.next_due, z.zone), say_span(app_now(), t.next_due),
      coalesce(t.next_due <= app_now(), false),
      t.alert_level, iso_time(t.alert_triggered_at, z.zone), say_time(t.alert_triggered_at, z.zone),
      (select count(*) from monitoring_contacts c where c.user_id = m.user_id and c.state = 'consented'),
      t.revision, z.zone, o.watch_l2_hours, o.watch_l3_hours, o.watch_l4_hours
    from live_sessions s
    join monitoring m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    join user_status t on t.user_id = m.user_id
    cross join lateral watch_zone(m.user_id, m.org_id) as z(zone)
    where s.hash = p_session;
end
$$;

comment on function own_watch(bytea) is
  'How whoever is signed in is watched over, or was (is_enrolled false); no row: never. Times in words are in zone; '
  'next_span is how long until next_text, or since (is_overdue).';

create function own_contacts(p_session bytea)
  returns table (
    id bigint, place bigint, name text, email text, state text, asked_text text, answered_text text,
    is_suppressed boolean, can_ask boolean, is_first boolean, is_last boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      c.id, row_number() over w, c.name, c.email, c.state, say_time(c.asked_at, z.zone), say_time(c.answered_at, z.zone),
      contact_is_suppressed(c),
      c.state = 'asked' and c.asks < 3 and c.asked_at <= app_now() - interval '1 day',
      row_number() over w = 1,
      row_number() over w = count(*) over ()
    from live_sessions s
    join monitoring_contacts c on c.user_id = s.user_id
    cross join lateral watch_zone(c.user_id, c.org_id) as z(zone)
    where s.hash = p_session
      and c.state <> 'removed'
    window w as (order by c.priority)
    order by c.priority;
end
$$;

create function own_activities(p_session bytea, p_limit int default 20)
  returns table (id bigint, type text, description text, at text, at_text text, level text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select a.id, a.type, a.description, iso_time(a."timestamp", z.zone), say_time(a."timestamp", z.zone), a.metadata ->> 'level'
    from live_sessions s
    cross join lateral recent_activities(s.user_id, p_limit) a
    cross join lateral user_zone(s.user_id) as z(zone)
    where s.hash = p_session
    order by a."timestamp" desc, a.id desc;
end
$$;

create function own_watch_days(p_session bytea, p_days int)
  returns table (day date, day_text text, check_ins bigint, level text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    with who as (
      select s.user_id, z.zone, (app_now() at time zone z.zone)::date as today
      from live_sessions s
      cross join lateral user_zone(s.user_id) as z(zone)
      where s.hash = p_session
    ), done as (
      select
        (a."timestamp" at time zone w.zone)::date as day,
        count(*) filter (where a.type = 'check-in') as check_ins,
        max(a.metadata ->> 'level') as level
      from who w
      join activities a on a.user_id = w.user_id
      where a."timestamp" > app_now() - make_interval(days => least(p_days, 366) + 2)
      group by 1
    )
    select d.day, to_char(d.day, 'FMDay FMDD FMMonth'), coalesce(done.check_ins, 0), done.level
    from who w
    cross join lateral (select w.today - n as day from generate_series(0, least(p_days, 366) - 1) n) d
    left join done on done.day = d.day
    order by d.day;
end
$$;

comment on function own_watch_days(bytea, int) is
  'Of each of the last days, today the last: how often they checked in, and the highest level that an alert rose to.';

-- Kept for a while, taken along, and forgotten ------------------------------------

create function prune_watch(p_max int) returns void
  language sql
  begin atomic
    delete from outbox
    where id in (
      select o.id from outbox o
      where o.created_at < app_now() - interval '7 days'
      order by o.created_at
      limit p_max
      for update skip locked
    );
  end;

create or replace function prune(p_max int) returns table (requests int, sessions int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- One whose mail is still in the queue waits until the ledger has that.
  delete from sign_in_requests
  where id in (
    select r.id
    from sign_in_requests r
    where r.created_at < app_now() - interval '1 day'
      and not exists (select from scheduled_notifications q where q.sign_in_request_id = r.id)
    order by r.created_at
    limit p_max
    for update skip locked
  );
  get diagnostics requests = row_count;
  delete from sessions
  where id in (
    select s.id
    from sessions s
    where least(s.ended_at, s.expires_at) < app_now() - interval '30 days'
    order by least(s.ended_at, s.expires_at)
    limit p_max
    for update skip locked
  );
  get diagnostics sessions = row_count;
  delete from calendar_uploads
  where id in (
    select u.id
    from calendar_uploads u
    where u.created_at < app_now() - interval '1 day'
    order by u.created_at
    limit p_max
    for update skip locked
  );
  delete from door_contacts
  where id in (
    select c.id
    from doors_done() d
    join door_contacts c on c.event_id = d.event_id
    limit p_max
    for update of c skip locked
  );
  perform prune_unassigned(p_max);
  perform prune_watch(p_max);
  return next;
end
$$;

insert into personal_data (relation, columns, downloaded, erased) values
  ('monitoring', '{user_id,consent_version}', 'watch', 'deleted with the account'),
  ('user_status', '{user_id,alert_level}', 'watch', 'deleted with the account'),
  ('monitoring_contacts', '{user_id,name,email,state}', 'watch_contacts; a contact has their own by their link',
    'deleted with the account, or by the contact''s own link'),
  ('contact_stops', '{user_id,hash}', 'no: whose address it is, nobody can tell', 'deleted with the account'),
  ('activities', '{user_id,type,description,metadata}', 'activities', 'deleted with the account'),
  ('outbox', '{user_id,kind,payload}', 'no: activities and watch once more, for a week', 'deleted with the account');

grant execute on function
  monitoring_enrol(bytea, text, int, text, text),
  monitoring_change(bytea, int, text),
  contact_add(bytea, text, text, bytea),
  contact_ask(bytea, bigint),
  contact_move(bytea, bigint, boolean),
  watch_orgs(bytea),
  own_watch(bytea),
  own_contacts(bytea),
  own_activities(bytea, int),
  own_watch_days(bytea, int)
  to rollcall_member;
grant execute on function
  contact_link(bigint, int, timestamptz),
  contact_answer(bigint, int, timestamptz, text),
  contact_data(bigint, int),
  contact_erase(bigint, int, bytea)
  to rollcall_answer;

commit;
