-- Deploy rollcall:answers to pg
-- Who says that they were there, and whom the door has as absent, asks the
-- team by that to look again; the team says yes, or no and why.

begin;

create table attendance_requests (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  event_id bigint not null references events on delete cascade,
  participant_id bigint not null references event_participants on delete cascade,
  user_id bigint not null references users on delete cascade,
  answer text not null check (answer in ('attended', 'partial')),
  created_at timestamptz not null default app_now(),
  outcome text check (outcome in ('approved', 'denied', 'withdrawn')),
  decided_by bigint,
  decided_at timestamptz,
  reason text check (length(reason) between 1 and 500),
  check ((outcome is null) = (decided_at is null)),
  check (outcome is distinct from 'denied' or reason is not null)
);

create unique index attendance_requests_open on attendance_requests (participant_id) where outcome is null;
create index attendance_requests_waiting on attendance_requests (org_id, id) where outcome is null;
create index attendance_requests_participant on attendance_requests (participant_id, id);
create index attendance_requests_event on attendance_requests (event_id);
create index attendance_requests_user on attendance_requests (user_id);
create index attendance_requests_decider on attendance_requests (decided_by) where decided_by is not null;

comment on table attendance_requests is
  'Own answers that say something else than an absence at the door, for the team to decide on. One waits while it has no '
  'outcome and the door still has the person as absent.';
comment on column attendance_requests.reason is 'What the team gave as its reason; the person reads it.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('attendance_requests', '{user_id,answer,outcome,decided_by,reason}',
    'requests; of those that they decided only that they did',
    'deleted with the account; where they decided about others, their number stays, and what they typed is replaced');

create function ask_about_absence(p_user bigint, p_event bigint, p_answer text, p_request_id text) returns void
  language plpgsql
as $$
declare
  v_participant event_participants;
begin
  select * into v_participant from event_participants where event_id = p_event and user_id = p_user;
  if not found then
    return;
  elsif p_answer = 'not_attended' then
    update attendance_requests
    set outcome = 'withdrawn', decided_at = app_now()
    where participant_id = v_participant.id and outcome is null;
    return;
  elsif v_participant.attendance_status <> 'absent' then
    return;
  end if;
  update attendance_requests
  set answer = p_answer
  where participant_id = v_participant.id and outcome is null;
  -- What the team said no to is not asked again, until the door says another
  -- thing in between.
  if found or exists (
    select from attendance_requests r
    where r.participant_id = v_participant.id
      and r.outcome = 'denied'
      and r.decided_at >= v_participant.attendance_updated_at
  ) then
    return;
  end if;
  insert into attendance_requests (org_id, event_id, participant_id, user_id, answer)
  values (v_participant.org_id, p_event, v_participant.id, p_user, p_answer)
  on conflict do nothing;
  if found then
    perform append_audit(
      v_participant.org_id, p_event, v_participant.id, p_user, p_user, 'request', 'absent', 'absent', null, null, null,
      p_request_id
    );
  end if;
end
$$;

comment on function ask_about_absence(bigint, bigint, text, text) is
  'What an own answer asks of the team: opens a request against an absence, and takes one back that was not decided.';

create or replace function record_attendance(p_user bigint, p_event bigint, p_status text, p_request_id text)
  returns table (previous text, status text)
  language plpgsql
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_event events := answerable_event(p_event);
  v_previous text;
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

  -- Last, because its place in the chain is the organisation's to wait for.
  if v_previous is distinct from p_status then
    perform append_audit(
      v_event.org_id,
      p_event,
      (select id from event_participants where event_id = p_event and user_id = p_user),
      p_user,
      p_user,
      'self_report',
      v_previous,
      p_status,
      null,
      null,
      null,
      p_request_id
    );
  end if;
  perform ask_about_absence(p_user, p_event, p_status, p_request_id);
  return query select v_previous, p_status;
end
$$;


create function decide_request(
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
  select * into v_request from attendance_requests where id = p_request and org_id = v_team.org_id for no key update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_decision is null or p_decision not in ('present', 'late', 'absent') then
    raise exception using errcode = 'RC422', message = 'bad_decision', detail = 'decision';
  elsif p_decision = 'absent' and v_reason is null then
    raise exception using errcode = 'RC422', message = 'denial_reason_missing', detail = 'reason';
  elsif length(v_reason) > 500 then
    raise exception using errcode = 'RC422', message = 'reason_long', detail = 'reason';
  elsif v_request.outcome is not null then
    raise exception using errcode = 'RC409', message = 'request_decided';
  end if;
  select attendance_status into v_status
  from event_participants
  where id = v_request.participant_id
  for no key update;
  if v_status <> 'absent' then
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
        v_request.participant_id, p_decision, app_now(), 'correction', 'request_approved', null
      )::attendance_mark],
      v_reason,
      p_request_id
    );
  end if;
