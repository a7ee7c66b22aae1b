-- Verify rollcall:sign_in on pg

do $$
begin
  assert has_function_privilege('rollcall_member', 'sign_in_ask(text, bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'sign_in_link(bigint, int, timestamptz)', 'execute')
    and has_function_privilege('rollcall_member', 'sign_in_use(bigint, int, timestamptz, bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'session_life()', 'execute')
    and has_function_privilege('rollcall_member', 'sign_out(bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'session_end(bytea, bigint)', 'execute'),
    'the member role cannot sign anyone in or out';
  assert has_function_privilege('rollcall_member', 'own_email(bytea)', 'execute')
    and not has_column_privilege('rollcall_member', 'users', 'email', 'select'),
    'the member role must see one address, no others';
  assert not has_function_privilege('rollcall_answer', 'sign_in_use(bigint, int, timestamptz, bytea, text)', 'execute')
    and not has_function_privilege('rollcall_member', 'session_user_id(bytea)', 'execute'),
    'a role may open sessions that should not';
end
$$;
