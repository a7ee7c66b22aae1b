-- Revert rollcall:ledger from pg

begin;

drop function
  own_messages(bytea, timestamptz, bigint, int),
  team_plans(bytea, text, int),
  team_waiting(bytea, text, text, timestamptz, bigint, int),
  team_suppressed(bytea, text, timestamptz, bigint, int),
  send_message_again(bytea, text, bigint, text),
  messages_about(bytea, text, bigint),
  team_message_kinds(bytea, text),
  team_message_causes(bytea, text),
  team_messages(bytea, text, bigint, text, text, text, date, date, timestamptz, bigint, int),
  can_send_again(notification_log),
  useful_until(notification_log),
  kinds_named(text),
  hidden_kinds(bigint, bigint);

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

grant execute on function own_messages(bytea, timestamptz, bigint, int) to rollcall_member;

create or replace function mail_person_again(p_session bytea, p_slug text, p_person bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (require_team(p_session, p_slug, 'staff')).org_id;
begin
  if not exists (select from memberships where org_id = v_org and user_id = p_person) then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return lift_suppression(p_person);
end
$$;

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
  end;
$$;

-- What this kept of who did what stays: no row of it is ever taken away.
alter table org_changes
  drop constraint org_changes_what_check,
  add constraint org_changes_what_check
    check (what in ('added', 'role', 'responder', 'removed', 'setting')) not valid;

create index notification_log_org on notification_log (org_id, processed_at);
drop index
  notification_log_time,
  notification_log_kind,
  notification_log_unsent,
  notification_log_cause,
  notification_log_bounced,
  scheduled_notifications_org,
  scheduled_notifications_kind,
  users_suppressed_since;

commit;
