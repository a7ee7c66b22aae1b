-- Deploy rollcall:alerts to pg
-- Silence that is noticed: who is overdue, how far that went, and who was told
-- of it and of its end.

begin;

create table alerts (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  level text not null default 'L1' check (level in ('L1', 'L2', 'L3', 'L4')),
  triggered_at timestamptz not null default app_now(),
  level_at timestamptz not null default app_now(),
  left_at timestamptz,
  step_due_at timestamptz,
  claimed_by bigint references users on delete set null,
  claimed_at timestamptz,
  acknowledged_by bigint references users on delete set null,
  acknowledged_at timestamptz,
  ack_until timestamptz,
  closed_at timestamptz,
  closed_by bigint references users on delete set null,
  close_note text check (length(close_note) <= 2000),
  close_cause text check (close_cause in ('check_in', 'cancelled', 'closed', 'paused', 'stopped')),
  check ((closed_at is null) = (close_cause is null))
);

create unique index alerts_open on alerts (user_id) where closed_at is null;
create index alerts_step on alerts (step_due_at) where closed_at is null and level <> 'L4';
create index alerts_person on alerts (user_id, id);
create index alerts_org on alerts (org_id, id);
create index alerts_closed on alerts (closed_at) where closed_at is not null;
create index alerts_claimed on alerts (claimed_by) where claimed_by is not null;
create index alerts_acknowledged on alerts (acknowledged_by) where acknowledged_by is not null;
create index alerts_closer on alerts (closed_by) where closed_by is not null;

comment on table alerts is 'Each time that somebody who is watched over stayed silent, with how far it went and how it ended.';
comment on column alerts.left_at is 'When the first message of the level that it is at left; null: none has yet.';
comment on column alerts.step_due_at is 'When the next level is due at the latest, as alert_step_due() has it; null at L4.';
comment on column alerts.ack_until is 'A responder has seen it: it rises no further until then.';
comment on column alerts.close_cause is
  'check_in, or cancelled or paused or stopped by its person, or closed by a responder or because they left the organisation.';

create table alert_steps (
  id bigint generated always as identity primary key,
  alert_id bigint not null references alerts on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  user_id bigint not null references users on delete cascade,
  level text not null check (level in ('L1', 'L2', 'L3', 'L4', 'clear')),
  kind text not null references notification_kinds,
  at timestamptz not null default app_now(),
  contact_id bigint references monitoring_contacts on delete set null,
  responder_id bigint references users on delete set null,
  notification_id text collate "C" not null unique,
  generation int,
  failures int not null default 0,
  unsure boolean not null default false,
  left_at timestamptz,
  outcome text check (outcome in ('sent', 'skipped', 'expired', 'dead', 'cancelled')),
  cause text,
  covered_at timestamptz
);

create index alert_steps_alert on alert_steps (alert_id, id);
create index alert_steps_person on alert_steps (user_id);
create index alert_steps_org on alert_steps (org_id);
create index alert_steps_contact on alert_steps (contact_id) where contact_id is not null;
create index alert_steps_responder on alert_steps (responder_id) where responder_id is not null;
create index alert_steps_waiting on alert_steps (at)
  where outcome is null and covered_at is null and kind in ('watch_contact', 'watch_responder');

comment on table alert_steps is
  'What was to be sent to whom because of an alert, and whether it left: the trail that responders read. Neither contact nor '
  'responder: to the person. Level clear: that it is over.';
comment on column alert_steps.generation is 'Of the link to check in that it carries; null: none.';
comment on column alert_steps.failures is
  'Attempts that are known to have failed: of one that was begun oftener, nobody knows whether it arrived.';
comment on column alert_steps.unsure is 'It did not leave for certain, and may have arrived.';
comment on column alert_steps.outcome is 'Null: on its way.';
comment on column alert_steps.covered_at is 'When somebody else was told because this one was not out, or came to nothing.';

-- When the next level is due ------------------------------------------------------

create function watch_delay(p_org bigint, p_level text) returns interval
  language sql stable
  return (
    select make_interval(hours => case p_level
      when 'L1' then o.watch_l2_hours when 'L2' then o.watch_l3_hours when 'L3' then o.watch_l4_hours
    end)
    from organizations o
    where o.id = p_org
  );

create function alert_step_due(p_alert alerts) returns timestamptz
  language sql stable
as $$
  select case when (p_alert).level <> 'L4' then
    greatest(
      least((p_alert).left_at, (p_alert).level_at + interval '12 hours') + watch_delay((p_alert).org_id, (p_alert).level),
      (p_alert).ack_until
    )
  end;
$$;

comment on function alert_step_due(alerts) is
  'The delay of the organisation after the message of the level left, or 12 hours after the level where none did by then; '
  'and not while a responder has it.';

create function delays_changed() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update alerts a set step_due_at = alert_step_due(a) where a.org_id = new.id and a.closed_at is null;
  return null;
end
$$;

create trigger organizations_delays after update of watch_l2_hours, watch_l3_hours, watch_l4_hours on organizations
  for each row
  when ((new.watch_l2_hours, new.watch_l3_hours, new.watch_l4_hours)
    is distinct from (old.watch_l2_hours, old.watch_l3_hours, old.watch_l4_hours))
  execute function delays_changed();

-- Who is told ---------------------------------------------------------------------

insert into notification_kinds (kind, category, template, recheck, recipient, link, display, follow) values
  ('watch_due', 'watch_person', 'mail_watch_self', 'watch_self_recheck', null, 'watch_self_row', 'watch_self_display',
    'follow_watch'),
  ('watch_soon', 'watch_person', 'mail_watch_self', 'watch_self_recheck', null, 'watch_self_row', 'watch_self_display',
    'follow_watch'),
  ('watch_told', 'watch', 'mail_watch_self', 'watch_self_recheck', null, 'watch_self_row', 'watch_self_display',
    'follow_watch'),
  ('watch_contact', 'watch', 'mail_watch_contact', 'watch_contact_recheck', 'contact_recipient', 'contact_row',
    'watch_contact_display', 'follow_watch'),
  ('watch_responder', 'watch', 'mail_watch_responder', 'watch_responder_recheck', null, null, 'watch_responder_display',
    'follow_watch'),
  ('watch_clear', 'watch', 'mail_watch_clear', 'watch_clear_recheck', 'contact_recipient', 'contact_row',
    'watch_contact_display', 'follow_watch');

