-- Deploy rollcall:ledger to pg
-- What became of each message, as the team reads it: why one did not come, who
-- is not written to any more, and what comes next. The indexes come first,
-- while messages go on.

set client_min_messages = warning;

drop index if exists notification_log_time;
create index concurrently notification_log_time on notification_log (org_id, processed_at, id);
drop index if exists notification_log_kind;
create index concurrently notification_log_kind on notification_log (org_id, kind, processed_at, id);
drop index if exists notification_log_unsent;
create index concurrently notification_log_unsent on notification_log (org_id, state, processed_at, id)
  where state <> 'sent';
drop index if exists notification_log_cause;
create index concurrently notification_log_cause on notification_log (org_id, cause, processed_at, id)
  where state <> 'sent';
drop index if exists notification_log_bounced;
create index concurrently notification_log_bounced on notification_log (org_id, processed_at, id)
  where bounced_at is not null;
drop index if exists scheduled_notifications_org;
create index concurrently scheduled_notifications_org on scheduled_notifications (org_id, not_before, id);
drop index if exists scheduled_notifications_kind;
create index concurrently scheduled_notifications_kind on scheduled_notifications (org_id, kind, not_before, id);
drop index if exists users_suppressed_since;
create index concurrently users_suppressed_since on users (suppressed_at, id) where suppressed_at is not null;

begin;

drop index notification_log_org;

-- Who did what, kept with the rest of what is done to people.

alter table org_changes
  drop constraint org_changes_what_check,
  add constraint org_changes_what_check
    check (what in ('added', 'role', 'responder', 'removed', 'setting', 'message', 'mail'));

create or replace function change_text(p_change org_changes) returns text
  language sql stable
as $$
  select case (p_change).what
    when 'added' then
      case when (p_change).actor_id is null then 'Came in as ' else 'Added as ' end
      || lower(role_text((p_change).after))
    when 'role' then
      format('Role changed from %s to %s', lower(role_text((p_change).before)), lower(role_text((p_change).after)))
    when 'responder' then
      case (p_change).after when 'yes' then 'Made a responder' else 'No longer a responder' end
    when 'removed' then 'Removed'
    when 'setting' then 'Setting changed'
    when 'message' then 'A refused message put in line again'
    when 'mail' then 'Mailed again, after their address had refused mail'
  end;
$$;

