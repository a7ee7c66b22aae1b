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
  assert not exists (
    select from notification_kinds k
    cross join lateral (
      values
        (k.recheck, 'text', ''), (k.take, 'text', ''), (k.recipient, 'record', ''), (k.link, 'record', ''),
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
  assert (select outcome = 'lost' from prepare_notification(0, 0)), 'a message that is not there can be prepared';
end
$$;

rollback;