create function tell_of_alert(
  p_alert alerts, p_kind text, p_level text, p_tag text, p_user bigint, p_contact bigint
) returns boolean
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_id text := format('watch-%s-%s', p_alert.id, p_level) || p_tag;
  v_generation int;
begin
  if exists (select from alert_steps where notification_id = v_id) then
    return false;
  end if;
  if p_kind in ('watch_due', 'watch_soon', 'watch_told') then
    update monitoring set link_generation = link_generation + 1
    where user_id = p_alert.user_id
    returning link_generation into v_generation;
  end if;
  insert into alert_steps (
    alert_id, org_id, user_id, level, kind, at, contact_id, responder_id, notification_id, generation
  )
  values (
    p_alert.id, p_alert.org_id, p_alert.user_id, p_level, p_kind, v_now, p_contact,
    case p_kind when 'watch_responder' then p_user end, v_id, v_generation
  );
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, user_id, notify_type, scheduled_for, not_before, expires_at, created_at
  )
  select
    v_id, p_alert.org_id, k.kind, g.urgency, p_user, p_level, v_now, v_now, v_now + interval '14 days', v_now
  from notification_kinds k
  join notification_categories g using (category)
  where k.kind = p_kind;
  notify rollcall_queue, '';
  return true;
end
$$;

comment on function tell_of_alert(alerts, text, text, text, bigint, bigint) is
  'Queues one message of an alert, once, and notes that; false when that was done before. The caller holds the alert.';

create function tell_person(p_alert alerts) returns boolean
  language sql
as $$
  select tell_of_alert(
    p_alert, case (p_alert).level when 'L1' then 'watch_due' when 'L2' then 'watch_soon' else 'watch_told' end,
    (p_alert).level, '', (p_alert).user_id, null
  );
$$;

create function tell_contact(p_alert alerts, p_contact bigint) returns boolean
  language sql
as $$
  select tell_of_alert(p_alert, 'watch_contact', (p_alert).level, '-c' || p_contact, null, p_contact);
$$;

create function tell_watch_responders(p_alert alerts) returns int
  language plpgsql
as $$
begin
  return (
    select count(*) filter (
      where tell_of_alert(p_alert, 'watch_responder', p_alert.level, '-u' || m.user_id, m.user_id, null)
    )
    from memberships m
    join users u on u.id = m.user_id
    where m.org_id = p_alert.org_id
      and m.responder
      and u.suppressed_at is null
      -- Of themselves, they know.
      and m.user_id <> p_alert.user_id
  );
end
$$;

create function reachable_contacts(p_user bigint) returns setof monitoring_contacts
  language plpgsql stable
as $$
begin
  return query
    select c.*
    from monitoring_contacts c
    where c.user_id = p_user
      and c.state = 'consented'
      and not contact_is_suppressed(c)
    order by c.priority;
end
$$;

comment on function reachable_contacts(bigint) is 'Those who said yes and whose address takes mail, the first first.';

create function tell_next(p_alert alerts, p_step alert_steps) returns boolean
  language plpgsql
as $$
declare
  v_next bigint;
begin
  update alert_steps set covered_at = app_now() where id = p_step.id and covered_at is null;
  if not found then
    return false;
  end if;
  select c.id into v_next
  from reachable_contacts(p_alert.user_id) c
  where not exists (
    select from alert_steps s where s.alert_id = p_alert.id and s.contact_id = c.id and s.level in ('L3', 'L4')
  )
  limit 1;
  -- Before the third level contacts are not told.
  if v_next is not null and p_alert.level in ('L3', 'L4') then
    perform tell_contact(p_alert, v_next);
  end if;
  perform tell_watch_responders(p_alert);
  return true;
end
$$;

comment on function tell_next(alerts, alert_steps) is
  'In place of a message that is not out, or came to nothing: the first contact who was not told of the alert, and the '
  'responders; once for each such message.';

-- The steps -----------------------------------------------------------------------

create function raise_alert(p_user bigint) returns boolean
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_watch monitoring;
  v_status user_status;
  v_alert alerts;
begin
  -- The caller holds monitoring: what is read now stays so.
  select * into v_watch from monitoring where user_id = p_user;
  select * into v_status from user_status where user_id = p_user;
  if v_watch.stopped_at is not null
    or v_watch.paused_until > v_now
    or v_status.alert_level is not null
    or coalesce(v_status.next_due > v_now, true)
  then
    return false;
  end if;
  insert into alerts (user_id, org_id, triggered_at, level_at)
  values (p_user, v_watch.org_id, v_now, v_now)
  returning * into v_alert;
  update alerts set step_due_at = alert_step_due(v_alert) where id = v_alert.id;
  perform tell_person(v_alert);
  perform update_user_status(
    p_user, v_watch.org_id, v_status.last_check_in, v_status.next_due, 'L1', v_now, 'alert',
    'Overdue: reminded to check in', jsonb_build_object('alert', v_alert.id, 'level', 'L1')
  );
  return true;
end
$$;

create function climb_alert(p_alert bigint) returns text
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_alert alerts;
  v_status user_status;
  v_told int := 0;
  v_contacts int := 0;
