-- Deploy rollcall:decisions to pg
-- Why a message came, or did not: the person's own part of what is kept about
-- each.

begin;

create function message_reason(p_kind text, p_notify_type text, p_prompt_number int, p_user bigint, p_event bigint)
  returns text
  language plpgsql stable
as $$
begin
  return case
    when p_kind <> 'attendance_prompt' then p_kind
    when p_notify_type = 'snooze' then 'asked_for'
    when p_prompt_number = 2 then 'second'
    when in_prompt_audience(p_event, p_user, 'participants') then 'registered'
    when in_prompt_audience(p_event, p_user, 'viewers') then 'viewed'
    else 'was_in_audience'
  end;
end
$$;

comment on function message_reason(text, text, int, bigint, bigint) is
  'Why somebody is meant to get a message: its kind, and of questions what made them one of those who are asked.';

create function own_messages(p_session bytea, p_before timestamptz, p_before_id bigint, p_most int)
  returns table (
    id bigint, at timestamptz, kind text, event_id bigint, event_title text, org_name text, prompt_number int,
    state text, cause text, reason text, reply_code int, can_stop boolean, zone text
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
          q.id, q.not_before as at, q.kind, q.notify_type, q.event_id, q.org_id, q.prompt_number,
          case when q.lease_until > app_now() then 'leaving' else 'waiting' end as state,
          q.cause, null::int as reply_code
        from scheduled_notifications q
        where q.user_id = v_user
          and (p_before is null or (q.not_before, q.id) < (p_before, coalesce(p_before_id, 0)))
        order by q.not_before desc, q.id desc
        limit p_most
      )
      union all
      (
        select
          l.id, l.processed_at, l.kind, l.notify_type, l.event_id, l.org_id, l.prompt_number,
          l.state, l.cause, l.reply_code
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
      o.name,
      m.prompt_number,
      m.state,
      m.cause,
      message_reason(m.kind, m.notify_type, m.prompt_number, v_user, m.event_id),
      m.reply_code,
      stoppable_category(m.kind) is not null,
      z.zone
    from message m
    cross join user_zone(v_user) as z(zone)
    left join events e on e.id = m.event_id and e.deleted_at is null and e.status <> 'draft'
    left join organizations o on o.id = m.org_id
    order by m.at desc, m.id desc;
end
$$;

comment on function own_messages(bytea, timestamptz, bigint, int) is
  'What was planned for whoever is signed in, and what became of it, the last first: what waits at the time it may go '
  'at, the rest when it was decided. None for nobody.';

create function not_asked_cause(p_session bytea, p_event bigint) returns text
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := (select s.user_id from live_sessions s where s.hash = p_session);
begin
  return (
    select case
      when e.status = 'cancelled' then null
      when o.prompts_since is null or e.effective_end < o.prompts_since then 'prompts_off'
      when not in_prompt_audience(e.id, v_user, o.prompt_audience) then 'not_in_audience'
      else coalesce(
        nullif(prompt_refusal(e.status, f.frequency, u.suppressed_at, a.status), 'answered'),
        (
          select l.cause
          from notification_log l
          where l.notification_id = format('prompt-%s-%s-1-r%s', e.id, v_user, e.revision)
          order by l.id desc
          limit 1
        )
      )
    end
    from users u
    join events e on e.id = p_event
    join organizations o on o.id = e.org_id
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = e.org_id
    left join attendance a on a.user_id = u.id and a.event_id = e.id
    where u.id = v_user
      -- An hour for the event to become a question, and a day where it is
      -- one of whole days.
      and e.effective_end + case when e.all_day then interval '1 day' else interval '1 hour' end < app_now()
      and a.responded_at is null
      and not exists (
        select from notifications n
        where n.user_id = v_user and n.event_id = e.id and n.type = 'attendance_prompt'
      )
      and not exists (
        select from scheduled_notifications q
        where q.user_id = v_user and q.event_id = e.id
      )
  );
end
$$;

comment on function not_asked_cause(bytea, bigint) is
  'Why whoever is signed in was not asked about an event that is over; null when they were, or will be, or have '
  'answered. The caller has decided that they may see the event.';

grant execute on function
  own_messages(bytea, timestamptz, bigint, int),
  not_asked_cause(bytea, bigint)
  to rollcall_member;

commit;
