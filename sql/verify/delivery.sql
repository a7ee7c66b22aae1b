-- Verify rollcall:delivery on pg

begin;

select channel, push_state, push_cause, push_reply_code from scheduled_notifications where false;
select channel, push_state, push_cause, push_reply_code from notification_log where false;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'claim_notifications(int, text, boolean)', 'execute')
    and has_function_privilege('rollcall_sweep', 'release_notification(bigint, bigint)', 'execute')
    and has_function_privilege('rollcall_sweep', 'prepare_notifications(bigint[], bigint[], text, boolean)', 'execute')
    and has_function_privilege('rollcall_sweep', 'keep_messages(bigint[], bigint[], bytea[])', 'execute')
    and has_function_privilege('rollcall_sweep', 'record_sent(bigint[], bigint[], int[], int[])', 'execute')
    and has_function_privilege('rollcall_sweep', 'record_failed(bigint, bigint, text, int, text, text, int)', 'execute')
    and has_function_privilege('rollcall_sweep', 'forget_devices(bigint, bigint, jsonb)', 'execute')
    and has_function_privilege('rollcall_sweep', 'due_notifications(int)', 'execute'),
    'the sweep cannot deliver';
  assert not has_function_privilege('rollcall_member', 'claim_notifications(int, text, boolean)', 'execute'),
    'the member role takes messages from the queue';
  assert stoppable_category('staff_notice') = 'shift' and stoppable_category('sign_in') is null,
    'the wrong mail can be stopped';
  assert not exists (
    select from notification_kinds k
    cross join lateral (
      values
        (k.recheck, 'text', ''), (k.take, 'text[]', '[]'), (k.recipient, 'record', ''), (k.link, 'record', ''),
        (k.display, 'jsonb', ''), (k.follow, 'void', ', text, text, int, int')
    ) as f(name, gives, more)
    where f.name is not null
      and not exists (
        select from pg_proc p
        where p.oid = to_regprocedure(format('public.%I(scheduled_notifications%s)', f.name, f.more))
          and p.prorettype::regtype::text = f.gives
      )
  ), 'a kind of message names a function that is not there';
  assert (select bool_and(k.recheck is not null) from notification_kinds k where k.kind in ('sign_in', 'attendance_prompt')),
    'a message leaves without being looked at again';
  assert (select count(*) = 1 from delivery_channels where channel = 'push'), 'nothing is known of the way to devices';
  assert (select outcome = 'lost' from prepare_notifications('{0}', '{0}')), 'a message that is not there can be prepared';
end
$$;

rollback;
