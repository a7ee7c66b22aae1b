-- Deploy rollcall:own_data to pg
-- What a person can take along, and have forgotten. Where things about people
-- stand is listed in personal_data; a test walks the catalogue and compares.

begin;

create table personal_data (
  relation text primary key,
  columns text[] not null,
  downloaded text not null,
  erased text not null
);

comment on table personal_data is
  'Every table with a person''s id, or with text, JSON or bytes in it: how the download tells it and how erasing a person '
  'deals with it. A change that makes such a table or column says so here, or test_own_data.sql fails.';
comment on column personal_data.columns is 'Those columns, all of them.';
comment on column personal_data.downloaded is 'The section of the file; or "no", and why.';
comment on column personal_data.erased is 'What becomes of it; or "stays", and why.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('users', '{email,name,timezone,locale,suppressed_cause}', 'account', 'deleted'),
  ('memberships', '{user_id,role,sort_key}', 'memberships; sort_key is the name again', 'deleted with the account'),
  ('sessions', '{user_id,hash,device}', 'sessions; the hash opens nothing and is left out', 'deleted with the account'),
  ('sign_in_requests', '{user_id,email_hash,email,name,erased_address_id}',
    'sign_in_requests', 'deleted: theirs with the account, and those that have their address'),
  ('event_views', '{user_id}', 'viewed_events', 'deleted with the account'),
  ('event_participants', '{user_id,status,request_id,attendance_status,attendance_marked_by,attendance_notes}',
    'registrations; of who marked them only whether it was they themselves',
    'deleted with the account; where they marked others, their number stays'),
  ('attendance', '{user_id,status,feedback_text}', 'answers', 'deleted with the account'),
  ('event_notification_preferences', '{user_id,frequency}', 'questions',
    'deleted with the account; a stop stays in erased_stops'),
  ('category_preferences', '{user_id,category,channel}', 'mail_choices',
    'deleted with the account; a stop stays in erased_stops'),
  ('notifications', '{user_id,type,title,body}', 'notifications', 'deleted with the account'),
  ('scheduled_notifications',
    '{notification_id,user_id,kind,notify_type,state,cause,last_error,message,message_to}',
    'messages_waiting; the mail itself comes to them', 'taken back; the log keeps the numbers'),
  ('notification_log', '{notification_id,user_id,kind,notify_type,state,cause,last_error}', 'messages',
    'the numbers stay, as the ledger; last_error is emptied'),
  ('notification_pushes', '{notification_id,payload}', 'messages: sent_at', 'stays: numbers only'),
  ('address_refusals', '{user_id}', 'address_refusals', 'deleted with the account; a suppression stays in erased_addresses'),
  ('access_log', '{user_id,action,what,subject,request_id}', 'access', 'stays: numbers and addresses of pages only'),
  ('org_changes', '{user_id,actor_id,what,setting,before,after,request_id}', 'changes; of whom they changed only that they did',
    'stays: numbers, roles and settings of organisations only'),
  ('event_attendance_audit',
    '{user_id,actor_id,action,previous_status,new_status,reason_code,reason_hash,dedupe_key,request_id,prev_hash,hash}',
    'audit; of whom they acted for only that they did', 'stays: numbers and status words only, chained'),
  ('calendar_uploads', '{user_id,name,entries,refused,verdicts,imported_by}',
    'calendars; the events in them are the organisation''s', 'deleted, when they handed it in'),
  ('data_downloads', '{user_id}', 'downloads', 'deleted with the account'),
  ('planning_position', '{user_id}', 'no: up to whom the last run of the sweep came', 'stays: a number'),
  ('delivery_channels', '{channel,outage_why,failing}', 'no: whose mail the relay took last; messages has it',
    'stays: numbers, and what the relay said about itself'),
  ('erased_addresses', '{hash,suppressed_cause}', 'no: who has an account is not in it',
    'made: a keyed hash of the address, where something was stopped or refused'),
  ('erased_stops', '{category,channel}', 'no: who has an account is not in it', 'made: what was stopped'),
  ('organizations', '{slug,name,timezone,logo,postal_address,join,prompt_audience,second_prompt}',
    'no: the organisation''s', 'stays: the organisation''s'),
  ('events', '{uid,title,description,location,url,timezone,status}', 'no: the organisation''s', 'stays: the organisation''s'),
  ('event_series', '{uid,rule,zone,title,description,location,url,status}', 'no: the organisation''s',
    'stays: the organisation''s'),
  ('event_attendance_audit_head', '{hash}', 'no: about no person', 'stays: about no person'),
  ('notification_categories', '{category,quiet_hours,expires}', 'no: about no person', 'stays: about no person'),
  ('notification_kinds', '{kind,category,template}', 'no: about no person', 'stays: about no person'),
  ('timezones', '{name}', 'no: about no person', 'stays: about no person'),
  ('windows_zones', '{name,zone}', 'no: about no person', 'stays: about no person'),
  ('personal_data', '{relation,columns,downloaded,erased}', 'no: about no person', 'stays: about no person');

