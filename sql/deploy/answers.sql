-- Deploy rollcall:answers to pg
-- An answer takes its request before the audit, as the team's decision does,
-- so that neither waits for the other; who is approved has no time of arrival;
-- and no reason for a denial outlives who typed it.

begin;

drop function ask_about_absence(bigint, bigint, text, text);

create function request_to_team(p_participant bigint, p_answer text) returns boolean
  language plpgsql
as $$
begin
  if p_answer = 'not_attended' then
    update attendance_requests
    set outcome = 'withdrawn', decided_at = app_now()
    where participant_id = p_participant and outcome is null;
    return false;
  end if;
  update attendance_requests r
  set answer = p_answer
  from event_participants p
  where p.id = p_participant
    and p.attendance_status = 'absent'
    and r.participant_id = p.id
    and r.outcome is null;
  if found then
    return false;
  end if;
  -- What the team said no to is not asked again, until the door says another
  -- thing in between.
  insert into attendance_requests (org_id, event_id, participant_id, user_id, answer)
  select p.org_id, p.event_id, p.id, p.user_id, p_answer
  from event_participants p
  where p.id = p_participant
    and p.attendance_status = 'absent'
    and not exists (
      select from attendance_requests r
      where r.participant_id = p.id
        and r.outcome = 'denied'
        and r.decided_at >= p.attendance_updated_at
    )
  on conflict do nothing;
  return found;
end
$$;

comment on function request_to_team(bigint, text) is
  'What an own answer asks of the team: opens a request against an absence, or takes one back that was not decided. '
  'Whether it opened one, which the caller has to put into the audit. Null for who is no participant: nothing.';

create or replace function record_attendance(p_user bigint, p_event bigint, p_status text, p_request_id text)
  returns table (previous text, status text)
  language plpgsql
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_event events := answerable_event(p_event);
  v_previous text;
  v_participant bigint;
  v_asks boolean;
  v_audits event_attendance_audit[];
begin
  if p_status is null or p_status not in ('attended', 'partial', 'not_attended') then
    raise exception using errcode = 'RC422', message = 'bad_status', detail = 'status';
  end if;

  -- The row's lock puts two answers at once in order: the later one sees the
  -- earlier one's status as its previous.
  insert into attendance as a (user_id, event_id, org_id, status, responded_at, created_at, updated_at)
  values (p_user, p_event, v_event.org_id, p_status, v_now, v_now, v_now)
  on conflict (user_id, event_id) do nothing;
  if not found then
    select a.status into v_previous
    from attendance a
    where a.user_id = p_user and a.event_id = p_event
    for update;
    update attendance a set status = p_status, responded_at = v_now, updated_at = v_now
    where a.user_id = p_user and a.event_id = p_event and a.status <> p_status;
  end if;

  update notifications n
  set read_at = coalesce(n.read_at, v_now), responded_at = v_now
  where n.user_id = p_user
    and n.event_id = p_event
    and n.type = 'attendance_prompt'
    and n.responded_at is null;
  perform cancel_prompts(p_user, v_event.org_id, p_event, 'answered');

  -- Requests before the audit, as whoever decides them takes both.
  v_participant := (select id from event_participants where event_id = p_event and user_id = p_user);
  v_asks := request_to_team(v_participant, p_status);
  if v_previous is distinct from p_status then
    v_audits := array[row(
      null, null, p_event, v_participant, p_user, p_user, 'self_report', v_previous, p_status, null, null, null,
      p_request_id, null, null, null
    )::event_attendance_audit];
  end if;
  if v_asks then
    v_audits := v_audits || row(
      null, null, p_event, v_participant, p_user, p_user, 'request', 'absent', 'absent', null, null, null, p_request_id,
      null, null, null
    )::event_attendance_audit;
  end if;
  -- Last, because its place in the chain is the organisation's to wait for.
  if v_audits is not null then
    perform append_audits(v_event.org_id, v_audits);
  end if;
  return query select v_previous, p_status;
end
$$;

create or replace function decide_request(
  p_session bytea, p_slug text, p_request bigint, p_decision text, p_reason text, p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_request attendance_requests;
  v_status text;
  v_reason text := nullif(btrim(p_reason), '');
begin
  select t.org_id, t.user_id into v_team from require_team(p_session, p_slug, 'staff') t;
  select * into v_request from attendance_requests where id = p_request and org_id = v_team.org_id;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_decision is null or p_decision not in ('present', 'late', 'absent') then
    raise exception using errcode = 'RC422', message = 'bad_decision', detail = 'decision';
  elsif p_decision = 'absent' and v_reason is null then
    raise exception using errcode = 'RC422', message = 'denial_reason_missing', detail = 'reason';
  elsif length(v_reason) > 500 then
    raise exception using errcode = 'RC422', message = 'reason_long', detail = 'reason';
  end if;
  if v_reason is not null then
    perform hold_author(v_team.user_id);
  end if;
  select attendance_status into v_status
  from event_participants
  where id = v_request.participant_id
  for no key update;
  select * into v_request from attendance_requests where id = p_request for no key update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_request.outcome is not null then
    raise exception using errcode = 'RC409', message = 'request_decided';
  elsif v_status <> 'absent' then
    raise exception using errcode = 'RC409', message = 'request_overtaken';
  end if;

  update attendance_requests
  set
    outcome = case p_decision when 'absent' then 'denied' else 'approved' end,
    decided_by = v_team.user_id,
    decided_at = app_now(),
    reason = v_reason
  where id = p_request;
  if p_decision = 'absent' then
    perform append_audit(
      v_request.org_id, v_request.event_id, v_request.participant_id, v_request.user_id, v_team.user_id, 'request',
      'absent', 'absent', 'request_denied', null, null, p_request_id
    );
  else
    perform mark_attendance(
      v_request.org_id,
      v_team.user_id,
      array[row(
        v_request.participant_id, p_decision, null, 'correction', 'request_approved', null
      )::attendance_mark],
      v_reason,
      p_request_id
    );
  end if;
end
$$;


commit;
