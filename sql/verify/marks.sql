-- Verify rollcall:marks on pg

begin;

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    assert not has_function_privilege(v_role, 'mark_attendance(bigint, bigint, attendance_mark[], text, text)', 'execute'),
      v_role || ' may mark people as it likes';
    assert not has_function_privilege(v_role, 'hold_author(bigint)', 'execute'), v_role || ' holds whom it likes';
  end loop;
  assert pg_get_functiondef('mark_attendance(bigint, bigint, attendance_mark[], text, text)'::regprocedure) like '%hold_author%',
    'a reason may outlive who typed it';
end
$$;

rollback;
