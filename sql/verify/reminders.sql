-- Verify rollcall:reminders on pg

begin;

select id, starts_to, ends_to from shift_planning where false;
select 1 / count(*) from shift_planning;
select 1 / (count(*) / 2)
from notification_kinds
where kind in ('shift_start', 'shift_end')
  and category = 'shift'
  and to_regproc(recheck) is not null and to_regproc(link) is not null and to_regproc(display) is not null;

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'enqueue_due_shift_notifications()', 'planned_shift_reminders(int)', 'next_due()'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_sweep'), v_role || ': ' || v_function;
    end loop;
  end loop;
end
$$;

rollback;
