-- Deploy rollcall:board to pg
-- What the responders of an organisation see of those who asked it to watch
-- over them. What they do stands in alerts.

begin;

create function team_watch(p_session bytea, p_slug text, p_most int)
  returns table (
    person_id bigint, person_name text, alert_level text, alert_text text, is_overdue boolean, is_paused boolean,
    paused_text text, next_at text, next_text text, next_span text, claimed_name text, is_mine boolean, is_seen boolean,
    is_unreachable boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    select
      u.id, u.name, s.alert_level, say_time(s.alert_triggered_at, z.zone),
      not w.is_paused and coalesce(s.next_due <= v_now, false),
      w.is_paused, say_time(m.paused_until, z.zone),
      iso_time(s.next_due, z.zone), say_time(s.next_due, z.zone), say_span(v_now, s.next_due),
      c.name, coalesce(a.claimed_by = t.user_id, false), coalesce(a.ack_until > v_now, false),
      u.suppressed_at is not null
    from team_org(p_session, p_slug, 'responder') t
    cross join lateral watch_zone(t.user_id, t.org_id) as z(zone)
    join monitoring m on m.org_id = t.org_id and m.stopped_at is null and m.user_id <> t.user_id
    cross join lateral (select coalesce(m.paused_until > v_now, false) as is_paused) w
    join users u on u.id = m.user_id
    join user_status s on s.user_id = m.user_id
    left join alerts a on a.user_id = m.user_id and a.org_id = m.org_id and a.closed_at is null
    left join users c on c.id = a.claimed_by
    order by s.alert_level desc nulls last, w.is_paused, s.next_due, u.name, u.id
    limit p_most;
end
$$;

comment on function team_watch(bytea, text, int) is
  'Everyone who is watched over there but the responder who asks, the highest level first, then who is due first; who '
  'pauses comes last. is_seen: no further up for now.';

create function team_watched(p_session bytea, p_slug text, p_person bigint)
  returns table (org_id bigint, actor_id bigint, person_id bigint, is_watched boolean, zone text)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  return query
    select t.org_id, t.user_id, m.user_id, m.stopped_at is null, watch_zone(t.user_id, t.org_id)
    from team_org(p_session, p_slug, 'responder') t
    join monitoring m on m.org_id = t.org_id and m.user_id = p_person
    join memberships o on o.org_id = m.org_id and o.user_id = m.user_id
    where m.user_id <> t.user_id;
end
$$;

comment on function team_watched(bytea, text, bigint) is
  'Whom a responder may look at: a member who named that organisation; not themselves. Of who has stopped it, '
  'that they have, and nothing else.';

create function team_watch_person(p_session bytea, p_slug text, p_person bigint)
  returns table (
    person_id bigint, person_name text, is_watched boolean, stopped_text text, interval_hours int, preferred_time text,
    is_paused boolean, paused_text text, last_at text, last_text text, next_at text, next_text text, next_span text,
    is_overdue boolean, alert_level text, alert_at text, alert_text text, step_text text, claimed_name text,
    claimed_text text, is_mine boolean, seen_name text, seen_text text, quiet_text text, is_unreachable boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    select
      u.id, u.name, t.is_watched, say_time(m.stopped_at, t.zone), m.interval_hours, to_char(m.preferred_time, 'HH24:MI'),
      coalesce(m.paused_until > v_now, false), say_time(m.paused_until, t.zone),
      iso_time(s.last_check_in, t.zone), say_time(s.last_check_in, t.zone),
      iso_time(s.next_due, t.zone), say_time(s.next_due, t.zone), say_span(v_now, s.next_due),
      coalesce(s.next_due <= v_now, false),
      s.alert_level, iso_time(s.alert_triggered_at, t.zone), say_time(s.alert_triggered_at, t.zone),
      say_time(a.step_due_at, t.zone), c.name, say_time(a.claimed_at, t.zone), coalesce(a.claimed_by = t.actor_id, false),
      k.name, say_time(a.acknowledged_at, t.zone), case when a.ack_until > v_now then say_time(a.ack_until, t.zone) end,
      u.suppressed_at is not null
    from team_watched(p_session, p_slug, p_person) t
    join users u on u.id = t.person_id
    join monitoring m on m.user_id = t.person_id
    left join user_status s on s.user_id = t.person_id and t.is_watched
    left join alerts a on a.user_id = t.person_id and a.org_id = t.org_id and a.closed_at is null
    left join users c on c.id = a.claimed_by
    left join users k on k.id = a.acknowledged_by;
end
$$;

comment on function team_watch_person(bytea, text, bigint) is
  'How somebody is, and who looks after it. step_text: when the next level is due at the latest; quiet_text: until when a '
  'responder has stopped that. Of who has stopped it, only is_watched and stopped_text mean something.';

create function team_watch_contacts(p_session bytea, p_slug text, p_person bigint)
  returns table (place bigint, name text, state text, is_suppressed boolean)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select row_number() over (order by c.priority), c.name, c.state, contact_is_suppressed(c)
    from team_watched(p_session, p_slug, p_person) t
    join monitoring_contacts c on c.user_id = t.person_id and c.org_id = t.org_id and c.state <> 'removed'
    where t.is_watched
    order by c.priority;
end
$$;

comment on function team_watch_contacts(bytea, text, bigint) is 'Whom somebody named, the first first, without their addresses.';

create function team_watch_steps(p_session bytea, p_slug text, p_person bigint, p_most int)
  returns table (
    id bigint, alert_id bigint, level text, kind text, name text, is_person boolean, is_contact boolean, at text, at_text text,
    left_text text, outcome text, cause text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      e.id, e.alert_id, e.level, e.kind, coalesce(c.name, r.name),
      e.kind in ('watch_due', 'watch_soon', 'watch_told'), e.kind in ('watch_contact', 'watch_clear'),
      iso_time(e.at, t.zone), say_time(e.at, t.zone), say_time(e.left_at, t.zone), e.outcome, e.cause
    from team_watched(p_session, p_slug, p_person) t
    join alert_steps e on e.user_id = t.person_id and e.org_id = t.org_id
    left join monitoring_contacts c on c.id = e.contact_id
    left join users r on r.id = e.responder_id
    where t.is_watched
    order by e.id desc
    limit p_most;
end
$$;

comment on function team_watch_steps(bytea, text, bigint, int) is
  'What was to be sent to whom, the last first, and what became of it (outcome null: on its way). name is null for the '
  'person, and for who is not there any more.';

create function team_watch_alerts(p_session bytea, p_slug text, p_person bigint, p_most int)
  returns table (
    id bigint, level text, began_at text, began_text text, ended_text text, close_cause text, closed_name text, close_note text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      a.id, a.level, iso_time(a.triggered_at, t.zone), say_time(a.triggered_at, t.zone), say_time(a.closed_at, t.zone),
      a.close_cause, c.name, a.close_note
    from team_watched(p_session, p_slug, p_person) t
    join alerts a on a.user_id = t.person_id and a.org_id = t.org_id and a.closed_at is not null
    left join users c on c.id = a.closed_by
    where t.is_watched
    order by a.id desc
    limit p_most;
end
$$;

comment on function team_watch_alerts(bytea, text, bigint, int) is 'Those that are over, the last first, and how they ended.';

create function team_watch_activities(p_session bytea, p_slug text, p_person bigint, p_most int)
  returns table (id bigint, type text, description text, at text, at_text text, by_name text, to_name text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      a.id, a.type, a.description, iso_time(a."timestamp", t.zone), say_time(a."timestamp", t.zone), b.name, g.name
    from team_watched(p_session, p_slug, p_person) t
    join activities a on a.user_id = t.person_id and a.org_id = t.org_id
    left join users b on b.id = (a.metadata ->> 'by')::bigint
    left join users g on g.id = (a.metadata ->> 'to')::bigint
    where t.is_watched
    order by a."timestamp" desc, a.id desc
    limit p_most;
end
$$;

comment on function team_watch_activities(bytea, text, bigint, int) is
  'What happened, the last first: of that organisation alone, whoever else watched over them before.';

create function team_watch_others(p_session bytea, p_slug text, p_person bigint)
  returns table (user_id bigint, name text, is_self boolean)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select u.id, u.name, u.id = t.actor_id
    from team_watched(p_session, p_slug, p_person) t
    join alerts a on a.user_id = t.person_id and a.org_id = t.org_id and a.closed_at is null
    join memberships m on m.org_id = t.org_id and m.responder and m.user_id <> t.person_id
    join users u on u.id = m.user_id
    where m.user_id is distinct from a.claimed_by
    order by u.name, u.id;
end
$$;

comment on function team_watch_others(bytea, text, bigint) is 'The responders to whom an open alert can be handed over.';

grant execute on function
  team_watch(bytea, text, int),
  team_watch_person(bytea, text, bigint),
  team_watch_contacts(bytea, text, bigint),
  team_watch_steps(bytea, text, bigint, int),
  team_watch_alerts(bytea, text, bigint, int),
  team_watch_activities(bytea, text, bigint, int),
  team_watch_others(bytea, text, bigint)
  to rollcall_staff;

commit;
