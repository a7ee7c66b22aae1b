-- Verify rollcall:channels on pg

begin;

select user_id, refused_on from address_refusals where false;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'channel_failed(text, bigint, text)', 'execute'),
    'the sweep cannot pause a channel';
  assert not has_function_privilege('rollcall_sweep', 'lift_suppression(bigint)', 'execute'),
    'the sweep lifts suppressions';
  assert exists (select from notification_kinds where kind = 'staff_notice'), 'admins cannot be told';
  perform channel_succeeded('email');
  assert pause_channel('email', 'verify') and not pause_channel('email', 'verify'), 'an outage is told twice';
end
$$;

rollback;
