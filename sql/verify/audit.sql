-- Verify rollcall:audit on pg

begin;

select org_id, seq, event_id, participant_id, user_id, actor_id, action, previous_status, new_status, reason_code,
  reason_hash, dedupe_key, request_id, performed_at, prev_hash, hash
from event_attendance_audit where false;
select org_id, seq, salt, reason from audit_reason where false;
select 1 / count(*) from personal_data where relation = 'audit_reason';

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_owner', 'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    assert not has_table_privilege(v_role, 'event_attendance_audit', 'update, delete, truncate'),
      v_role || ' may change the audit';
    assert not has_table_privilege(v_role, 'event_attendance_audit_head', 'delete, truncate'),
      v_role || ' may cut the audit off';
    assert v_role = 'rollcall_owner' or not (
      has_function_privilege(v_role, 'append_audits(bigint, event_attendance_audit[])', 'execute')
      or has_table_privilege(v_role, 'audit_reason', 'insert, update, delete')
    ), v_role || ' may write what it likes into the audit';
  end loop;
  assert (
    select count(*) = 5 from pg_trigger
    where tgrelid in ('event_attendance_audit'::regclass, 'event_attendance_audit_head'::regclass)
      and tgfoid = 'refuse_change()'::regprocedure
      and tgenabled = 'O'
  ), 'a trigger that guards the audit is missing or off';
  assert not exists (
    select from organizations o
    where not exists (select from event_attendance_audit_head h where h.org_id = o.id)
  ), 'an organisation has no chain';
  assert has_function_privilege('rollcall_sweep', 'verify_audit(text, timestamptz)', 'execute'), 'nobody looks at the chain';
end
$$;

rollback;
