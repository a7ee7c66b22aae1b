-- Deploy rollcall:audit_list to pg
-- The audit as staff read it, and its daily check.

begin;

-- --- the daily check ---

create table audit_checks (
  org_id bigint primary key references organizations on delete cascade,
  due_at timestamptz not null default app_now(),
  begun_at timestamptz,
  seq bigint not null default 0,
  done_at timestamptz,
  problem_seq bigint,
  problem text
);

create index audit_checks_due on audit_checks (due_at);

comment on table audit_checks is 'How far the sweep is in going over each chain, and what it found.';
comment on column audit_checks.due_at is 'When the chain is gone over next; while that is under way, when it was due.';
comment on column audit_checks.seq is 'Up to which row it has come; 0: it has not begun.';
comment on column audit_checks.done_at is 'When it was last gone over to its end, or to the problem.';
comment on column audit_checks.problem_seq is 'The first row that is not sound, of which admins are told once; null: none.';

insert into audit_checks (org_id) select id from organizations;

create or replace function begin_audit() returns trigger
  language plpgsql
as $$
begin
  insert into event_attendance_audit_head (org_id) values (new.id);
  insert into audit_checks (org_id) values (new.id);
  return null;
end
$$;

insert into personal_data (relation, columns, downloaded, erased) values
  ('audit_checks', '{problem}', 'no: about no person', 'stays: about no person');

create function audit_notice_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'problem', c.problem,
      'seq', c.problem_seq,
      'found_text', say_time((p_row).created_at, z.zone),
      'zone', z.zone
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    join audit_checks c on c.org_id = o.id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    where u.id = (p_row).user_id
  );
end
$$;

insert into notification_kinds (kind, category, template, recheck, display) values
  ('audit_notice', 'shift', 'mail_audit', 'admin_recheck', 'audit_notice_display');

