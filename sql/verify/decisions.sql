-- Verify rollcall:decisions on pg

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'own_messages(bytea, timestamptz, bigint, int)', 'not_asked_cause(bytea, bigint)'
  ]::regprocedure[] loop
    assert has_function_privilege('rollcall_member', v_function, 'execute'), v_function || ' is closed to members';
    assert not has_function_privilege('rollcall_answer', v_function, 'execute'), v_function || ' is open to links';
  end loop;
  assert not has_function_privilege('rollcall_member', 'message_reason(text, text, int, bigint, bigint)', 'execute'),
    'members reach past their own functions';
end
$$;
