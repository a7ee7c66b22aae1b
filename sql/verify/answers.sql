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

select id, org_id, event_id, participant_id, user_id, answer, created_at, outcome, decided_by, decided_at, reason
from attendance_requests
where false;
select 1 / count(*) from personal_data where relation = 'attendance_requests';
select 1 / count(*) from pg_index where indexrelid = 'attendance_requests_open'::regclass and indisvalid and indisunique;

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    assert has_function_privilege(v_role, 'decide_request(bytea, text, bigint, text, text, text)', 'execute')
      = (v_role = 'rollcall_staff'), v_role || ': decide_request';
    assert has_function_privilege(v_role, 'prompt_absence(bigint, int)', 'execute') = (v_role = 'rollcall_answer'),
      v_role || ': prompt_absence';
    assert has_function_privilege(v_role, 'own_absence(bytea, bigint)', 'execute') = (v_role = 'rollcall_member'),
      v_role || ': own_absence';
    assert not has_table_privilege(v_role, 'attendance_requests', 'select, insert, update, delete'),
      v_role || ' may touch requests';
  end loop;
end
$$;

do $$
begin
  assert pg_get_functiondef('record_attendance(bigint, bigint, text, text)'::regprocedure) like '%request_to_team%',
    'answers and decisions wait for each other';
end
$$;
