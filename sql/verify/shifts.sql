-- Verify rollcall:shifts on pg

begin;

select
  id, org_id, title, location, notes, start_at, end_at, capacity, status, revision, version, series_id, created_at, updated_at
from duty_schedules
where false;
select
  id, org_id, schedule_id, user_id, status, declined_at, late_minutes, late_said_at, generation, assigned_at, assigned_by
from duty_assignments
where false;
select id, schedule_id, org_id, user_id, type, at, by_id, undone_at, undone_by from attendance_logs where false;
select 1 / (count(*) / 3) from personal_data where relation in ('duty_schedules', 'duty_assignments', 'attendance_logs');
select 1 / (count(*) / 2) from notification_kinds where kind in ('shift_change', 'shift_news') and to_regproc(recheck) is not null and to_regproc(display) is not null;
select 1 / (count(*) / 16)
from pg_index
where indrelid in ('duty_schedules'::regclass, 'duty_assignments'::regclass, 'attendance_logs'::regclass)
  and indisvalid;
select 1 / count(*) from pg_index where indexrelid = 'scheduled_notifications_schedule'::regclass and indisvalid;

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'make_shift(bytea, text, jsonb)',
      'change_shift(bytea, text, bigint, int, jsonb)',
      'cancel_shift(bytea, text, bigint, int, text)',
      'assign_shift(bytea, text, bigint, jsonb, boolean)',
      'unassign_shift(bytea, text, bigint, bigint)',
      'people_to_assign(bytea, text, bigint, text, jsonb, int)',
      'staff_check_shift(bytea, text, bigint, bigint, text, boolean)',
      'staff_shift_word(bytea, text, bigint, bigint, text, int)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    foreach v_function in array array['check_shift(bytea, bigint, text)', 'say_shift_word(bytea, bigint, text, int)'] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_member'), v_role || ': ' || v_function;
    end loop;
    assert not has_table_privilege(v_role, 'duty_schedules', 'insert, update, delete')
      and not has_table_privilege(v_role, 'duty_assignments', 'insert, update, delete')
      and not has_table_privilege(v_role, 'attendance_logs', 'insert, update, delete'), v_role || ' may write shifts';
  end loop;
  assert (
    select p.prosrc like '%duty_assignments%' from pg_proc p where p.oid = 'record_members_out()'::regprocedure
  ), 'who left still has shifts';
  assert state_unsent('shift_cancelled') = 'cancelled', 'what a cancelled shift takes back is called otherwise';
end
$$;

rollback;
