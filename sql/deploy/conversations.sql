-- Deploy rollcall:conversations to pg
-- What a member and the responders of an organisation write to each other. It
-- is told by mail that there is something to read, never what.

begin;

create table talk_messages (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  user_id bigint not null references users on delete cascade,
  author_id bigint not null references users on delete cascade,
  body text not null
    check (length(body) <= 2000 and body ~ '[^[:space:]]' and body !~ E'[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]'),
  created_at timestamptz not null default app_now(),
  read_at timestamptz
);

create index talk_messages_talk on talk_messages (user_id, org_id, id);
create index talk_messages_org on talk_messages (org_id);
create index talk_messages_author on talk_messages (author_id);
create index talk_messages_created on talk_messages (created_at);
create index talk_messages_unread on talk_messages (org_id, user_id) where read_at is null;

comment on table talk_messages is
  'user_id is the member, whose conversation with the organisation''s responders it is; author_id the member, or the '
  'responder who wrote. Pruned after a year.';
comment on column talk_messages.read_at is
  'When the other side said that they had read it: the member, or any one of the responders.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('talk_messages', '{user_id,author_id,body}', 'conversations', 'deleted with the account of either: of who wrote, and of whom it is with');

-- Who may talk to whom ---------------------------------------------------------------

create function is_watched(p_user bigint, p_org bigint) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (
    select from monitoring w
    where w.user_id = p_user
      and w.stopped_at is null
      and (p_org is null or w.org_id = p_org)
  );
end
$$;

comment on function is_watched(bigint, bigint) is 'Whether the person agreed to check in there (null: anywhere), also while that pauses.';

create function has_talk(p_user bigint, p_org bigint) returns boolean
  language plpgsql stable
as $$
begin
  return exists (select from talk_messages t where t.user_id = p_user and t.org_id = p_org);
end
$$;

create function unread_talk(p_user bigint) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select count(*)
    from memberships m
    join talk_messages t on t.org_id = m.org_id and t.user_id = m.user_id
    where m.user_id = p_user
      and t.read_at is null
      and t.author_id <> p_user
  );
end
$$;

comment on function unread_talk(bigint) is 'How much responders wrote to somebody that they have not read.';

