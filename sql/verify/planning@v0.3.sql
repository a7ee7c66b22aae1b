-- Verify rollcall:planning on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'schedule_post_event_prompts(int)', 'execute')
    and has_function_privilege('rollcall_sweep', 'cancel_moved_prompts()', 'execute')
    and has_function_privilege('rollcall_sweep', 'expire_notifications(int)', 'execute'),
    'the sweep cannot plan';
  assert prompt_refusal('completed', 'none', null, null) = 'unsubscribed'
    and prompt_refusal('completed', null, null, 'unknown') is null,
    'the wrong people are asked';
  assert (select count(*) = 1 from planning_position), 'the planner has lost its place';
  perform schedule_post_event_prompts(0);
end
$$;

rollback;
