-- Verify rollcall:unasked on pg

do $$
begin
  assert has_function_privilege('rollcall_staff', 'event_unasked(bytea, text, bigint)', 'execute'), 'it is closed to staff';
  assert not has_function_privilege('rollcall_member', 'event_unasked(bytea, text, bigint)', 'execute'),
    'it is open to members';
  perform event_unasked('\x00', 'none', 0);
end
$$;
