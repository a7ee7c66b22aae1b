-- Deploy rollcall:own_data to pg
-- The door's record in what a person takes along, and has forgotten.

begin;

create function own_door(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'door_attempts', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'event_number', d.event_id, 'organisation', o.name, 'what', d.what, 'result', d.result, 'before', d.was,
          'of', case when p.user_id = p_user then 'you' else 'somebody else' end, 'by', who_text(d.actor_id, p_user),
          'made_at', both_times(d.made_at, p_zone), 'arrived_at', both_times(d.at, p_zone),
          'request', case when d.actor_id = p_user then d.request_id end
        ) order by d.at, d.key), '[]')
        from (
          select d.org_id, d.key
          from event_participants p
          join door_attempts d on d.participant_id = p.id
          where p.user_id = p_user
          union
          select d.org_id, d.key
          from door_attempts d
          where d.actor_id = p_user
        ) mine
        join door_attempts d using (org_id, key)
        join organizations o on o.id = d.org_id
        left join event_participants p on p.id = d.participant_id
      )
    );
  end;

create function own_ledger(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'points', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', p.id, 'organisation', o.name, 'event_number', p.event_id, 'what', p.what, 'amount', p.amount,
          'at', both_times(p.at, p_zone)
        ) order by p.id), '[]')
        from points p
        join organizations o on o.id = p.org_id
        where p.user_id = p_user
      )
    );
  end;

create function own_mismatches(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'mismatches', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'event_number', m.event_id, 'organisation', o.name,
          'of', case when m.user_id = p_user then 'you' else 'somebody else' end,
          'door', m.door, 'door_at', both_times(m.door_at, p_zone),
          'answer', m.answer, 'answered_at', both_times(m.answered_at, p_zone), 'found_at', both_times(m.found_at, p_zone),
          'decision', m.decision, 'by', case when m.decision is not null then who_text(m.decided_by, p_user) end,
          'decided_at', both_times(m.decided_at, p_zone)
        ) order by m.id), '[]')
        from mismatches m
        join organizations o on o.id = m.org_id
        where m.user_id = p_user or m.decided_by = p_user
      )
    );
  end;

create function own_reasons(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'audit_reasons', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'place_in_chain', a.seq, 'words', r.reason,
          'of', case when a.user_id = p_user then 'you' else 'somebody else' end, 'by', who_text(a.actor_id, p_user),
          'at', both_times(a.performed_at, p_zone)
        ) order by a.org_id, a.seq), '[]')
        from event_attendance_audit a
        join audit_reason r on r.org_id = a.org_id and r.seq = a.seq
        left join organizations o on o.id = a.org_id
        where a.user_id = p_user or (a.actor_id = p_user and a.actor_id <> a.user_id)
      )
    );
  end;

create function own_requests(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'requests', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', r.id, 'event_number', r.event_id, 'organisation', o.name,
          'of', case when r.user_id = p_user then 'you' else 'somebody else' end,
          'answer', case when r.user_id = p_user then r.answer end, 'asked_at', both_times(r.created_at, p_zone),
          'outcome', r.outcome, 'by', case when r.decided_by is not null then who_text(r.decided_by, p_user) end,
          'decided_at', both_times(r.decided_at, p_zone), 'reason', r.reason
        ) order by r.id), '[]')
        from attendance_requests r
        join organizations o on o.id = r.org_id
        where r.user_id = p_user or r.decided_by = p_user
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
    from user_zone(p_user) as z(zone);
  end;

commit;