create or replace function mail_person_again(p_session bytea, p_slug text, p_person bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record := require_team(p_session, p_slug, 'staff');
  v_cause text;
begin
  if not exists (select from memberships where org_id = v_team.org_id and user_id = p_person) then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  select u.suppressed_cause into v_cause from users u where u.id = p_person;
  if not lift_suppression(p_person) then
    return false;
  end if;
  perform act_as(v_team.user_id, null), record_change(v_team.org_id, p_person, 'mail', null, left(v_cause, 100), null);
  return true;
end
$$;

-- The ledger.

create function hidden_kinds(p_org bigint, p_user bigint) returns text[]
  language sql stable
  begin atomic
    select coalesce(array_agg(k.kind), '{}')
    from notification_kinds k
    where k.category in ('watch', 'watch_person', 'care')
      and not exists (select from memberships m where m.org_id = p_org and m.user_id = p_user and m.responder);
  end;

comment on function hidden_kinds(bigint, bigint) is
  'Kinds of message of which somebody of the team may not know that anybody got them: only responders see whom the '
  'organisation watches over or cares for.';

create function kinds_named(p_what text) returns text[]
  language sql stable
  begin atomic
    select coalesce(array_agg(k.kind), '{}') from notification_kinds k where k.kind = p_what or k.category = p_what;
  end;

comment on function kinds_named(text) is 'That kind of message, or those of that category; none for any other word.';

create function useful_until(p_log notification_log) returns timestamptz
  language plpgsql stable
as $$
begin
  return (
    select case
      when c.category = 'prompt' then e.effective_end + interval '14 days'
      when c.category not in ('event', 'shift') then null
      when s.id is not null then
        case (p_log).notify_type
          when 'start_15' then s.start_at
          when 'end' then s.end_at + interval '30 minutes'
          else s.end_at
        end
      when c.category = 'event' then e.starts_at
      else (p_log).created_at + interval '3 days'
    end
    from notification_kinds k
    join notification_categories c using (category)
    left join events e on e.id = (p_log).event_id and e.deleted_at is null
    left join duty_schedules s on s.id = (p_log).schedule_id
    where k.kind = (p_log).kind
  );
end
$$;

comment on function useful_until(notification_log) is
  'Until when a message that was refused may be sent again by hand; null: never, as links to sign in, which are asked for '
  'anew, digests, whose questions are sent again one by one, and all that is nobody''s but the responders'' to send.';

create function can_send_again(p_log notification_log) returns boolean
  language plpgsql stable
as $$
begin
  return (p_log).state = 'dead'
    and coalesce(useful_until(p_log) > app_now(), false)
    and not exists (select from scheduled_notifications q where q.notification_id = (p_log).notification_id)
    and not exists (select from notification_pushes p where p.notification_id = (p_log).notification_id)
    and not exists (
      select from notification_log l where l.notification_id = (p_log).notification_id and l.id > (p_log).id
    )
    and exists (
      select from memberships m where m.user_id = (p_log).user_id and m.org_id = (p_log).org_id
    );
end
$$;

create function team_messages(
  p_session bytea, p_slug text, p_person bigint, p_what text, p_state text, p_cause text, p_from date, p_to date,
  p_before timestamptz, p_before_id bigint, p_most int
)
  returns table (
    id bigint, at timestamptz, kind text, prompt_number int, user_id bigint, user_name text, is_member boolean,
    event_id bigint, event_title text, schedule_id bigint, shift_title text, state text, cause text, reply_code int,
    why text, tries int, due timestamptz, bounced_at timestamptz, channel text, push_cause text, can_again boolean,
    zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_zone text;
  v_where text;
begin
  select t.org_id, t.user_id, t.role = 'admin' as is_admin into v_team from team_org(p_session, p_slug, 'staff') t;
  if not found then
    return;
  end if;
  v_zone := user_zone(v_team.user_id);
  v_where := concat(
    'l.org_id = $1 and l.kind <> all ($2)',
    case
      when p_person is not null then
        ' and l.user_id = $3
          and (l.kind <> ''join'' or exists (select from memberships j where j.org_id = $1 and j.user_id = $3))'
    end,
    case when p_state = 'bounced' then ' and l.bounced_at is not null' when p_state is not null then ' and l.state = $5' end,
    case when p_cause is not null then ' and l.cause = $6' end,
    case when p_state in ('skipped', 'expired', 'cancelled', 'dead') or p_cause <> 'in_digest' then ' and l.state <> ''sent''' end,
    case when p_from is not null then ' and l.processed_at >= $7::timestamp at time zone $12' end,
    case when p_to is not null then ' and l.processed_at < ($8 + 1)::timestamp at time zone $12' end,
    case when p_before is not null then ' and (l.processed_at, l.id) < ($9, $10)' end
  );
  -- Made for what is asked, so that each way of asking is planned by itself.
  return query execute concat(
    'select
      m.id, m.processed_at, m.kind, m.prompt_number,
      case when m.kind <> ''join'' or h.user_id is not null then m.user_id end,
      case when m.kind <> ''join'' or h.user_id is not null then u.name end,
      h.user_id is not null, e.id, e.title, s.id, s.title, m.state, m.cause, m.reply_code, m.last_error, m.retry_count,
      m.scheduled_for, m.bounced_at, m.channel, case when m.push_state = ''dead'' then m.push_cause end,
      $13 and $11 <= 100 and m.state = ''dead'' and can_send_again((select r from notification_log r where r.id = m.id)), $12
    from (
      select l.*
      from ',
    case
      when p_what is null then 'notification_log l where ' || v_where
      when p_person is not null then 'notification_log l where l.kind = any ($4) and ' || v_where
      -- Of each kind the last, by its index, however rare it is.
      else concat(
        'unnest($4) as w(kind)
        cross join lateral (
          select * from notification_log l where l.kind = w.kind and ', v_where,
          ' order by l.processed_at desc, l.id desc limit $11
        ) l'
      )
    end,
    ' order by l.processed_at desc, l.id desc
      limit $11
    ) m
    left join users u on u.id = m.user_id
    left join memberships h on h.user_id = m.user_id and h.org_id = m.org_id
    left join events e on e.id = m.event_id and e.org_id = m.org_id and e.deleted_at is null
    left join duty_schedules s on s.id = m.schedule_id and s.org_id = m.org_id
    order by m.processed_at desc, m.id desc'
  ) using
    v_team.org_id, hidden_kinds(v_team.org_id, v_team.user_id), p_person, kinds_named(p_what), p_state, p_cause, p_from,
    p_to, p_before, p_before_id, p_most, v_zone, v_team.is_admin;
end
$$;

comment on function team_messages(bytea, text, bigint, text, text, text, date, date, timestamptz, bigint, int) is
  'What became of the organisation''s messages, the last first, after that one when it is given: to that person, of that '
  'kind or category, in that state (bounced: sent, and came back), with that cause, decided from that day of the '
  'reader''s on, up to that day. What is null leaves nothing out. push_cause: why it was mailed after all. can_again: an '
  'admin may send it again; never, when more than a hundred are asked for. Of who asked to join nothing is said, whether '
  'they have an account or not, until they are a member.';

create function messages_about(p_session bytea, p_slug text, p_person bigint)
  returns table (person_name text, is_admin boolean, waiting bigint, suppressed bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      coalesce(p.name, 'someone who was erased'),
      t.role = 'admin',
      (
        select count(*)
        from (select from scheduled_notifications q where q.org_id = t.org_id limit 1000) w
      ),
      (
        select count(*)
        from (
          select
          from users u
          join memberships m on m.user_id = u.id and m.org_id = t.org_id
          where u.suppressed_at is not null
          limit 1000
        ) r
      )
    from team_org(p_session, p_slug, 'staff') t
    left join users p on p.id = p_person
    where p_person is null
      or exists (select from memberships m where m.user_id = p_person and m.org_id = t.org_id)
      or exists (
        select from notification_log l where l.user_id = p_person and l.org_id = t.org_id and l.kind <> 'join'
      );
end
$$;

comment on function messages_about(bytea, text, bigint) is
  'Whose messages are asked for, and how many wait and how many people are not written to, a thousand at most. No row: not '
  'for this person, or the other one is not of this organisation.';

create function team_message_kinds(p_session bytea, p_slug text) returns table (kind text, category text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select k.kind, k.category
    from team_org(p_session, p_slug, 'staff') t
    join notification_kinds k on k.kind <> all (hidden_kinds(t.org_id, t.user_id))
    where k.kind not in ('sign_in', 'address_change', 'address_changed')
    order by k.category, k.kind;
end
$$;

comment on function team_message_kinds(bytea, text) is
  'Kinds of message that an organisation sends, and whoever asks may know of; the others are between us and the person.';

create function team_message_causes(p_session bytea, p_slug text) returns table (cause text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (select t.org_id from team_org(p_session, p_slug, 'staff') t);
begin
  return query
    -- From one to the next by the index, however many messages each has.
    with recursive found as (
      select (
        select l.cause from notification_log l
        where l.org_id = v_org and l.state <> 'sent' and l.cause is not null
        order by l.cause limit 1
      ) as cause
      union all
      select (
        select l.cause from notification_log l
        where l.org_id = v_org and l.state <> 'sent' and l.cause > f.cause
        order by l.cause limit 1
      )
      from found f
      where f.cause is not null
    )
    select f.cause from found f where f.cause is not null;
end
$$;

create function send_message_again(p_session bytea, p_slug text, p_id bigint, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_team record := require_team(p_session, p_slug, 'admin');
  v_log notification_log;
begin
  select * into v_log
  from notification_log
  where id = p_id
    and org_id = v_team.org_id
    and kind <> all (hidden_kinds(v_team.org_id, v_team.user_id));
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif not can_send_again(v_log) then
    raise exception using errcode = 'RC409', message = 'message_over';
  elsif exists (select from users where id = v_log.user_id and suppressed_at is not null) then
    raise exception using errcode = 'RC409', message = 'message_suppressed';
  end if;
  -- Whom and what it names stays until this is committed, first prompt or not.
  perform from users where id = v_log.user_id for key share;
  if not found then
    raise exception using errcode = 'RC409', message = 'message_over';
  end if;
  perform from events where id = v_log.event_id for key share;
  if not found and v_log.event_id is not null then
    raise exception using errcode = 'RC409', message = 'message_over';
  end if;
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
    scheduled_for, not_before, expires_at, created_at
  )
  select
    v_log.notification_id, v_log.org_id, v_log.kind, c.urgency, v_log.event_id, v_log.schedule_id, v_log.user_id,
    v_log.notify_type, v_log.prompt_number, v_log.revision, v_log.scheduled_for, v_now, useful_until(v_log), v_now
  from notification_kinds k
  join notification_categories c using (category)
  where k.kind = v_log.kind
  on conflict (notification_id) do nothing;
  if not found then
    raise exception using errcode = 'RC409', message = 'message_over';
  end if;
  perform act_as(v_team.user_id, p_request_id);
  perform record_change(v_team.org_id, v_log.user_id, 'message', null, null, v_log.id::text);
  notify rollcall_queue, '';
end
$$;

comment on function send_message_again(bytea, text, bigint, text) is
  'Puts a message that the mail server refused in line once more, under the name it had: it is looked at again before it '
  'leaves, and leaves once. Who did so is kept.';

create function team_suppressed(
  p_session bytea, p_slug text, p_before timestamptz, p_before_id bigint, p_most int
)
  returns table (id bigint, name text, email text, since timestamptz, cause text, zone text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select u.id, u.name, case when t.role = 'admin' then u.email end, u.suppressed_at, u.suppressed_cause, z.zone
    from team_org(p_session, p_slug, 'staff') t
    cross join user_zone(t.user_id) as z(zone)
    join memberships m on m.org_id = t.org_id
    join users u on u.id = m.user_id
    where u.suppressed_at is not null
      and (p_before is null or (u.suppressed_at, u.id) < (p_before, p_before_id))
    order by u.suppressed_at desc, u.id desc
    limit p_most;
end
$$;

comment on function team_suppressed(bytea, text, timestamptz, bigint, int) is
  'People of the organisation whose address refused mail for good, the last first; the address for its admins only.';

-- What comes next.

create function team_waiting(
  p_session bytea, p_slug text, p_what text, p_after timestamptz, p_after_id bigint, p_most int
)
  returns table (
    id bigint, at timestamptz, is_leaving boolean, kind text, prompt_number int, user_id bigint, user_name text,
    is_member boolean, event_id bigint, event_title text, schedule_id bigint, shift_title text, cause text, tries int,
    why text, expires_at timestamptz, zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_team record;
  v_after text := case when p_after is not null then ' and (q.not_before, q.id) > ($6, $7)' end;
begin
  select t.org_id, user_zone(t.user_id) as zone, hidden_kinds(t.org_id, t.user_id) as hidden into v_team
  from team_org(p_session, p_slug, 'staff') t;
  if not found then
    return;
  end if;
  return query execute concat(
    'select
      m.id, m.not_before, coalesce(m.lease_until > $1, false), m.kind, m.prompt_number,
      case when m.kind <> ''join'' or h.user_id is not null then m.user_id end,
      case when m.kind <> ''join'' or h.user_id is not null then u.name end,
      h.user_id is not null, e.id, e.title, s.id, s.title, m.cause, m.retry_count, m.last_error, m.expires_at, $2
    from (
      select q.*
      from ',
    case
      when p_what is null then
        'scheduled_notifications q where q.org_id = $3 and q.kind <> all ($4)' || coalesce(v_after, '')
      -- Of each kind the next, as in team_messages().
      else concat(
        'unnest($5) as w(kind)
        cross join lateral (
          select * from scheduled_notifications q
          where q.org_id = $3 and q.kind = w.kind and q.kind <> all ($4)', v_after,
          ' order by q.not_before, q.id limit $8
        ) q'
      )
    end,
    ' order by q.not_before, q.id
      limit $8
    ) m
    left join users u on u.id = m.user_id
    left join memberships h on h.user_id = m.user_id and h.org_id = m.org_id
    left join events e on e.id = m.event_id and e.org_id = m.org_id and e.deleted_at is null
    left join duty_schedules s on s.id = m.schedule_id and s.org_id = m.org_id
    order by m.not_before, m.id'
  ) using v_now, v_team.zone, v_team.org_id, v_team.hidden, kinds_named(p_what), p_after, p_after_id, p_most;
end
$$;

comment on function team_waiting(bytea, text, text, timestamptz, bigint, int) is
  'What waits in the organisation''s queue, the next first, after that one when it is given; of that kind or category. Of '
  'who asks to join as in team_messages().';

create function team_plans(p_session bytea, p_slug text, p_most int)
  returns table (
    kind text, at timestamptz, event_id bigint, event_title text, schedule_id bigint, shift_title text, people int,
    zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_to timestamptz := v_now + interval '72 hours';
  v_org organizations;
  v_zone text;
begin
  select o.* into v_org
  from team_org(p_session, p_slug, 'staff') t
  join organizations o on o.id = t.org_id;
  if not found then
    return;
  end if;
  v_zone := (select user_zone(t.user_id) from team_org(p_session, p_slug, 'staff') t);
  return query
    with plan as (
      (
        select 'attendance_prompt' as kind, due.at, e.id as event, e.title, null::bigint as shift, null::text as duty
        from events e
        cross join lateral (
          select prompt_due(e.effective_end, e.all_day, safe_zone(coalesce(e.timezone, v_org.timezone)))
        ) as due(at)
        where e.org_id = v_org.id
          and e.effective_end > v_now - interval '2 days'
          and e.effective_end <= v_to
          and e.effective_end >= v_org.prompts_since
          and e.status not in ('draft', 'cancelled')
          and e.deleted_at is null
          and due.at > v_now
          -- Whole days are planned when they end, to leave in the morning.
          and not (e.all_day and e.effective_end <= v_now)
          and due.at <= v_to
        order by due.at, e.id
        limit p_most
      )
      union all
      (
        select 'shift_start', s.start_at - interval '15 minutes', null, null, s.id, s.title
        from duty_schedules s
        where s.org_id = v_org.id
          and s.status = 'active'
          and s.start_at > v_now + interval '15 minutes'
          and s.start_at <= v_to + interval '15 minutes'
        order by s.start_at, s.id
        limit p_most
      )
      union all
      (
        select 'shift_end', s.end_at, null, null, s.id, s.title
        from duty_schedules s
        where s.org_id = v_org.id
          and s.status = 'active'
          and s.start_at > v_now - interval '48 hours'
          and s.start_at <= v_to
          and s.end_at > v_now
          and s.end_at <= v_to
        order by s.end_at, s.id
        limit p_most
      )
    )
    select
      p.kind, p.at, p.event, p.title, p.shift, p.duty,
      case
        when p.event is not null then cardinality(prompt_audience(p.event, v_org.prompt_audience, 0, 1000))
        else (
          select count(*)::int from duty_assignments a where a.schedule_id = p.shift and a.status = 'assigned'
        )
      end,
      v_zone
    from (select * from plan order by plan.at, plan.event, plan.shift limit p_most) p
    order by p.at, p.event, p.shift;
end
$$;

comment on function team_plans(bytea, text, int) is
  'What will be planned within 72 hours and is not in the queue yet, the next first: whom it is about is settled when it '
  'is due, so people are those as of now, and of a question a thousand at most.';

-- A person's own: what it is about, and that it came back.

drop function own_messages(bytea, timestamptz, bigint, int);

create function own_messages(p_session bytea, p_before timestamptz, p_before_id bigint, p_most int)
  returns table (
    id bigint, at timestamptz, kind text, event_id bigint, event_title text, shift_title text, shift_at timestamptz,
    org_name text, prompt_number int, state text, cause text, reason text, reply_code int, bounced_at timestamptz,
    channel text, can_stop boolean, zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := (select s.user_id from live_sessions s where s.hash = p_session);
begin
  return query
    with message as (
      (
        select
          q.id, q.not_before as at, q.kind, q.notify_type, q.event_id, q.schedule_id, q.org_id, q.prompt_number,
          case when q.lease_until > app_now() then 'leaving' else 'waiting' end as state,
          q.cause, null::int as reply_code, null::timestamptz as bounced_at, q.channel
        from scheduled_notifications q
        where q.user_id = v_user
          and (p_before is null or (q.not_before, q.id) < (p_before, coalesce(p_before_id, 0)))
        order by q.not_before desc, q.id desc
        limit p_most
      )
      union all
      (
        select
          l.id, l.processed_at, l.kind, l.notify_type, l.event_id, l.schedule_id, l.org_id, l.prompt_number,
          l.state, l.cause, l.reply_code, l.bounced_at, l.channel
        from notification_log l
        where l.user_id = v_user
          and (p_before is null or (l.processed_at, l.id) < (p_before, coalesce(p_before_id, 0)))
        order by l.processed_at desc, l.id desc
        limit p_most
      )
      order by at desc, id desc
      limit p_most
    )
    select
      m.id,
      m.at,
      m.kind,
      e.id,
      e.title,
      s.title,
      s.start_at,
      o.name,
      m.prompt_number,
      m.state,
      m.cause,
      message_reason(m.kind, m.notify_type, m.prompt_number, v_user, m.event_id),
      m.reply_code,
      m.bounced_at,
      m.channel,
      stoppable_category(m.kind) is not null,
      z.zone
    from message m
    cross join user_zone(v_user) as z(zone)
    left join events e on e.id = m.event_id and e.deleted_at is null and e.status <> 'draft'
    left join duty_schedules s on s.id = m.schedule_id
    left join organizations o on o.id = m.org_id
    order by m.at desc, m.id desc;
end
$$;

comment on function own_messages(bytea, timestamptz, bigint, int) is
  'What was planned for whoever is signed in, and what became of it, the last first: what waits at the time it may go '
  'at, the rest when it was decided. None for nobody.';

grant execute on function own_messages(bytea, timestamptz, bigint, int) to rollcall_member;
grant execute on function
  team_messages(bytea, text, bigint, text, text, text, date, date, timestamptz, bigint, int),
  messages_about(bytea, text, bigint),
  team_message_kinds(bytea, text),
  team_message_causes(bytea, text),
  send_message_again(bytea, text, bigint, text),
  team_suppressed(bytea, text, timestamptz, bigint, int),
  team_waiting(bytea, text, text, timestamptz, bigint, int),
  team_plans(bytea, text, int)
  to rollcall_staff;

commit;
