-- Verify rollcall:answers on pg

do $$
begin
  assert has_function_privilege('rollcall_answer', 'answer_prompt(bigint, int, timestamptz, text, text)', 'execute')
    and has_function_privilege('rollcall_answer', 'unsubscribe_link(bigint, int)', 'execute')
    and has_function_privilege('rollcall_answer', 'unsubscribe(bigint, int)', 'execute'),
    'the answer role cannot answer';
  assert not has_function_privilege('rollcall_answer', 'record_attendance(bigint, bigint, text, text)', 'execute'),
    'the answer role answers without a link';
end
$$;