-- What outlives an account: that an address refused mail, or stopped some.

create table erased_addresses (
  id bigint generated always as identity primary key,
  hash bytea not null unique check (length(hash) = 32),
  suppressed_at timestamptz,
  suppressed_cause text check (suppressed_cause ~ '^([0-9.]{1,20}|refused)$'),
  erased_at timestamptz not null default app_now(),
  check ((suppressed_at is null) = (suppressed_cause is null))
);

create table erased_stops (
  erased_address_id bigint not null references erased_addresses on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  category text not null references notification_categories,
  channel text not null check (channel in ('email', 'push', 'inbox')),
  primary key (erased_address_id, org_id, category, channel)
);

create index erased_stops_org on erased_stops (org_id);

comment on table erased_addresses is
  'Addresses of people who had themselves erased, where something was stopped or refused: when somebody is made with such '
  'an address again, restore_stops() gives it to them, and the row goes.';
comment on column erased_addresses.hash is
  'Of the address in lower case, under the newest key there was: only the programs have the keys, so that the database '
  'alone cannot tell whose it is.';
comment on table erased_stops is 'Category prompt: no questions; any other: no mail of that category.';

alter table sign_in_requests
  add column erased_address_id bigint references erased_addresses on delete set null;
create index sign_in_requests_erased on sign_in_requests (erased_address_id) where erased_address_id is not null;
comment on column sign_in_requests.erased_address_id is 'What the address had stopped before, for whom the button makes.';

-- What a person did and had done to them is found by their number.
create index org_changes_about on org_changes (user_id);
create index org_changes_actor on org_changes (actor_id) where actor_id is not null;
create index event_attendance_audit_actor on event_attendance_audit (actor_id) where actor_id <> user_id;

-- Whom the log tells of may be gone: the number stays.
alter table access_log drop constraint access_log_user_id_fkey;

create function find_erased(p_hashes bytea) returns bigint
  language sql stable
  return (
    select a.id
    from erased_addresses a
    where a.hash in (
      select substring(p_hashes from 32 * (n.place - 1) + 1 for 32)
      from generate_series(1, length(p_hashes) / 32) as n(place)
    )
    order by a.id
    limit 1
  );

comment on function find_erased(bytea) is
  'p_hashes: those of one address under each key, newest first, 32 bytes each, one after another.';

create function remember_stops(p_user bigint, p_hashes bytea) returns void
  language plpgsql
as $$
declare
  v_user users;
  v_address bigint := find_erased(p_hashes);
begin
  select * into v_user from users where id = p_user;
  if v_user.suppressed_at is null
    and not exists (select from event_notification_preferences where user_id = p_user and frequency = 'none')
    and not exists (select from category_preferences where user_id = p_user and not wanted)
  then
    return;
  end if;
  delete from erased_addresses where id = v_address;
  insert into erased_addresses (hash, suppressed_at, suppressed_cause, erased_at)
  values (
    substring(p_hashes from 1 for 32),
    v_user.suppressed_at,
    case when v_user.suppressed_at is not null then
      coalesce(substring(v_user.suppressed_cause from '^[0-9.]{1,20}$'), 'refused')
    end,
    app_now()
  )
  returning id into v_address;
  insert into erased_stops (erased_address_id, org_id, category, channel)
  select v_address, p.org_id, 'prompt', 'email'
  from event_notification_preferences p
  where p.user_id = p_user and p.frequency = 'none'
  union
  select v_address, p.org_id, p.category, p.channel
  from category_preferences p
  where p.user_id = p_user and not p.wanted;
