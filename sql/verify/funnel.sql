-- Verify rollcall:funnel on pg

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'event_funnel(bytea, text, bigint)', 'event_ratings(bytea, text, bigint)',
    'event_feedback(bytea, text, bigint, timestamptz, bigint, int, boolean)'
  ]::regprocedure[] loop
    assert has_function_privilege('rollcall_staff', v_function, 'execute'), v_function || ' is closed to staff';
    assert not has_function_privilege('rollcall_member', v_function, 'execute'), v_function || ' is open to members';
  end loop;
  assert not has_function_privilege('rollcall_member', 'team_event_id(bytea, text, bigint)', 'execute'),
    'members reach past their own functions';
end
$$;
