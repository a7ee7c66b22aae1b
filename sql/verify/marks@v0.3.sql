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
  end loop;
end
$$;

rollback;
