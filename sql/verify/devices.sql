-- Verify rollcall:devices on pg

begin;

select id, user_id, token, token_hash, name, created_at, last_used_at from device_tokens where false;

do $$
begin
  assert has_function_privilege('rollcall_member', 'add_device(bytea, text, text)', 'execute')
    and has_function_privilege('rollcall_member', 'own_devices(bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'remove_device(bytea, bigint)', 'execute'),
    'members cannot look after their devices';
  assert not exists (
    select from unnest(array['answer', 'member', 'staff', 'sweep', 'ctl']) as r(name)
    where has_any_column_privilege('rollcall_' || r.name, 'device_tokens', 'select')
  ), 'a program reads tokens of devices';
  assert own_account(0, 'UTC') ? 'devices', 'the download lacks devices';
end
$$;

rollback;
