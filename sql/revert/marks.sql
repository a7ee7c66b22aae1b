-- Revert rollcall:marks from pg

begin;

create or replace function mark_attendance(
  p_org bigint, p_actor bigint, p_marks attendance_mark[], p_reason text, p_request_id text
)
  returns table (participant_id bigint, previous text, previous_at timestamptz, seq bigint)
  language plpgsql
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_reason text := left(nullif(btrim(p_reason), ''), 500);
  v_before event_participants[];
  v_salts bytea[];
  v_rows event_attendance_audit[];
  v_first bigint;
begin
  select array_agg(p order by (p).id) into v_before
  from (
    select p
    from event_participants p
    where p.org_id = p_org
      and p.id = any (array(select m.participant_id from unnest(p_marks) m))
    order by p.id
    for no key update
  ) locked(p);

  -- What is so already, and what was done under its key before, stays.
  select
    array_agg(b.p order by (b.p).id),
    array_agg(b.salt order by (b.p).id),
    array_agg(row(
      p_org, 0, (b.p).event_id, (b.p).id, (b.p).user_id, p_actor, m.action, (b.p).attendance_status, m.status,
      m.reason_code, hash_reason(b.salt, v_reason), m.dedupe_key, p_request_id, v_now, '', ''
    )::event_attendance_audit order by (b.p).id)
  into v_before, v_salts, v_rows
  from (
    select p, case when v_reason is not null then uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) end as salt
    from unnest(v_before) p
  ) b
  join unnest(p_marks) m on m.participant_id = (b.p).id
  where ((b.p).attendance_status, (b.p).attendance_marked_at) is distinct from (m.status, m.marked_at)
    and not exists (
      select from event_attendance_audit a where a.org_id = p_org and a.dedupe_key = m.dedupe_key
    );
  if v_before is null then
    return;
  end if;

  update event_participants p
  set
    attendance_status = m.status,
    attendance_marked_at = m.marked_at,
    attendance_marked_by = case when m.status <> 'unknown' then p_actor end,
    attendance_updated_at = v_now
  from unnest(p_marks) m
  where p.id = m.participant_id
    and p.id = any (array(select (b).id from unnest(v_before) b));

  -- Last, because its place in the chain is the organisation's to wait for.
  v_first := append_audits(p_org, v_rows);
  insert into audit_reason (org_id, seq, salt, reason)
  select p_org, v_first + s.place - 1, s.salt, v_reason
  from unnest(v_salts) with ordinality as s(salt, place)
  where s.salt is not null;
  return query
    select (v_before[n]).id, (v_before[n]).attendance_status, (v_before[n]).attendance_marked_at, v_first + n - 1
    from generate_subscripts(v_before, 1) n;
end
$$;

drop function hold_author(bigint);

commit;
