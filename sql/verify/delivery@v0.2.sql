-- Verify rollcall:delivery on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'claim_notifications(int)', 'execute')
    and has_function_privilege('rollcall_sweep', 'release_notification(bigint, bigint)', 'execute')
    and has_function_privilege('rollcall_sweep', 'prepare_notification(bigint, bigint)', 'execute')
    and has_function_privilege('rollcall_sweep', 'keep_message(bigint, bigint, bytea)', 'execute')
    and has_function_privilege('rollcall_sweep', 'record_sent(bigint, bigint, int, int)', 'execute')
    and has_function_privilege('rollcall_sweep', 'record_failed(bigint, bigint, text, int, text, text)', 'execute')
    and has_function_privilege('rollcall_sweep', 'due_notifications(int)', 'execute'),
    'the sweep cannot deliver';
  assert not has_function_privilege('rollcall_member', 'claim_notifications(int)', 'execute'),
    'the member role takes messages from the queue';
  assert stoppable_category('staff_notice') = 'shift' and stoppable_category('sign_in') is null,
    'the wrong mail can be stopped';
  assert (select outcome = 'lost' from prepare_notification(0, 0)), 'a message that is not there can be prepared';
end
$$;

rollback;
