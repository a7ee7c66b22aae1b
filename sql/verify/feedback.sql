-- Verify rollcall:feedback on pg

do $$
begin
  assert has_function_privilege('rollcall_answer', 'prompt_link(bigint, int, timestamptz)', 'execute')
    and has_function_privilege('rollcall_answer', 'feedback_prompt(bigint, int, timestamptz, int, text)', 'execute'),
    'the answer role cannot ask how it was';
  assert not has_function_privilege('rollcall_answer', 'submit_feedback(bigint, bigint, int, text)', 'execute'),
    'the answer role rates without a link';
  assert (select provolatile from pg_proc where oid = 'prompt_link(bigint, int, timestamptz)'::regprocedure) = 's',
    'looking at a prompt may change something';
end
$$;