end
$$;

create function restore_stops(p_user bigint, p_address bigint, p_suppressed boolean) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  update users u
  set suppressed_at = a.suppressed_at, suppressed_cause = a.suppressed_cause, updated_at = v_now
  from erased_addresses a
  where a.id = p_address
    and a.suppressed_at is not null
    and p_suppressed
    and u.id = p_user
    and u.suppressed_at is null;
  insert into event_notification_preferences (user_id, org_id, frequency, created_at, updated_at)
  select p_user, s.org_id, 'none', v_now, v_now
  from erased_stops s
  where s.erased_address_id = p_address and s.category = 'prompt'
  on conflict (user_id, org_id) do update set frequency = 'none', updated_at = v_now;
  insert into category_preferences (user_id, org_id, category, channel, wanted, created_at, updated_at)
  select p_user, s.org_id, s.category, s.channel, false, v_now, v_now
  from erased_stops s
  where s.erased_address_id = p_address and s.category <> 'prompt'
  on conflict (user_id, org_id, category, channel) do update set wanted = false, updated_at = v_now;
  delete from erased_addresses where id = p_address;
end
$$;

comment on function restore_stops(bigint, bigint, boolean) is
  'What the address stopped before is stopped for the person again, who can change it; p_suppressed: and the address is '
  'left alone, if it was.';