begin
  select * into v_alert from alerts where id = p_alert for update;
  if v_alert.closed_at is not null or v_alert.level = 'L4' or coalesce(v_alert.step_due_at > v_now, true) then
    return null;
  end if;
  update alerts
  set
    level = case level when 'L1' then 'L2' when 'L2' then 'L3' else 'L4' end,
    level_at = v_now,
    left_at = null,
    ack_until = null
  where id = p_alert
  returning * into v_alert;
  update alerts set step_due_at = alert_step_due(v_alert) where id = p_alert;

  perform tell_person(v_alert);
  if v_alert.level in ('L3', 'L4') then
    select count(*) filter (where tell_contact(v_alert, c.id)) into v_contacts
    from (
      select r.id from reachable_contacts(v_alert.user_id) r
      limit case v_alert.level when 'L3' then 1 end
    ) c;
    if v_alert.level = 'L4' or v_contacts = 0 then
      v_told := tell_watch_responders(v_alert);
    end if;
  end if;
  select * into v_status from user_status where user_id = v_alert.user_id;
  perform update_user_status(
    v_alert.user_id, v_alert.org_id, v_status.last_check_in, v_status.next_due, v_alert.level, v_alert.triggered_at,
    'alert',
    case
      when v_alert.level = 'L2' then 'Still silent: reminded again'
      when v_alert.level = 'L3' and v_contacts > 0 then 'Still silent: the first contact is told'
      when v_alert.level = 'L3' then 'Still silent: the responders are told'
      when v_contacts > 0 then 'Still silent: all contacts and the responders are told'
      else 'Still silent: the responders are told again'
    end,
    jsonb_build_object('alert', v_alert.id, 'level', v_alert.level, 'contacts', v_contacts, 'responders', v_told)
  );
  return v_alert.level;
end
$$;

create function cover_step(p_step bigint) returns boolean
  language plpgsql
as $$
declare
  v_step alert_steps;
  v_alert alerts;
begin
  select * into v_step from alert_steps where id = p_step;
  select * into v_alert from alerts where id = v_step.alert_id for update;
  select * into v_step from alert_steps where id = p_step;
  return v_alert.closed_at is null
    and v_step.outcome is null
    and v_step.covered_at is null
    and tell_next(v_alert, v_step);
end
$$;

create function step_alerts(p_max int)
  returns table (l1 int, l2 int, l3 int, l4 int, covered int, cleared int, more boolean)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  -- By the indexes, whatever a plan that was made for empty tables thinks.
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_now timestamptz := app_now();
  v_row record;
  v_level text;
  v_seen int := 0;
begin
  l1 := 0;
  l2 := 0;
  l3 := 0;
  l4 := 0;
  covered := 0;
  -- Each is held by their row of monitoring; who is held by somebody else is
  -- looked at in the next run. Up before new, so that nobody takes two steps.
  for v_row in
    select a.id
    from alerts a
    join monitoring m on m.user_id = a.user_id
    where a.closed_at is null
      and a.level <> 'L4'
      and a.step_due_at <= v_now
    order by a.step_due_at, a.id
    limit p_max
    for update of m skip locked
  loop
    v_seen := v_seen + 1;
    v_level := climb_alert(v_row.id);
    l2 := l2 + coalesce(v_level = 'L2', false)::int;
    l3 := l3 + coalesce(v_level = 'L3', false)::int;
    l4 := l4 + coalesce(v_level = 'L4', false)::int;
  end loop;
  more := v_seen >= p_max;

  v_seen := 0;
  for v_row in
    select m.user_id
    from user_status s
    join monitoring m on m.user_id = s.user_id
    where s.alert_level is null
      and s.next_due is not null
      and s.next_due <= v_now
      and m.stopped_at is null
      and (m.paused_until is null or m.paused_until <= v_now)
    order by s.next_due, m.user_id
    limit p_max
    for update of m skip locked
  loop
    v_seen := v_seen + 1;
    l1 := l1 + raise_alert(v_row.user_id)::int;
  end loop;
  more := more or v_seen >= p_max;

  v_seen := 0;
  for v_row in
    select t.id
    from alert_steps t
    join alerts a on a.id = t.alert_id and a.closed_at is null
    join monitoring m on m.user_id = t.user_id
    where t.outcome is null
      and t.covered_at is null
      and t.kind in ('watch_contact', 'watch_responder')
      and not is_hand_over(t)
      and t.at <= v_now - interval '1 hour'
    order by t.at, t.id
    limit p_max
    for update of m skip locked
  loop
    v_seen := v_seen + 1;
    covered := covered + cover_step(v_row.id)::int;
  end loop;
  more := more or v_seen >= p_max;
  cleared := (select count(*) from alerts a where a.closed_at > (select r.last_at from sweep_runs r));
  return next;
end
$$;

comment on function step_alerts(int) is
  'Takes each who is silent for long enough one level up, and tells others where a message is not out after an hour; p_max '
  'of each at most, to be called again while more. Two at once are safe. l1 to l4: how many rose to that level; cleared: '
  'how many alerts ended since the last whole run of the sweep.';