end
$$;

comment on function decide_request(bytea, text, bigint, text, text, text) is
  'Staff say yes to a request, that is present or late: a correction; or no, that is absent, with a reason for the person.';

create function forget_denials() returns trigger
  language plpgsql
as $$
begin
  update attendance_requests
  set reason = 'What was written here is erased.'
  where decided_by = old.id and reason is not null;
  return null;
end
$$;

create trigger users_forget_denials
  after delete on users
  for each row execute function forget_denials();

create function team_requests(p_session bytea, p_slug text, p_after bigint, p_only bigint)
  returns table (
    id bigint, event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, participant_id bigint,
    name text, answer text, asked_at timestamptz, outcome text, reason text, attendance_status text, zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select
      r.id,
      e.id,
      e.title,
      e.starts_at,
      e.all_day,
      coalesce(e.timezone, o.timezone),
      p.id,
      u.name,
      r.answer,
      r.created_at,
      r.outcome,
      r.reason,
      p.attendance_status,
      user_zone(t.user_id)
    from team_org(p_session, p_slug, 'staff') t
    join organizations o on o.id = t.org_id
    join attendance_requests r on r.org_id = o.id
    join event_participants p on p.id = r.participant_id
    join events e on e.id = r.event_id
    join users u on u.id = r.user_id
    where e.deleted_at is null
      and case
        when p_only is not null then r.id = p_only
        else r.outcome is null and p.attendance_status = 'absent' and r.id > coalesce(p_after, 0)
      end
    order by r.id
    limit 26;
end
$$;

comment on function team_requests(bytea, text, bigint, bigint) is
  'The requests that wait, the oldest first, after that one: 26 of them, the last says that there are more. p_only: that '
  'one, whatever became of it.';

create function count_requests(p_session bytea, p_slug text) returns int
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select count(*)
    from team_org(p_session, p_slug, 'staff') t
    join attendance_requests r on r.org_id = t.org_id
    join event_participants p on p.id = r.participant_id
    join events e on e.id = r.event_id
    where r.outcome is null
      and p.attendance_status = 'absent'
      and e.deleted_at is null
  );
end
$$;

comment on function count_requests(bytea, text) is 'How many wait.';

-- What the person reads.

create function absence_told(p_user bigint, p_event bigint)
  returns table (
    absence_is_unsaid boolean, absence_is_asked boolean, absence_is_denied boolean, absence_is_approved boolean,
    absence_reason text
  )
  language plpgsql stable
as $$
begin
  return query
    select
      p.attendance_status = 'absent' and r.id is null and answer_state(e) = 'open'
        and a.status is distinct from 'not_attended',
      p.attendance_status = 'absent' and r.id is not null and r.outcome is null,
      p.attendance_status = 'absent' and coalesce(r.outcome = 'denied', false),
      p.attendance_status in ('present', 'late') and coalesce(r.outcome = 'approved', false),
      r.reason
    from event_participants p
    join events e on e.id = p.event_id
    left join attendance a on a.event_id = p.event_id and a.user_id = p.user_id
    left join lateral (
      select r.*
      from attendance_requests r
      where r.participant_id = p.id
        and r.outcome is distinct from 'withdrawn'
        and (r.decided_at is null or r.decided_at >= p.attendance_updated_at)
      order by r.id desc
      limit 1
    ) r on true
    where p.event_id = p_event
      and p.user_id = p_user;
end
$$;

comment on function absence_told(bigint, bigint) is
  'What a person''s page about an event says of their absence: that the door has them so and they may say otherwise, that '
  'the team looks at it, or what it said.';

create function prompt_absence(p_notification bigint, p_generation int)
  returns table (
    absence_is_unsaid boolean, absence_is_asked boolean, absence_is_denied boolean, absence_is_approved boolean,
    absence_reason text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select t.*
    from notifications n
    cross join lateral absence_told(n.user_id, n.event_id) t
    where n.id = p_notification
      and n.generation = p_generation
      and n.type = 'attendance_prompt';
end
$$;

comment on function prompt_absence(bigint, int) is 'The same behind a prompt link.';

create function own_absence(p_session bytea, p_event bigint)
  returns table (
    absence_is_unsaid boolean, absence_is_asked boolean, absence_is_denied boolean, absence_is_approved boolean,
    absence_reason text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select t.*
    from live_sessions s
    cross join lateral absence_told(s.user_id, p_event) t
    where s.hash = p_session;
end
$$;

comment on function own_absence(bytea, bigint) is 'The same for whoever is signed in.';

grant execute on function
  decide_request(bytea, text, bigint, text, text, text),
  team_requests(bytea, text, bigint, bigint),
  count_requests(bytea, text)
  to rollcall_staff;
grant execute on function prompt_absence(bigint, int) to rollcall_answer;
grant execute on function own_absence(bytea, bigint) to rollcall_member;

commit;