create function know_address(p_email text, p_hashes bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_address bigint := find_erased(p_hashes);
begin
  if v_address is not null then
    perform restore_stops(u.id, v_address, true) from users u where lower(u.email) = lower(p_email);
  end if;
end
$$;

comment on function know_address(text, bytea) is
  'To be called, in the same transaction, by whoever may have made somebody with the address.';

create function know_addresses(p_people jsonb) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if exists (select from erased_addresses) then
    perform know_address(p.email, decode(p.hashes, 'hex'))
    from jsonb_to_recordset(p_people) as p(email text, hashes text);
  end if;
end
$$;

comment on function know_addresses(jsonb) is 'The same for many: [{email, hashes}], the hashes in hex.';

create function know_asker(p_hashes bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_address bigint := find_erased(p_hashes);
  v_request bigint;
begin
  if v_address is null then
    return;
  end if;
  update sign_in_requests r
  set erased_address_id = v_address
  where r.id = (
      select max(asked.id) from sign_in_requests asked where asked.email_hash = substring(p_hashes from 1 for 32)
    )
    and r.created_at = v_now
    and r.email is not null
  returning r.id into v_request;
  -- As for who has an account: one that refused gets a link a day.
  if exists (select from erased_addresses where id = v_address and suppressed_at is not null)
    and exists (
      select from sign_in_requests r
      where r.erased_address_id = v_address
        and r.id <> v_request
        and r.created_at > v_now - interval '1 day'
    )
  then
    perform finish_unleased(array_agg(q.id), 'skipped', array_agg(text 'suppressed'))
    from scheduled_notifications q
    where q.sign_in_request_id = v_request;
  end if;
end
$$;

comment on function know_asker(bytea) is
  'To be called, in the same transaction, after join_ask(): whom the mailed button will make has what the address stopped.';

create function restore_joiner() returns trigger
  language plpgsql
as $$
begin
  perform restore_stops(new.id, r.erased_address_id, false)
  from (
    select distinct r.erased_address_id
    from sign_in_requests r
    where r.erased_address_id is not null
      and lower(r.email) = lower(new.email)
  ) r;
  return null;
end
$$;

comment on function restore_joiner() is 'The mail with the button arrived: the address is left alone no longer.';

create trigger users_restore_joiner
  after insert on users
  for each row execute function restore_joiner();

-- Everything about a person, as one JSON document.

create table data_downloads (
  user_id bigint not null references users on delete cascade,
  at timestamptz not null default app_now()
);

create index data_downloads_user on data_downloads (user_id, at);

comment on table data_downloads is 'Of the last hour, when there were some: five an hour are enough.';

create function both_times(p_at timestamptz, p_zone text) returns jsonb
  language sql stable parallel safe
  return case when p_at is not null then
    jsonb_build_object('utc', to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'local', iso_time(p_at, p_zone))
  end;

create function who_text(p_actor bigint, p_user bigint) returns text
  language sql immutable parallel safe
  return case when p_actor is null then 'nobody: the service' when p_actor = p_user then 'you' else 'somebody else' end;

create function own_account(p_user bigint, p_zone text) returns jsonb
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
      'downloads', (
        select coalesce(jsonb_agg(both_times(d.at, p_zone) order by d.at), '[]') from data_downloads d where d.user_id = p_user
      )
    );
  end;

create function own_events(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    with named as (
      select
        e.id,
        jsonb_build_object(
          'title', e.title, 'organisation', o.name, 'starts_at', both_times(e.starts_at, p_zone), 'number', e.id
        ) as event
      from events e
      join organizations o on o.id = e.org_id
      where e.id in (
        select v.event_id from event_views v where v.user_id = p_user
        union
        select p.event_id from event_participants p where p.user_id = p_user
        union
        select a.event_id from attendance a where a.user_id = p_user
      )
    )
    select jsonb_build_object(
      'viewed_events', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'event', n.event, 'at', both_times(v.viewed_at, p_zone)
        ) order by v.viewed_at, v.event_id), '[]')
        from event_views v
        join named n on n.id = v.event_id
        where v.user_id = p_user
      ),
      'registrations', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'event', n.event, 'status', p.status, 'created_at', both_times(p.created_at, p_zone),
          'updated_at', both_times(p.updated_at, p_zone), 'request', p.request_id,
          'door', jsonb_build_object(
            'status', p.attendance_status, 'at', both_times(p.attendance_marked_at, p_zone),
            'by', case when p.attendance_marked_at is not null then who_text(p.attendance_marked_by, p_user) end,
            'notes', p.attendance_notes, 'updated_at', both_times(p.attendance_updated_at, p_zone)
          )
        ) order by p.id), '[]')
        from event_participants p
        join named n on n.id = p.event_id
        where p.user_id = p_user
      ),
      'answers', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'event', n.event, 'status', a.status, 'answered_at', both_times(a.responded_at, p_zone),
          'rating', a.feedback_rating, 'words', a.feedback_text,
          'feedback_at', both_times(a.feedback_submitted_at, p_zone),
          'shown_to_fellow_members', a.show_on_profile, 'shown_to_other_teams', a.show_to_other_orgs,
          'created_at', both_times(a.created_at, p_zone), 'updated_at', both_times(a.updated_at, p_zone)
        ) order by a.created_at, a.event_id), '[]')
        from attendance a
        join named n on n.id = a.event_id
        where a.user_id = p_user
      ),
      'audit', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'event_number', a.event_id, 'place_in_chain', a.seq, 'action', a.action,
          'of', case when a.user_id = p_user then 'you' else 'somebody else' end, 'by', who_text(a.actor_id, p_user),
          'before', case when a.user_id = p_user then a.previous_status end,
          'after', case when a.user_id = p_user then a.new_status end,
          'reason', a.reason_code, 'request', case when a.actor_id = p_user then a.request_id end,
          'at', both_times(a.performed_at, p_zone)
        ) order by a.org_id, a.seq), '[]')
        from event_attendance_audit a
        left join organizations o on o.id = a.org_id
        where a.user_id = p_user or (a.actor_id = p_user and a.actor_id <> a.user_id)
      )
    );
  end;

