-- Verify rollcall:own_answers on pg

do $$
declare
  v_function regprocedure;
begin
  perform listed from memberships where false;
  perform user_id, org_id from fellowships where false;
  foreach v_function in array array[
    'pending_prompts(bytea)', 'answer_own_prompt(bytea, bigint, text, text)', 'snooze_own_prompt(bytea, bigint)',
    'own_answer(bytea, bigint)', 'answer_event(bytea, bigint, text, text)', 'feedback_event(bytea, bigint, int, text)',
    'share_attendance(bytea, bigint, boolean, boolean)', 'share_answers(bytea, bigint, boolean)',
    'list_member(bytea, bigint, boolean)', 'attendance_history(bytea, timestamptz, bigint, int)',
    'find_fellows(bytea, text, bigint, int)', 'fellow_profile(bytea, bigint)',
    'fellow_attendance(bytea, bigint, timestamptz, bigint, int)'
  ]::regprocedure[] loop
    assert has_function_privilege('rollcall_member', v_function, 'execute'), v_function || ' is closed to members';
    assert not has_function_privilege('rollcall_staff', v_function, 'execute'), v_function || ' is open to staff';
  end loop;
  v_function := 'person_attendance(bytea, text, bigint, timestamptz, bigint, int)';
  assert has_function_privilege('rollcall_staff', v_function, 'execute'), 'staff see no answers';
  assert not has_function_privilege('rollcall_member', v_function, 'execute'), 'members see what staff see';
  assert not has_table_privilege('rollcall_member', 'fellowships', 'select')
    and not has_function_privilege('rollcall_member', 'waiting_prompts(bigint)', 'execute')
    and not has_function_privilege('rollcall_member', 'require_own_event(bytea, bigint)', 'execute'),
    'members reach past their own functions';
end
$$;
