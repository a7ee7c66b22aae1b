-- Verify rollcall:runs on pg

begin;

do $$
begin
  assert (select count(*) = 1 from sweep_runs), 'no run can be kept';
  assert (
    select count(*) = 2 from pg_index
    where indexrelid in ('notification_log_dead'::regclass, 'users_suppressed'::regclass) and indisvalid
  ), 'dead messages cannot be counted without going over all of them';
  assert has_function_privilege('rollcall_sweep', 'record_run(boolean, jsonb)', 'execute'), 'the sweep cannot keep its run';
  assert has_function_privilege('rollcall_staff', 'metrics()', 'execute'), 'nobody can measure';
  assert has_function_privilege('rollcall_staff', 'late_run(text)', 'execute'), 'staff are not told that runs stay away';
  assert not has_function_privilege('rollcall_member', 'metrics()', 'execute'), 'the public may measure';
  assert not has_table_privilege('rollcall_sweep', 'sweep_runs', 'update'), 'the sweep can write runs by hand';
end
$$;

rollback;
