-- Verify rollcall:second_prompt on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'schedule_second_prompts(int)', 'execute')
    and has_function_privilege('rollcall_sweep', 'planned_prompts(int)', 'execute'),
    'the sweep cannot plan second prompts';
  assert has_function_privilege('rollcall_answer', 'snooze_prompt(bigint, int, timestamptz)', 'execute'),
    'the answer role cannot snooze';
  assert not has_function_privilege('rollcall_answer', 'snooze_attendance_prompt(bigint, bigint)', 'execute'),
    'the answer role snoozes without a link';
  assert second_prompt_due('2026-11-20 18:00+00', 'Europe/Berlin') = '2026-11-21 09:00+01',
    'nine in the morning is another hour';
  assert (select looked_at = 0 and planned = 0 from schedule_second_prompts(0)), 'asked for none, it plans some';
  perform planned_prompts(0);
end
$$;

rollback;