create function planned_alerts(p_max int)
  returns table (user_id bigint, level text, due timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    select p.user_id, p.level, p.due
    from (
      select a.user_id, case a.level when 'L1' then 'L2' when 'L2' then 'L3' else 'L4' end as level, a.step_due_at as due
      from alerts a
      where a.closed_at is null and a.level <> 'L4' and a.step_due_at <= v_now
      union all
      select s.user_id, 'L1', s.next_due
      from user_status s
      join monitoring m on m.user_id = s.user_id
      where s.alert_level is null
        and s.next_due <= v_now
        and m.stopped_at is null
        and (m.paused_until is null or m.paused_until <= v_now)
    ) p
    order by p.due, p.user_id
    limit p_max;
end
$$;

comment on function planned_alerts(int) is 'Whom step_alerts() would take to which level now, without doing it.';

create or replace function next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select least(
      (
        select min(first.not_before)
        from generate_series(0, 3) u (urgency)
        cross join lateral (
          select q.not_before
          from scheduled_notifications q
          where q.urgency = u.urgency and q.not_before > app_now()
          order by q.not_before
          limit 1
        ) first
      ),
      (
        select min(s.start_at) - interval '15 minutes'
        from duty_schedules s
        where s.status = 'active' and s.start_at > app_now() + interval '15 minutes'
      ),
      (
        select min(s.end_at)
        from duty_schedules s
        where s.status = 'active' and s.end_at > app_now()
      ),
      (
        select min(s.next_due)
        from user_status s
        where s.alert_level is null and s.next_due is not null and s.next_due > app_now()
      ),
      (
        select min(a.step_due_at)
        from alerts a
        where a.closed_at is null and a.level <> 'L4' and a.step_due_at > app_now()
      )
    );
  end;

comment on function next_due() is
  'When, after now, the next message of the queue may go, the next reminder of a shift is due, or somebody who is watched '
  'over is to check in, or an alert rises; null: of none that is known.';

-- Its end -------------------------------------------------------------------------

create function tell_all_clear(p_alert alerts, p_contact bigint) returns void
  language sql
as $$
  select tell_of_alert(p_alert, 'watch_clear', 'clear', '-c' || p_contact, null, p_contact)
  where p_contact is not null;
$$;

create function end_alert(p_user bigint, p_cause text, p_by bigint, p_note text) returns alerts
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_alert alerts;
  v_unsure bigint[];
begin
  update alerts
  set closed_at = v_now, closed_by = p_by, close_note = p_note, close_cause = p_cause, step_due_at = null
  where user_id = p_user and closed_at is null
  returning * into v_alert;
  if not found then
    return null;
  end if;
  -- What is on its way at this moment is followed by who sends it. One that was
  -- begun and never recorded may have arrived.
  select array_agg(t.contact_id) into v_unsure
  from alert_steps t
  join scheduled_notifications q on q.notification_id = t.notification_id
  where t.alert_id = v_alert.id
    and t.kind = 'watch_contact'
    and q.retry_count > t.failures
    and (q.lease_until is null or q.lease_until <= v_now);
  perform finish_unleased(array_agg(q.id), 'cancelled', array_agg(text 'resolved'))
  from alert_steps t
  join scheduled_notifications q on q.notification_id = t.notification_id
  where t.alert_id = v_alert.id;
  update alert_steps t
  set outcome = 'cancelled', cause = 'resolved'
  where t.alert_id = v_alert.id
    and t.outcome is null
    and not exists (select from scheduled_notifications q where q.notification_id = t.notification_id);
  perform tell_all_clear(v_alert, told.contact_id)
  from (
    select t.contact_id
    from alert_steps t
    where t.alert_id = v_alert.id
      and t.kind = 'watch_contact'
      and (t.left_at is not null or t.unsure or t.contact_id = any (v_unsure))
    group by t.contact_id
  ) told;
  perform drop_contact(c.id) from monitoring_contacts c where c.user_id = p_user and c.state = 'removed';
  return v_alert;
end
$$;

comment on function end_alert(bigint, text, bigint, text) is
  'Ends the alert that is open, if one is: what has not left is taken back, and exactly the contacts who were told of it '
  'are told that it is over. The caller holds the person''s row of monitoring, and says how they are now.';

create function put_check_in(p_user bigint, p_cause text, p_description text, p_by_link boolean) returns timestamptz
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_watch monitoring := hold_watch(p_user);
  v_alert alerts := end_alert(p_user, p_cause, p_user, null);
  v_due timestamptz := watch_due(v_watch, v_now);
begin
  perform update_user_status(
    p_user, v_watch.org_id, v_now, v_due, null, null, 'check-in', p_description,
    jsonb_strip_nulls(jsonb_build_object('alert', v_alert.id, 'link', case when p_by_link then true end))
  );
  return v_due;
end
$$;

create function check_in(p_session bytea) returns timestamptz
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return put_check_in(require_session(p_session), 'check_in', 'Checked in', false);
end
$$;

comment on function check_in(bytea) is 'Whoever is signed in is well: ends an alert. Gives when they are due next.';

create function cancel_alert(p_session bytea) returns timestamptz
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return put_check_in(require_session(p_session), 'cancelled', 'Said that the alert was not needed', false);
end
$$;

comment on function cancel_alert(bytea) is 'Counts as a check-in.';

create function checkin_link(p_user bigint, p_generation int, p_expires timestamptz)
  returns table (
    person_name text, org_name text, is_open boolean, last_text text, next_text text, next_span text, is_overdue boolean,
    alert_level text, zone text, closed_text text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      u.name, o.name,
      p_expires > app_now() and p_generation >= m.link_floor,
      say_time(t.last_check_in, z.zone), say_time(t.next_due, z.zone), say_span(app_now(), t.next_due),
      coalesce(t.next_due <= app_now(), false), t.alert_level, z.zone, say_date(least(p_expires, app_now()), z.zone)
    from monitoring m
    join users u on u.id = m.user_id
    join organizations o on o.id = m.org_id
    join user_status t on t.user_id = m.user_id
    cross join lateral watch_zone(m.user_id, m.org_id) as z(zone)
    where m.user_id = p_user
      and m.stopped_at is null
      and p_generation between 1 and m.link_generation;
end
$$;

comment on function checkin_link(bigint, int, timestamptz) is
  'What a mailed link to check in shows; nothing when they are not watched over any more. is_open false: it is over a week '
  'old, or a newer one was mailed since.';

create function check_in_by_link(p_user bigint, p_generation int, p_expires timestamptz) returns timestamptz
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_link record;
begin
  perform from monitoring where user_id = p_user for update;
  select * into v_link from checkin_link(p_user, p_generation, p_expires);
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif not v_link.is_open then
    raise exception using errcode = 'RC410', message = 'checkin_link_old';
  end if;
  return put_check_in(p_user, 'check_in', 'Checked in by the link in a mail', true);
end
$$;

create function monitoring_pause(p_session bytea, p_last_day date) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_user bigint := require_session(p_session);
  v_watch monitoring := hold_watch(v_user);
  v_status user_status;
  v_zone text := watch_zone(v_user, v_watch.org_id);
  v_today date := (v_now at time zone v_zone)::date;
  v_alert alerts;
begin
  if p_last_day is null or p_last_day < v_today or p_last_day > v_today + 366 then
    raise exception using errcode = 'RC422', message = 'bad_pause', detail = 'last_day';
  end if;
  v_alert := end_alert(v_user, 'paused', v_user, null);
  update monitoring
  set
    paused_until = local_moment((p_last_day + 1)::timestamp, v_zone),
    counts_from = local_moment((p_last_day + 1)::timestamp, v_zone)
  where user_id = v_user
  returning * into v_watch;
  select * into v_status from user_status where user_id = v_user;
  perform update_user_status(
    v_user, v_watch.org_id, v_status.last_check_in, watch_due(v_watch, v_status.last_check_in), null, null,
    case when v_alert.id is not null then 'alert' end, 'Ended by a pause', jsonb_build_object('alert', v_alert.id)
  );
end
$$;

comment on function monitoring_pause(bytea, date) is
  'Not looked at up to and with that day, where they are; silence counts from the day after. Ends an alert. A year at most.';

create function monitoring_resume(p_session bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_watch monitoring := hold_watch(v_user);
begin
  if v_watch.paused_until > app_now() then
    update monitoring set paused_until = null, counts_from = app_now() where user_id = v_user;
    perform refresh_due(v_user);
  end if;
end
$$;

comment on function monitoring_resume(bytea) is 'Ends a pause early: silence counts from now.';

create function end_watch(p_user bigint, p_cause text, p_by bigint) returns void
  language plpgsql
as $$
declare
  v_watch monitoring;
  v_status user_status;
  v_alert alerts;
begin
  select * into v_watch from monitoring where user_id = p_user and stopped_at is null for update;
  if not found then
    return;
  end if;
  v_alert := end_alert(p_user, p_cause, p_by, null);
  update monitoring set stopped_at = app_now(), paused_until = null where user_id = p_user;
  select * into v_status from user_status where user_id = p_user;
  perform update_user_status(
    p_user, v_watch.org_id, v_status.last_check_in, null, null, null,
    case when v_alert.id is not null then 'alert' end,
    case p_cause when 'stopped' then 'Ended by no longer being watched over' else 'Ended by leaving the organisation' end,
    jsonb_build_object('alert', v_alert.id)
  );
end
$$;

create function monitoring_stop(p_session bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  perform hold_watch(v_user);
  perform end_watch(v_user, 'stopped', v_user);
end
$$;

comment on function monitoring_stop(bytea) is 'Nobody watches over whoever is signed in any more. Ends an alert.';

create function member_left() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- Who is deleted takes it all along.
  if exists (select from users u where u.id = old.user_id)
    and exists (select from organizations o where o.id = old.org_id)
    and exists (select from monitoring m where m.user_id = old.user_id and m.org_id = old.org_id)
  then
    perform end_watch(old.user_id, 'closed', null);
  end if;
  return null;
end
$$;

create function drop_contact(p_contact bigint) returns void
  language plpgsql
as $$
begin
  if exists (
    select from alert_steps t
    join alerts a on a.id = t.alert_id
    where t.contact_id = p_contact
      and (a.closed_at is null or t.outcome is null)
  ) then
    update monitoring_contacts set state = 'removed' where id = p_contact;
  else
    delete from monitoring_contacts where id = p_contact;
  end if;
end
$$;

comment on function drop_contact(bigint) is
  'Deleted, or kept out of sight as long as something is on its way to them: that an alert is over, which they were told of.';

create function contact_remove(p_session bytea, p_contact bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform drop_contact((hold_contact(p_session, p_contact, true)).id);
end
$$;

comment on function contact_remove(bytea, bigint) is
  'Is told nothing any more, but that an alert is over which they were told of.';

-- Looked at again just before it is sent, and shown -------------------------------

create function message_step(p_notification_id text) returns alert_steps
  language sql stable
  return (select t from alert_steps t where t.notification_id = p_notification_id);

create function watch_self_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when a.id is null or a.closed_at is not null then 'resolved'
      when a.level <> (p_row).notify_type then 'replaced'
      when u.suppressed_at is not null then 'suppressed'
    end
    from users u
    left join alert_steps t on t.notification_id = (p_row).notification_id
    left join alerts a on a.id = t.alert_id
    where u.id = (p_row).user_id
  );
end
$$;

create function watch_contact_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  return case
    when not exists (
      select from alert_steps t
      join alerts a on a.id = t.alert_id
      where t.notification_id = p_row.notification_id and a.closed_at is null
    ) then 'resolved'
    when v_contact.id is null or v_contact.state <> 'consented' then 'contact_gone'
    when contact_is_suppressed(v_contact) then 'suppressed'
  end;
end
$$;

create function watch_clear_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
declare
  v_contact monitoring_contacts := message_contact(p_row.notification_id);
begin
  return case
    when v_contact.id is null then 'contact_gone'
    when contact_is_suppressed(v_contact) then 'suppressed'
  end;
end
$$;

create function watch_responder_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when a.id is null or a.closed_at is not null then 'resolved'
      when not exists (
        select from memberships m where m.user_id = u.id and m.org_id = (p_row).org_id and m.responder
      ) then 'not_responder'
      when u.suppressed_at is not null then 'suppressed'
    end
    from users u
    left join alert_steps t on t.notification_id = (p_row).notification_id
    left join alerts a on a.id = t.alert_id
    where u.id = (p_row).user_id
  );
end
$$;

create function watch_self_row(
  p_row scheduled_notifications, out row_id bigint, out generation int, out expires_at timestamptz
)
  language plpgsql stable
as $$
begin
  row_id := p_row.user_id;
  generation := (message_step(p_row.notification_id)).generation;
  expires_at := coalesce(p_row.first_attempt_at, app_now()) + interval '7 days';
end
$$;

create function watch_self_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'postal_address', shorten(o.postal_address, 300),
      'level', (p_row).notify_type,
      'is_l1', (p_row).notify_type = 'L1',
      'is_l2', (p_row).notify_type = 'L2',
      'is_l3', (p_row).notify_type = 'L3',
      'is_l4', (p_row).notify_type = 'L4',
      'due_text', say_time(s.next_due, z.zone),
      'zone', z.zone,
      'hours', extract(epoch from watch_delay(o.id, (p_row).notify_type))::int / 3600,
      'contact_name', (select shorten(c.name, 60) from reachable_contacts(u.id) c limit 1),
      'contact_told', coalesce((
        select bool_or(t.kind = 'watch_contact')
        from alert_steps t
        where t.alert_id = (message_step((p_row).notification_id)).alert_id
      ), false)
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    left join user_status s on s.user_id = u.id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

create function watch_contact_display(p_row scheduled_notifications) returns jsonb
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
      'is_urgent', (p_row).notify_type = 'L4',
      'last_text', say_time(s.last_check_in, z.zone),
      'due_text', say_time(s.next_due, z.zone),
      'since_text', say_time(a.triggered_at, z.zone),
      'over_text', say_time(a.closed_at, z.zone),
      'zone', z.zone,
      'is_closed', a.close_cause in ('closed')
    )
    from organizations o
    left join alert_steps t on t.notification_id = (p_row).notification_id
    left join alerts a on a.id = t.alert_id
    left join users u on u.id = t.user_id
    left join user_status s on s.user_id = t.user_id
    cross join lateral safe_zone(o.timezone) as z(zone)
    where o.id = (p_row).org_id
  );
end
$$;

create function watch_responder_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'person_id', who.id,
      'person_name', shorten(who.name, 60),
      'level', (p_row).notify_type,
      'is_l4', (p_row).notify_type = 'L4',
      'is_early', (p_row).notify_type in ('L1', 'L2'),
      'is_handed', (p_row).notification_id ~ '-h[0-9]+-u',
      'unreachable', who.suppressed_at is not null,
      'contacts_told', coalesce((
        select count(distinct c.contact_id)
        from alert_steps c
        where c.alert_id = t.alert_id and c.kind = 'watch_contact' and c.left_at is not null
      ), 0),
      'last_text', say_time(s.last_check_in, z.zone),
      'due_text', say_time(s.next_due, z.zone),
      'zone', z.zone
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    left join alert_steps t on t.notification_id = (p_row).notification_id
    left join users who on who.id = t.user_id
    left join user_status s on s.user_id = t.user_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

-- What follows from what became of it ---------------------------------------------

create function is_hand_over(p_step alert_steps) returns boolean
  language sql immutable
as $$
  select (p_step).notification_id ~ '-h[0-9]+-u[0-9]+$';
$$;

comment on function is_hand_over(alert_steps) is
  'Whether it tells a responder that they look after it now: that is no step of the level.';

create function follow_sent_step(p_alert alerts, p_step alert_steps) returns void
  language plpgsql
as $$
begin
  if p_step.kind <> 'watch_told'
    and not is_hand_over(p_step)
    and p_alert.closed_at is null
    and p_alert.level = p_step.level
  then
    p_alert.left_at := coalesce(p_alert.left_at, app_now());
    update alerts
    set left_at = p_alert.left_at, step_due_at = alert_step_due(p_alert)
    where id = p_alert.id;
  end if;
  if p_step.generation is not null then
    update monitoring set link_floor = greatest(link_floor, p_step.generation) where user_id = p_step.user_id;
  elsif p_step.kind = 'watch_contact' and p_alert.closed_at is not null then
    perform tell_all_clear(p_alert, p_step.contact_id);
  end if;
  update monitoring_contacts set refused_on = '{}' where id = p_step.contact_id and refused_on <> '{}';
end
$$;

create function follow_unsent_step(p_alert alerts, p_step alert_steps, p_cause text) returns void
  language plpgsql
as $$
begin
  perform note_contact_refusal(p_step.contact_id, p_cause);
  if p_step.kind = 'watch_clear' then
    return;
  elsif p_alert.closed_at is not null then
    if p_step.kind = 'watch_contact' and p_step.unsure then
      perform tell_all_clear(p_alert, p_step.contact_id);
    end if;
  elsif p_step.kind in ('watch_due', 'watch_soon', 'watch_told') then
    if p_cause <> 'replaced' then
      perform tell_watch_responders(p_alert);
    end if;
  elsif is_hand_over(p_step) then
    perform tell_watch_responders(p_alert);
  else
    perform tell_next(p_alert, p_step);
  end if;
end
$$;

create function follow_watch(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_step alert_steps := message_step(p_row.notification_id);
  v_alert alerts;
begin
  if v_step.id is null then
    return;
  elsif p_state = 'pending' then
    -- Of what was lost after the whole message, nobody knows.
    update alert_steps
    set failures = failures + 1
    where id = v_step.id and strpos(coalesce(p_row.last_error, ''), 'no reply after the message') = 0;
    return;
  end if;
  perform from monitoring where user_id = v_step.user_id for update;
  select * into v_alert from alerts where id = v_step.alert_id for update;
  update alert_steps
  set
    outcome = p_state,
    cause = p_cause,
    left_at = case p_state when 'sent' then app_now() end,
    -- The last attempt of what is dead was refused, and is no failure of before.
    unsure = p_state <> 'sent' and p_row.retry_count - (p_state = 'dead')::int > failures
  where id = v_step.id
  returning * into v_step;
  if p_state = 'sent' then
    perform follow_sent_step(v_alert, v_step);
  else
    perform follow_unsent_step(v_alert, v_step, p_cause);
  end if;
  -- Who was removed meanwhile may have heard all there is.
  perform drop_contact(c.id) from monitoring_contacts c where c.id = v_step.contact_id and c.state = 'removed';
end
$$;

comment on function follow_watch(scheduled_notifications, text, text, int, int) is
  'The delay to the next level runs from when a message left; who is told in place of one that came to nothing is told at '
  'once; and who was told too late of what is over hears that it is.';

create function watch_bounced(p_log notification_log, p_class text) returns void
  language plpgsql
as $$
declare
  v_step alert_steps := message_step(p_log.notification_id);
  v_cause text := case when p_class in ('address', 'recipient') then p_class || '_refused' else 'no_try_left' end;
  v_alert alerts;
begin
  if p_log.kind = 'contact_consent' then
    perform note_contact_refusal((message_contact(p_log.notification_id)).id, v_cause);
  end if;
  if v_step.id is null then
    return;
  end if;
  perform from monitoring where user_id = v_step.user_id for update;
  select * into v_alert from alerts where id = v_step.alert_id for update;
  update alert_steps set outcome = 'dead', cause = v_cause, left_at = null where id = v_step.id returning * into v_step;
  perform follow_unsent_step(v_alert, v_step, v_cause);
end
$$;

comment on function watch_bounced(notification_log, text) is
  'A message that a server had taken came back: nobody was told by it, and others are, as if it had been refused.';

create or replace function record_bounce(p_id bigint, p_class text, p_status text) returns text
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
  perform watch_bounced(v_log, p_class);
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

-- What responders do --------------------------------------------------------------

create function responder_org(p_session bytea, p_slug text, out org_id bigint, out user_id bigint)
  language sql stable
  begin atomic
    select m.org_id, m.user_id
    from live_sessions s
    join memberships m on m.user_id = s.user_id and m.responder
    join organizations o on o.id = m.org_id
    where s.hash = p_session and o.slug = p_slug;
  end;

comment on function responder_org(bytea, text) is 'For whoever is signed in and a responder there; nulls for anybody else.';

create function hold_alert(p_session bytea, p_slug text, p_person bigint, out actor_id bigint, out alert alerts)
  language plpgsql
as $$
declare
  v_org bigint;
begin
  perform require_session(p_session);
  select r.org_id, r.user_id into v_org, actor_id from responder_org(p_session, p_slug) r;
  if v_org is null
    or p_person = actor_id
    or not exists (select from monitoring m where m.user_id = p_person and m.org_id = v_org)
  then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  perform from monitoring where user_id = p_person for update;
  select * into alert from alerts a where a.user_id = p_person and a.org_id = v_org and a.closed_at is null for update;
  if not found then
    raise exception using errcode = 'RC409', message = 'alert_over';
  end if;
end
$$;

create function acknowledge_alert(p_session bytea, p_slug text, p_person bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_held record := hold_alert(p_session, p_slug, p_person);
  v_alert alerts;
begin
  update alerts
  set acknowledged_by = v_held.actor_id, acknowledged_at = v_now, ack_until = v_now + interval '12 hours'
  where id = (v_held.alert).id
  returning * into v_alert;
  update alerts set step_due_at = alert_step_due(v_alert) where id = v_alert.id;
  perform add_activity(
    p_person, v_alert.org_id, 'alert', 'A responder has seen it',
    jsonb_build_object('alert', v_alert.id, 'level', v_alert.level, 'by', v_held.actor_id)
  );
end
$$;

comment on function acknowledge_alert(bytea, text, bigint) is 'It rises no further for 12 hours.';

create function claim_alert(p_session bytea, p_slug text, p_person bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_held record := hold_alert(p_session, p_slug, p_person);
begin
  if (v_held.alert).claimed_by = v_held.actor_id then
    return;
  elsif (v_held.alert).claimed_by is not null then
    raise exception using errcode = 'RC409', message = 'alert_claimed';
  end if;
  update alerts set claimed_by = v_held.actor_id, claimed_at = app_now() where id = (v_held.alert).id;
  perform add_activity(
    p_person, (v_held.alert).org_id, 'alert', 'A responder looks after it',
    jsonb_build_object('alert', (v_held.alert).id, 'level', (v_held.alert).level, 'by', v_held.actor_id)
  );
end
$$;

comment on function claim_alert(bytea, text, bigint) is 'Whoever is signed in looks after it. Refused when another does.';

create function hand_over_alert(p_session bytea, p_slug text, p_person bigint, p_to bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_held record := hold_alert(p_session, p_slug, p_person);
  v_activity bigint;
begin
  if not exists (
    select from memberships m where m.org_id = (v_held.alert).org_id and m.user_id = p_to and m.responder
  ) or p_to = p_person then
    raise exception using errcode = 'RC422', message = 'bad_responder', detail = 'to';
  elsif (v_held.alert).claimed_by is not distinct from p_to then
    return;
  end if;
  update alerts set claimed_by = p_to, claimed_at = app_now() where id = (v_held.alert).id;
  v_activity := add_activity(
    p_person, (v_held.alert).org_id, 'alert', 'Handed over to another responder',
    jsonb_build_object('alert', (v_held.alert).id, 'level', (v_held.alert).level, 'by', v_held.actor_id, 'to', p_to)
  );
  perform tell_of_alert(
    v_held.alert, 'watch_responder', (v_held.alert).level, format('-h%s-u%s', v_activity, p_to), p_to, null
  )
  where p_to <> v_held.actor_id;
end
$$;

comment on function hand_over_alert(bytea, text, bigint, bigint) is 'Another responder looks after it from now on, and is told.';

create function close_alert(p_session bytea, p_slug text, p_person bigint, p_note text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_note text := btrim(replace(coalesce(p_note, ''), E'\t', ' '), E' \n');
  v_held record;
  v_watch monitoring;
  v_status user_status;
begin
  if v_note = '' or length(v_note) > 2000 or v_note ~ E'[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]' then
    raise exception using errcode = 'RC422', message = 'bad_note', detail = 'note';
  end if;
  v_held := hold_alert(p_session, p_slug, p_person);
  perform end_alert(p_person, 'closed', v_held.actor_id, v_note);
  -- It does not come back within the hour: silence counts anew.
  update monitoring set counts_from = app_now() where user_id = p_person returning * into v_watch;
  select * into v_status from user_status where user_id = p_person;
  perform update_user_status(
    p_person, v_watch.org_id, v_status.last_check_in, watch_due(v_watch, v_status.last_check_in), null, null,
    'alert', 'Closed by a responder', jsonb_build_object('alert', (v_held.alert).id, 'by', v_held.actor_id)
  );
end
$$;

comment on function close_alert(bytea, text, bigint, text) is
  'Ends it, with a note for the other responders. The contacts who were told hear that it is over.';

-- Taken along, and forgotten ------------------------------------------------------

create function own_watched(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'watch', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'every_hours', m.interval_hours, 'at', m.preferred_time,
          'enrolled_at', both_times(m.enrolled_at, p_zone), 'agreed_to', m.consent_version,
          'paused_until', both_times(m.paused_until, p_zone), 'stopped_at', both_times(m.stopped_at, p_zone),
          'address_confirmed_at', both_times(u.confirmed_at, p_zone), 'last_check_in', both_times(s.last_check_in, p_zone),
          'next_due', both_times(s.next_due, p_zone), 'level', s.alert_level,
          'alert_since', both_times(s.alert_triggered_at, p_zone)
        )), '[]')
        from monitoring m
        join users u on u.id = m.user_id
        join organizations o on o.id = m.org_id
        left join user_status s on s.user_id = m.user_id
        where m.user_id = p_user
      ),
      'watch_contacts', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', c.name, 'email', c.email, 'order', c.priority, 'state', c.state,
          'named_at', both_times(c.created_at, p_zone), 'asked_at', both_times(c.asked_at, p_zone),
          'answered_at', both_times(c.answered_at, p_zone)
        ) order by c.priority), '[]')
        from monitoring_contacts c
        where c.user_id = p_user
      ),
      'activities', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', a.id, 'organisation', o.name, 'type', a.type, 'what', a.description,
          'at', both_times(a."timestamp", p_zone), 'level', a.metadata ->> 'level'
        ) order by a.id), '[]')
        from activities a
        join organizations o on o.id = a.org_id
        where a.user_id = p_user
      ),
      'alerts', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', a.id, 'organisation', o.name, 'level', a.level, 'since', both_times(a.triggered_at, p_zone),
          'seen_at', both_times(a.acknowledged_at, p_zone),
          'ended_at', both_times(a.closed_at, p_zone), 'ended_by', a.close_cause,
          'told', (
            select coalesce(jsonb_agg(jsonb_build_object(
              'level', t.level, 'to', case
                when t.kind in ('watch_due', 'watch_soon', 'watch_told') then 'you'
                when t.kind = 'watch_responder' then 'a responder'
                else 'a contact'
              end,
              'left_at', both_times(t.left_at, p_zone), 'outcome', t.outcome, 'cause', t.cause
            ) order by t.id), '[]')
            from alert_steps t
            where t.alert_id = a.id
          )
        ) order by a.id), '[]')
        from alerts a
        join organizations o on o.id = a.org_id
        where a.user_id = p_user
      )
    );
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
      || own_reasons(p_user, z.zone)
      || own_door(p_user, z.zone)
      || own_ledger(p_user, z.zone)
      || own_mismatches(p_user, z.zone)
      || own_requests(p_user, z.zone)
      || own_shifts(p_user, z.zone)
      || own_offers(p_user, z.zone)
      || own_calendar(p_user, z.zone)
      || own_watched(p_user, z.zone)
    from user_zone(p_user) as z(zone);
  end;

