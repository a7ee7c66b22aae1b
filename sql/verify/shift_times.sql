-- Verify rollcall:shift_times on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_staff', 'shift_times(duty_schedules, boolean)', 'execute'),
    'the team cannot be told who may be checked in';
  assert to_regprocedure('shift_times_open(duty_schedules, interval)') is null, 'the hours stand twice';
  assert (
    select bool_and(p.prosrc like '%shift_times%') and count(*) = 5
    from pg_proc p
    where p.proname in ('staff_check_shift', 'check_shift', 'shift_seen', 'shift_link', 'check_linked_shift')
  ), 'not everybody goes by shift_times()';
end
$$;

rollback;
