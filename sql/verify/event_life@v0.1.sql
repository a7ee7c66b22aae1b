-- Verify rollcall:event_life on pg

do $$
begin
  assert has_function_privilege('rollcall_member', 'member_events(bytea, bigint)', 'execute')
    and has_function_privilege('rollcall_member', 'view_event(bytea, bigint)', 'execute')
    and has_function_privilege('rollcall_member', 'register_for_event(bytea, bigint, text)', 'execute')
    and has_function_privilege('rollcall_member', 'withdraw_from_event(bytea, bigint, text)', 'execute'),
    'the member role cannot see or join events';
  assert has_function_privilege('rollcall_sweep', 'advance_events()', 'execute')
    and not has_function_privilege('rollcall_member', 'advance_events()', 'execute'),
    'events are not moved on by the sweep alone';
end
$$;