create function check_audits(p_most bigint)
  returns table (org_id bigint, looked_at bigint, is_done boolean, seq bigint, problem text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_left bigint := p_most;
  v_check audit_checks;
  v_end bigint;
begin
  loop
    select * into v_check
    from audit_checks c
    where c.due_at <= v_now
    order by c.due_at, c.org_id
    limit 1
    for update skip locked;
    exit when not found or v_left <= 0;
    select h.seq into v_end from event_attendance_audit_head h where h.org_id = v_check.org_id;
    org_id := v_check.org_id;
    looked_at := greatest(least(v_left, coalesce(v_end, 0) - v_check.seq), 0);
    seq := null;
    problem := null;
    select f.seq, f.problem into seq, problem
    from first_audit_problem(v_check.org_id, v_check.seq, looked_at) f;
    is_done := problem is not null or v_end is null or v_check.seq + looked_at >= v_end;
    update audit_checks c
    set
      due_at = case when is_done then coalesce(c.begun_at, v_now) + interval '1 day' else c.due_at end,
      begun_at = case when is_done then null else coalesce(c.begun_at, v_now) end,
      seq = case when is_done then 0 else c.seq + looked_at end,
      done_at = case when is_done then v_now else c.done_at end,
      problem_seq = case when is_done then check_audits.seq else c.problem_seq end,
      problem = case when is_done then check_audits.problem else c.problem end
    where c.org_id = v_check.org_id;
    if problem is not null and (v_check.problem_seq, v_check.problem) is distinct from (seq, problem) then
      perform tell_admins(
        v_check.org_id,
        'audit_notice',
        format('audit-%s-%s-%s', v_check.org_id, seq, to_char(v_now, 'YYYYMMDD')),
        null,
        v_now + interval '3 days'
      );
    end if;
    return next;
    -- A chain of none is work too.
    v_left := v_left - greatest(looked_at, 1);
  end loop;
end
$$;

comment on function check_audits(bigint) is
  'Goes over the chains that are due, each once a day, for at most so many rows in all: one row for each chain that it came '
  'to, with the first row that is not sound. What is left goes on with the next call. The organisation''s admins are told '
  'of a problem when it is first found.';

grant execute on function check_audits(bigint) to rollcall_sweep;

-- --- as staff read it ---

create function audit_action_text(p_action text) returns text
  language sql immutable parallel safe
  return case p_action
    when 'check_in' then 'Checked in'
    when 'walk_in' then 'Walked in'
    when 'correction' then 'Corrected'
    when 'mark_absent' then 'Marked absent'
    when 'revert' then 'Taken back'
    when 'undo' then 'Undone'
    when 'request' then 'Asked to look again'
    when 'self_report' then 'Answered'
  end;

create function audit_status_text(p_action text, p_status text) returns text
  language sql immutable parallel safe
  return case
    when p_status in ('attended', 'partial', 'not_attended') or p_action = 'self_report' then attendance_word(p_status)
    else door_status_text(p_status)
  end;

comment on function audit_status_text(text, text) is
  'A status in the audit may be the door''s word or the person''s own: only of unknown does it take the action to tell.';

create function open_audit(p_session bytea, p_slug text, p_what text, p_request_id text) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    insert into access_log (user_id, org_id, action, what, request_id)
    select t.user_id, t.org_id, 'opened', left(p_what, 200), left(p_request_id, 64)
    from team_org(p_session, p_slug, 'staff') t;
  end;

comment on function open_audit(bytea, text, text, text) is 'Who reads the audit is known: to be called with each reading.';

create function audit_about(p_session bytea, p_slug text, p_event bigint, p_person bigint, p_actor bigint)
  returns table (
    event_title text, person_name text, actor_name text, checked_at timestamptz, problem_seq bigint, problem text,
    zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select e.title, coalesce(p.name, 'someone who was erased'), case when p_actor = 0 then 'Rollcall' else coalesce(a.name, 'someone who was erased') end,
      c.done_at, c.problem_seq, c.problem, user_zone(t.user_id)
    from team_org(p_session, p_slug, 'staff') t
    left join audit_checks c on c.org_id = t.org_id
    left join events e on e.id = p_event and e.org_id = t.org_id
    left join users p on p.id = p_person
    left join users a on a.id = p_actor
    where (p_event is null or e.id is not null)
      and (
        p_person is null
        or exists (select from memberships m where m.user_id = p_person and m.org_id = t.org_id)
        or exists (select from event_attendance_audit r where r.user_id = p_person and r.org_id = t.org_id)
      )
      and (
        coalesce(p_actor, 0) = 0
        or exists (select from memberships m where m.user_id = p_actor and m.org_id = t.org_id)
        or exists (select from event_attendance_audit r where r.actor_id = p_actor and r.org_id = t.org_id)
      );
end
$$;

comment on function audit_about(bytea, text, bigint, bigint, bigint) is
  'Whose rows are asked for, and how the chain was found when it was last gone over. No row: not for this person, or one of '
  'them is not of this organisation.';

create function team_audit(
  p_session bytea, p_slug text, p_event bigint, p_person bigint, p_actor bigint, p_action text, p_from date, p_to date,
  p_before timestamptz, p_before_seq bigint, p_most int
)
  returns table (
    seq bigint, at timestamptz, action text, previous_status text, new_status text, event_id bigint, event_title text,
    user_id bigint, user_name text, actor_id bigint, actor_name text, reason_code text, reason_words text, reason text,
    reason_erased boolean, request_id text, hash text, zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_zone text;
begin
  select t.org_id, t.user_id into v_team from team_org(p_session, p_slug, 'staff') t;
  if not found then
    return;
  end if;
  v_zone := user_zone(v_team.user_id);
  -- Made for what is asked, so that each way of asking is planned by itself.
  return query execute concat(
    'select a.seq, a.performed_at, a.action, a.previous_status, a.new_status, a.event_id, e.title, a.user_id, u.name,
      a.actor_id, b.name, a.reason_code, c.words, r.reason, a.reason_hash is not null and r.seq is null, a.request_id,
      encode(a.hash, ''hex''), $11
    from (
      select *
      from event_attendance_audit
      where org_id = $1',
    case when p_event is not null then ' and event_id = $2' end,
    case when p_person is not null then ' and user_id = $3' end,
    case when p_actor = 0 then ' and actor_id is null' when p_actor is not null then ' and actor_id = $4' end,
    case when p_action is not null then ' and action = $5' end,
    case when p_from is not null then ' and performed_at >= $6::timestamp at time zone $11' end,
    case when p_to is not null then ' and performed_at < ($7 + 1)::timestamp at time zone $11' end,
    case when p_before is not null then ' and (performed_at, seq) < ($8, $9)' end,
    ' order by performed_at desc, seq desc
      limit $10
    ) a
    left join events e on e.id = a.event_id and e.org_id = a.org_id
    left join users u on u.id = a.user_id
    left join users b on b.id = a.actor_id
    left join reason_codes c on c.code = a.reason_code
    left join audit_reason r on r.org_id = a.org_id and r.seq = a.seq
    order by a.performed_at desc, a.seq desc'
  ) using v_team.org_id, p_event, p_person, p_actor, p_action, p_from, p_to, p_before, p_before_seq, p_most, v_zone;
end
$$;

comment on function team_audit(bytea, text, bigint, bigint, bigint, text, date, date, timestamptz, bigint, int) is
  'Rows of the organisation''s audit, the last first, after that one when it is given: of that event, about that person, '
  'done by that one (0: by the system), of that action, from that day of the reader''s on, up to that day. What is null leaves nothing out.';

grant execute on function
  audit_action_text(text),
  audit_status_text(text, text),
  open_audit(bytea, text, text, text),
  audit_about(bytea, text, bigint, bigint, bigint),
  team_audit(bytea, text, bigint, bigint, bigint, text, date, date, timestamptz, bigint, int)
  to rollcall_staff;

commit;

-- One for each way of asking, made while people answer.

drop index if exists event_attendance_audit_time;
create index concurrently event_attendance_audit_time
  on event_attendance_audit (org_id, performed_at, seq);
drop index if exists event_attendance_audit_action;
create index concurrently event_attendance_audit_action
  on event_attendance_audit (org_id, action, performed_at, seq);
drop index if exists event_attendance_audit_by;
create index concurrently event_attendance_audit_by
  on event_attendance_audit (org_id, actor_id, performed_at, seq);