create function own_messages(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'questions', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'how_often', p.frequency, 'created_at', both_times(p.created_at, p_zone),
          'updated_at', both_times(p.updated_at, p_zone)
        ) order by p.id), '[]')
        from event_notification_preferences p
        join organizations o on o.id = p.org_id
        where p.user_id = p_user
      ),
      'mail_choices', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'category', p.category, 'channel', p.channel, 'wanted', p.wanted,
          'created_at', both_times(p.created_at, p_zone), 'updated_at', both_times(p.updated_at, p_zone)
        ) order by p.id), '[]')
        from category_preferences p
        join organizations o on o.id = p.org_id
        where p.user_id = p_user
      ),
      'notifications', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', n.id, 'organisation', o.name, 'event_number', n.event_id, 'type', n.type,
          'prompt_number', n.prompt_number, 'title', n.title, 'body', n.body,
          'created_at', both_times(n.created_at, p_zone), 'read_at', both_times(n.read_at, p_zone),
          'answered_at', both_times(n.responded_at, p_zone)
        ) order by n.id), '[]')
        from notifications n
        join organizations o on o.id = n.org_id
        where n.user_id = p_user
      ),
      'messages_waiting', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', q.notification_id, 'organisation', o.name, 'kind', q.kind, 'event_number', q.event_id,
          'why', q.notify_type, 'prompt_number', q.prompt_number, 'to', q.message_to,
          'due_at', both_times(q.scheduled_for, p_zone), 'not_before', both_times(q.not_before, p_zone),
          'expires_at', both_times(q.expires_at, p_zone), 'held_because', q.cause, 'tries', q.retry_count,
          'last_error', q.last_error, 'first_tried_at', both_times(q.first_attempt_at, p_zone)
        ) order by q.id), '[]')
        from scheduled_notifications q
        left join organizations o on o.id = q.org_id
        where q.user_id = p_user
      ),
      'messages', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', l.notification_id, 'organisation', o.name, 'kind', l.kind, 'event_number', l.event_id,
          'why', l.notify_type, 'prompt_number', l.prompt_number, 'due_at', both_times(l.scheduled_for, p_zone),
          'outcome', l.state, 'cause', l.cause, 'reply_code', l.reply_code, 'last_error', l.last_error,
          'tries', l.retry_count, 'first_tried_at', both_times(l.first_attempt_at, p_zone),
          'decided_at', both_times(l.processed_at, p_zone), 'sent_at', both_times(s.created_at, p_zone)
        ) order by l.id), '[]')
        from notification_log l
        left join organizations o on o.id = l.org_id
        left join notification_pushes s on s.notification_id = l.notification_id
        where l.user_id = p_user
      ),
      'address_refusals', (
        select coalesce(jsonb_agg(r.refused_on order by r.refused_on), '[]') from address_refusals r where r.user_id = p_user
      ),
      'access', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'action', a.action, 'page', a.what, 'number', a.subject, 'request', a.request_id,
          'at', both_times(a.at, p_zone)
        ) order by a.id), '[]')
        from access_log a
        left join organizations o on o.id = a.org_id
        where a.user_id = p_user
      ),
      'calendars', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'file', c.name, 'bytes', c.size, 'events_new', c.new_count,
          'events_changed', c.changed_count, 'events_unchanged', c.unchanged_count, 'events_refused', c.refused_count,
          'handed_in_by', who_text(c.user_id, p_user), 'handed_in_at', both_times(c.created_at, p_zone),
          'imported_at', both_times(c.imported_at, p_zone)
        ) order by c.id), '[]')
        from calendar_uploads c
        join organizations o on o.id = c.org_id
        where c.user_id = p_user or c.imported_by = p_user
      )
    );
  end;

create function own_data(p_user bigint) returns jsonb
  language sql stable
  begin atomic
    select
      jsonb_build_object(
        'about', jsonb_build_object(
          'what', 'Everything that Rollcall keeps about one person', 'version', 1, 'timezone', z.zone,
          'made_at', both_times(app_now(), z.zone)
        )
      )
      || own_account(p_user, z.zone)
      || own_events(p_user, z.zone)
      || own_messages(p_user, z.zone)
    from user_zone(p_user) as z(zone);
  end;

comment on function own_data(bigint) is
  'Everything about a person and nothing of others: of those whom they acted for, or who acted for them, only that it was '
  'somebody else. The names of its sections stay; personal_data says which tables are in which.';

create function take_own_data(p_session bytea) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_taken int;
  v_again timestamptz;
begin
  -- One at a time, so that five are five.
  perform from users where id = v_user for no key update;
  delete from data_downloads where user_id = v_user and at <= v_now - interval '1 hour';
  select count(*), min(at) + interval '1 hour' into v_taken, v_again from data_downloads where user_id = v_user;
  if v_taken >= 5 then
    raise exception using errcode = 'RC429', message = 'data_often',
      detail = greatest(1, ceil(extract(epoch from v_again - v_now)))::int::text;
  end if;
  insert into data_downloads (user_id, at) values (v_user, v_now);
  return jsonb_pretty(own_data(v_user));