create function own_talks(p_session bytea, p_slug text)
  returns table (org_id bigint, slug text, org_name text, can_write boolean, has_any boolean, unread bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      o.id,
      o.slug,
      o.name,
      w.can_write,
      w.has_any,
      (
        select count(*) from talk_messages t
        where t.org_id = o.id and t.user_id = s.user_id and t.read_at is null and t.author_id <> s.user_id
      )
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    cross join lateral (
      select has_responder(o.id, s.user_id) as can_write, has_talk(s.user_id, o.id) as has_any
    ) w
    where s.hash = p_session
      and (p_slug is null or o.slug = p_slug)
      and (w.can_write or w.has_any)
    order by w.has_any desc, o.name, o.id;
end
$$;

comment on function own_talks(bytea, text) is
  'The organisations whose responders whoever is signed in can write to, or has written with, or that one.';

create function team_talk_person(p_session bytea, p_slug text, p_person bigint)
  returns table (org_id bigint, actor_id bigint, person_id bigint, person_name text, zone text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select t.org_id, t.user_id, u.id, u.name, user_zone(t.user_id)
    from team_org(p_session, p_slug, 'responder') t
    join memberships m on m.org_id = t.org_id and m.user_id = p_person
    join users u on u.id = m.user_id
    where u.id <> t.user_id
      and (is_watched(u.id, t.org_id) or has_talk(u.id, t.org_id));
end
$$;

comment on function team_talk_person(bytea, text, bigint) is
  'Whom a responder may write with: members who are watched over, or who wrote first; not themselves.';

-- What is there ----------------------------------------------------------------------

create function talk_seen(p_org bigint, p_user bigint, p_by_team boolean, p_zone text, p_before bigint, p_most int)
  returns table (
    id bigint, body text, author_name text, is_own boolean, at text, at_text text, read_text text, is_unread boolean,
    is_out boolean
  )
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  return query
    select
      t.id,
      t.body,
      a.name,
      t.author_id = p_user,
      iso_time(t.created_at, p_zone),
      say_time(t.created_at, p_zone),
      say_time(t.read_at, p_zone),
      t.read_at is null and (t.author_id = p_user) = p_by_team,
      (t.author_id = p_user) <> p_by_team
    from talk_messages t
    join users a on a.id = t.author_id
    where t.user_id = p_user
      and t.org_id = p_org
      and (p_before is null or t.id < p_before)
    order by t.id desc
    limit p_most;
end
$$;

comment on function talk_seen(bigint, bigint, boolean, text, bigint, int) is
  'A conversation, the last first, as one side reads it: is_own, by the member; is_out, by the side that reads; '
  'is_unread, to them and not read yet.';

create function own_talk(p_session bytea, p_slug text, p_before bigint, p_most int)
  returns table (
    id bigint, body text, author_name text, is_own boolean, at text, at_text text, read_text text, is_unread boolean,
    is_out boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select seen.*
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id and o.slug = p_slug
    cross join lateral talk_seen(o.id, s.user_id, false, user_zone(s.user_id), p_before, p_most) seen
    where s.hash = p_session;
end
$$;

create function team_talk(p_session bytea, p_slug text, p_person bigint, p_before bigint, p_most int)
  returns table (
    id bigint, body text, author_name text, is_own boolean, at text, at_text text, read_text text, is_unread boolean,
    is_out boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select seen.*
    from team_talk_person(p_session, p_slug, p_person) p
    cross join lateral talk_seen(p.org_id, p.person_id, true, p.zone, p_before, p_most) seen;
end
$$;

-- The mail that says that there is something ------------------------------------------

create function talk_message_of(p_notification_id text) returns bigint
  language sql immutable parallel safe
  return case when p_notification_id like 'talk-%' then split_part(p_notification_id, '-', 2)::bigint end;

comment on function talk_message_of(text) is 'The message that a talk-MESSAGE-USER tells of.';

create function talk_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when m.user_id is null then 'removed'
      when t.id is null then 'erased'
      when t.user_id <> u.id and not m.responder then 'not_responder'
      when t.read_at is not null then 'read'
    end
    from users u
    left join memberships m on m.user_id = u.id and m.org_id = (p_row).org_id
    left join talk_messages t on t.id = talk_message_of((p_row).notification_id)
    where u.id = (p_row).user_id
  );
end
$$;

create function talk_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'is_member', coalesce(t.user_id = u.id, false),
      'person_id', t.user_id
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    left join talk_messages t on t.id = talk_message_of((p_row).notification_id)
    where u.id = (p_row).user_id
  );
end
$$;

comment on function talk_display(scheduled_notifications) is 'Neither what was written nor who wrote it: mail is read by others too.';

-- One person writes to another, in the night too when it has to be.
insert into notification_kinds (kind, category, template, recheck, display) values
  ('talk_news', 'watch', 'mail_talk', 'talk_recheck', 'talk_display');

create function tell_talk(p_message talk_messages) returns void
  language plpgsql
as $$
declare
  v_by_member boolean := p_message.author_id = p_message.user_id;
begin
  -- Of several in a row the first is told, and after an hour once more.
  if exists (
    select from talk_messages t
    where t.user_id = p_message.user_id
      and t.org_id = p_message.org_id
      and t.id < p_message.id
      and t.read_at is null
      and (t.author_id = t.user_id) = v_by_member
      and t.created_at > p_message.created_at - interval '1 hour'
  ) then
    return;
  end if;
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, user_id, notify_type, scheduled_for, not_before, expires_at, created_at
  )
  select
    format('talk-%s-%s', p_message.id, m.user_id), p_message.org_id, k.kind, c.urgency, m.user_id,
    case when v_by_member then 'to_team' else 'to_member' end,
    p_message.created_at, p_message.created_at, p_message.created_at + interval '7 days', p_message.created_at
  from memberships m
  cross join notification_kinds k
  join notification_categories c using (category)
  where m.org_id = p_message.org_id
    and k.kind = 'talk_news'
    and m.user_id <> p_message.author_id
    and case when v_by_member then m.responder else m.user_id = p_message.user_id end
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

comment on function tell_talk(talk_messages) is
  'Tells the other side, the member or all responders, that there is something to read. Not again within an hour of '
  'one that they have not read.';

-- Writing and reading ------------------------------------------------------------------

create function put_talk(p_org bigint, p_user bigint, p_author bigint, p_body text) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_message talk_messages;
begin
  if p_body is null or p_body !~ '[^[:space:]]' then
    raise exception using errcode = 'RC422', message = 'talk_empty', detail = 'body';
  elsif length(p_body) > 2000 then
    raise exception using errcode = 'RC422', message = 'talk_long', detail = 'body';
  elsif p_body ~ E'[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]' then
    raise exception using errcode = 'RC422', message = 'bad_text', detail = 'body';
  end if;
  -- Two presses of one button come one after the other.
  perform from memberships m where m.org_id = p_org and m.user_id = p_user for no key update;
  if exists (
    select from talk_messages t
    where t.user_id = p_user
      and t.org_id = p_org
      and t.author_id = p_author
      and t.body = p_body
      and t.created_at > v_now - interval '1 minute'
  ) then
    return;
  elsif (
    select count(*) from talk_messages t
    where t.user_id = p_user
      and t.org_id = p_org
      and t.author_id = p_author
      and t.created_at > v_now - interval '1 hour'
  ) >= 60 then
    raise exception using errcode = 'RC422', message = 'talk_often', detail = 'body';
  end if;
  insert into talk_messages (org_id, user_id, author_id, body, created_at)
  values (p_org, p_user, p_author, p_body, v_now)
  returning * into v_message;
  perform add_activity(
    p_user, p_org, 'conversation',
    case when p_author = p_user then 'Wrote to the responders' else 'A responder wrote' end,
    jsonb_build_object('message', v_message.id)
  );
  perform tell_talk(v_message);
end
$$;

comment on function put_talk(bigint, bigint, bigint, text) is
  'One message of a conversation, its activity, and the mail about it. The same words again within a minute are one press '
  'too many. 60 an hour.';

create function mark_talk_read(p_org bigint, p_user bigint, p_by_team boolean, p_last bigint) returns void
  language sql
  begin atomic
    update talk_messages
    set read_at = app_now()
    where user_id = p_user
      and org_id = p_org
      and id <= p_last
      and read_at is null
      and (author_id = user_id) = p_by_team;
  end;

comment on function mark_talk_read(bigint, bigint, boolean, bigint) is 'What the other side wrote, up to the newest that was shown.';

create function own_talk_org(p_session bytea, p_slug text, out org_id bigint, out user_id bigint)
  language plpgsql
as $$
begin
  user_id := require_session(p_session);
  org_id := (select t.org_id from own_talks(p_session, p_slug) t);
  if org_id is null or p_slug is null then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

create function say_talk(p_session bytea, p_slug text, p_body text, p_last bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := own_talk_org(p_session, p_slug);
begin
  if not has_responder(v_of.org_id, v_of.user_id) then
    raise exception using errcode = 'RC422', message = 'talk_nobody', detail = 'body';
  end if;
  perform mark_talk_read(v_of.org_id, v_of.user_id, false, p_last);
  perform put_talk(v_of.org_id, v_of.user_id, v_of.user_id, p_body);
end
$$;

comment on function say_talk(bytea, text, text, bigint) is
  'Whoever is signed in writes to the organisation''s responders. Who answers has read what was shown, up to p_last.';

create function read_talk(p_session bytea, p_slug text, p_last bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := own_talk_org(p_session, p_slug);
begin
  perform mark_talk_read(v_of.org_id, v_of.user_id, false, p_last);
end
$$;

create function require_talk_person(p_session bytea, p_slug text, p_person bigint, out org_id bigint, out actor_id bigint)
  language plpgsql
as $$
begin
  perform require_team(p_session, p_slug, 'responder');
  select p.org_id, p.actor_id into org_id, actor_id from team_talk_person(p_session, p_slug, p_person) p;
  if org_id is null then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

create function answer_talk(p_session bytea, p_slug text, p_person bigint, p_body text, p_last bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := require_talk_person(p_session, p_slug, p_person);
begin
  perform mark_talk_read(v_of.org_id, p_person, true, p_last);
  perform put_talk(v_of.org_id, p_person, v_of.actor_id, p_body);
end
$$;

comment on function answer_talk(bytea, text, bigint, text, bigint) is
  'A responder writes to a member who is watched over, or who wrote first.';

create function read_team_talk(p_session bytea, p_slug text, p_person bigint, p_last bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_of record := require_talk_person(p_session, p_slug, p_person);
begin
  perform mark_talk_read(v_of.org_id, p_person, true, p_last);
end
$$;

create function team_talks(p_session bytea, p_slug text, p_most int)
  returns table (person_id bigint, person_name text, unread bigint, at text, at_text text, zone text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select u.id, u.name, t.unread, iso_time(t.at, z.zone), say_time(t.at, z.zone), z.zone
    from team_org(p_session, p_slug, 'responder') r
    cross join lateral user_zone(r.user_id) as z(zone)
    join lateral (
      select
        n.user_id,
        count(*) filter (where n.read_at is null and n.author_id = n.user_id) as unread,
        coalesce(
          min(n.created_at) filter (where n.read_at is null and n.author_id = n.user_id), max(n.created_at)
        ) as at
      from talk_messages n
      where n.org_id = r.org_id
        and n.user_id <> r.user_id
      group by n.user_id
    ) t on true
    join memberships m on m.org_id = r.org_id and m.user_id = t.user_id
    join users u on u.id = m.user_id
    order by t.unread = 0, case when t.unread > 0 then t.at end, t.at desc, u.id
    limit p_most;
end
$$;

comment on function team_talks(bytea, text, int) is
  'Conversations as responders find them: first who waits to be read, the longest first (at: since when), then the others, '
  'the last first.';

create function waiting_talks(p_org bigint, p_user bigint) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select count(distinct t.user_id)
    from talk_messages t
    join memberships m on m.org_id = t.org_id and m.user_id = t.user_id
    where t.org_id = p_org
      and t.read_at is null
      and t.author_id = t.user_id
      and t.user_id <> p_user
  );
end
$$;

comment on function waiting_talks(bigint, bigint) is
  'How many wait for a responder to read what they wrote, but for p_user, who is one.';

-- What a person takes along, and what is not kept --------------------------------------

create function own_conversations(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'conversations', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'of', who_text(t.user_id, p_user), 'by', who_text(t.author_id, p_user), 'text', t.body,
          'at', both_times(t.created_at, p_zone), 'read_at', both_times(t.read_at, p_zone)
        ) order by t.id), '[]')
        from talk_messages t
        join organizations o on o.id = t.org_id
        where t.user_id = p_user or t.author_id = p_user
      )
    );
  end;

comment on function own_conversations(bigint, text) is
  'All of a conversation is told to whose it is; of others'', what they wrote as a responder.';

create function prune_talk(p_max int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_gone int;
begin
  delete from talk_messages
  where id in (
    select t.id
    from talk_messages t
    where t.created_at < app_now() - interval '1 year'
    order by t.created_at
    limit p_max
    for update skip locked
  );
  get diagnostics v_gone = row_count;
  return v_gone;
end
$$;

comment on function prune_talk(int) is 'Deletes up to p_max messages of conversations that are older than a year.';

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
      || own_reasons(p_user, z.zone)
      || own_door(p_user, z.zone)
      || own_ledger(p_user, z.zone)
      || own_mismatches(p_user, z.zone)
      || own_requests(p_user, z.zone)
      || own_shifts(p_user, z.zone)
      || own_offers(p_user, z.zone)
      || own_calendar(p_user, z.zone)
      || own_watched(p_user, z.zone)
      || own_conversations(p_user, z.zone)
    from user_zone(p_user) as z(zone);
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
  perform prune_talk(p_max);
  return next;
end
$$;

-- Who may call what.

grant execute on function unread_talk(bigint), is_watched(bigint, bigint) to rollcall_member, rollcall_staff;
grant execute on function
  own_talks(bytea, text),
  own_talk(bytea, text, bigint, int),
  say_talk(bytea, text, text, bigint),
  read_talk(bytea, text, bigint)
  to rollcall_member;
grant execute on function
  team_talk_person(bytea, text, bigint),
  team_talk(bytea, text, bigint, bigint, int),
  team_talks(bytea, text, int),
  waiting_talks(bigint, bigint),
  answer_talk(bytea, text, bigint, text, bigint),
  read_team_talk(bytea, text, bigint, bigint)
  to rollcall_staff;

commit;
