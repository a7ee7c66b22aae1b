-- Verify rollcall:marks on pg

begin;

select org_id, seq, salt, reason from audit_reason where false;
select 1 / count(*) from personal_data where relation = 'audit_reason';

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    assert not has_function_privilege(v_role, 'mark_attendance(bigint, bigint, attendance_mark[], text, text)', 'execute')
      and not has_function_privilege(v_role, 'append_audits(bigint, event_attendance_audit[])', 'execute'),
      v_role || ' may mark people as it likes';
    assert not has_table_privilege(v_role, 'audit_reason', 'insert, update, delete'), v_role || ' may write reasons';
  end loop;
end
$$;

rollback;