end
$$;

comment on function take_own_data(bytea) is
  'own_data() of who is signed in, indented; five times an hour. RC429''s detail: the seconds until it may be asked again.';

-- Being forgotten.

create function only_admin_of(p_user bigint) returns table (org_id bigint, org_slug text, org_name text, others bigint)
  language sql stable
  begin atomic
    select o.id, o.slug, o.name, (select count(*) - 1 from memberships m where m.org_id = o.id)
    from memberships m
    join organizations o on o.id = m.org_id
    where m.user_id = p_user
      and m.role = 'admin'
      and not exists (
        select from memberships other
        where other.org_id = o.id and other.role = 'admin' and other.user_id <> p_user
      )
    order by o.name, o.id;
  end;

create function own_last_admin(p_session bytea) returns table (org_slug text, org_name text, others bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select a.org_slug, a.org_name, a.others
    from live_sessions s
    cross join lateral only_admin_of(s.user_id) a
    where s.hash = p_session;
end
$$;

comment on function own_last_admin(bytea) is
  'Organisations that would be without an admin if who is signed in were erased, and how many others are in them.';

create function forget_address(p_email text) returns void
  language sql
  begin atomic
    delete from sign_in_requests where lower(email) = lower(p_email);
  end;

comment on function forget_address(text) is 'What was asked for an address by, or in the name of, nobody yet.';

create function news_change(p_notification_id text) returns bigint
  language sql immutable parallel safe
  return case when p_notification_id like 'responder-%' then split_part(p_notification_id, '-', 2)::bigint end;

comment on function news_change(text) is 'The row of org_changes that a responder-CHANGE-USER tells of.';

create function forget_in_mail(p_user bigint) returns void
  language plpgsql
as $$
declare
  v_row scheduled_notifications;
begin
  -- The queue first: who sends holds a row of it and then asks for the person.
  for v_row in select * from scheduled_notifications where user_id = p_user for update loop
    v_row.last_error := null;
    perform finish_notification(v_row, 'cancelled', 'erased', null, null);
  end loop;
  update notification_log set last_error = null where user_id = p_user and last_error is not null;

  -- Mail to others that tells of them: about them it is not sent any more; by
  -- them it is written anew. Whoever sends it now finds their lease gone.
  for v_row in
    select q.*
    from scheduled_notifications q
    where q.notification_id like 'responder-%'
      and exists (select from org_changes c where c.id = news_change(q.notification_id) and c.user_id = p_user)
    for update
  loop
    perform finish_notification(v_row, 'cancelled', 'erased', null, null);
  end loop;
  update scheduled_notifications q
  set message = null, lease_id = null, lease_until = null
  where q.notification_id like 'responder-%'
    and exists (select from org_changes c where c.id = news_change(q.notification_id) and c.actor_id = p_user);
end
$$;

create function erase_me(p_session bytea, p_hashes bytea, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  -- Admins of one organisation take turns, so that there is always one.
  perform from (
    select o.id
    from organizations o
    join memberships m on m.org_id = o.id
    where m.user_id = v_user and m.role = 'admin'
    order by o.id
    for no key update of o
  ) turns;
  if exists (select from only_admin_of(v_user)) then
    raise exception using errcode = 'RC409', message = 'last_admin_erased';
  end if;

  perform act_as(v_user, p_request_id);
  perform forget_in_mail(v_user);
  perform remember_stops(v_user, p_hashes);
  perform forget_address(email) from users where id = v_user;
  delete from calendar_uploads where user_id = v_user;
  delete from users where id = v_user;
end
$$;

comment on function erase_me(bytea, bytea, text) is
  'No name, address or text of who is signed in remains, but a keyed hash of the address when it stopped or refused mail. '
  'p_hashes as find_erased() has them. Refused for the last admin of an organisation.';

grant execute on function
  take_own_data(bytea),
  own_last_admin(bytea),
  erase_me(bytea, bytea, text),
  know_asker(bytea)
  to rollcall_member;
grant execute on function know_address(text, bytea) to rollcall_staff, rollcall_ctl;
grant execute on function know_addresses(jsonb) to rollcall_ctl;

commit;
