-- Verify rollcall:audit on pg

begin;

select org_id, seq, event_id, participant_id, user_id, actor_id, action, previous_status, new_status, reason_code,
  reason_hash, dedupe_key, request_id, performed_at, prev_hash, hash
from event_attendance_audit where false;

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
end
$$;

rollback;