create or replace function forget_in_mail(p_user bigint) returns void
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
    union all
    select q.*
    from duty_assignments a
    join scheduled_notifications q on q.schedule_id = a.schedule_id and shift_news_assignment(q.notification_id) = a.id
    where a.user_id = p_user
    union all
    select q.*
    from shift_swaps w
    join scheduled_notifications q on q.schedule_id = w.schedule_id and swap_of(q.notification_id) = w.id
    where w.user_id = p_user or w.taken_by = p_user
    union all
    select q.*
    from alert_steps t
    join scheduled_notifications q on q.notification_id = t.notification_id
    where t.user_id = p_user
    union all
    select q.*
    from scheduled_notifications q
    where q.notification_id >= format('consent-%s-', p_user)
      and q.notification_id < format('consent-%s.', p_user)
  loop
    perform from scheduled_notifications q where q.id = v_row.id for update;
    if found then
      v_row.last_error := null;
      perform finish_notification(v_row, 'cancelled', 'erased', null, null);
    end if;
  end loop;
  update scheduled_notifications q
  set message = null, lease_id = null, lease_until = null
  where q.notification_id like 'responder-%'
    and exists (select from org_changes c where c.id = news_change(q.notification_id) and c.actor_id = p_user);
  -- Their own words about others; and of what was mailed about them nothing but numbers.
  update alerts set close_note = null where closed_by = p_user and close_note is not null;
  update notification_log l
  set last_error = null
  from alert_steps t
  where t.user_id = p_user and l.notification_id = t.notification_id and l.last_error is not null;
