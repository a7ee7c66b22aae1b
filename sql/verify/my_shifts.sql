-- Verify rollcall:my_shifts on pg

begin;

select id, org_id, schedule_id, assignment_id, user_id, offered_at, withdrawn_at, taken_at, taken_by
from shift_swaps
where false;
select 1 / count(*) from personal_data where relation = 'shift_swaps';
select 1 / count(*) from notification_kinds where kind = 'shift_swap' and to_regproc(recheck) is not null and to_regproc(display) is not null;
select 1 / (count(*) / 6) from pg_index where indrelid = 'shift_swaps'::regclass and indisvalid;

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'own_shift(bytea, bigint)',
      'own_shift_list(bytea, timestamptz, bigint, int, int)',
      'offer_shift(bytea, bigint)',
      'withdraw_shift_offer(bytea, bigint)',
      'take_shift(bytea, bigint, boolean)',
      'offered_shifts(bytea, bigint, int)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_member'), v_role || ': ' || v_function;
    end loop;
    foreach v_function in array array[
      'shift_link(bigint, int, timestamptz)',
      'check_linked_shift(bigint, int, timestamptz, text)',
      'say_linked_shift(bigint, int, timestamptz, text, int)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_answer'), v_role || ': ' || v_function;
    end loop;
    assert has_function_privilege(v_role, 'has_shifts(bigint)', 'execute') = (v_role in ('rollcall_member', 'rollcall_staff')),
      v_role || ': has_shifts';
    assert has_function_privilege(v_role, 'is_offered(bigint)', 'execute') = (v_role = 'rollcall_staff'), v_role || ': is_offered';
    assert not has_table_privilege(v_role, 'shift_swaps', 'select, insert, update, delete'), v_role || ' reads or writes swaps';
  end loop;
end
$$;

select 1 / count(*) from pg_proc where oid = 'shift_link(bigint, int, timestamptz)'::regprocedure and provolatile = 's';

rollback;