end
$$;

create function end_before_erasing() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if exists (
    select from alerts a
    join alert_steps t on t.alert_id = a.id and t.kind = 'watch_contact'
    where a.user_id = old.id and a.closed_at is null and (t.left_at is not null or t.outcome is null)
  ) or exists (
    select from alert_steps t
    where t.user_id = old.id and t.kind = 'watch_clear' and t.outcome is null and t.at > app_now() - interval '1 hour'
  ) then
    raise exception using errcode = 'RC409', message = 'alert_open';
  end if;
  return old;
end
$$;

comment on function end_before_erasing() is
  'Nobody who was told that somebody is silent is left without hearing the end of it. Waits for that mail an hour at most.';

create trigger users_end_alert before delete on users
  for each row execute function end_before_erasing();

insert into personal_data (relation, columns, downloaded, erased) values
  ('alerts', '{user_id,level,claimed_by,acknowledged_by,closed_by,close_note,close_cause}',
    'alerts; the note is the responders''', 'deleted with the account; a note that they typed is emptied'),
  ('alert_steps', '{user_id,level,kind,responder_id,notification_id,outcome,cause}', 'alerts: told', 'deleted with the account');

grant execute on function
  check_in(bytea),
  cancel_alert(bytea),
  monitoring_pause(bytea, date),
  monitoring_resume(bytea),
  monitoring_stop(bytea),
  contact_remove(bytea, bigint)
  to rollcall_member;
grant execute on function
  checkin_link(bigint, int, timestamptz),
  check_in_by_link(bigint, int, timestamptz)
  to rollcall_answer;
grant execute on function
  acknowledge_alert(bytea, text, bigint),
  claim_alert(bytea, text, bigint),
  hand_over_alert(bytea, text, bigint, bigint),
  close_alert(bytea, text, bigint, text)
  to rollcall_staff;
grant execute on function
  step_alerts(int),
  planned_alerts(int)
  to rollcall_sweep;

commit;
