-- Verify rollcall:watch_settings on pg

begin;

do $$
begin
  assert has_function_privilege(
    'rollcall_staff',
    'save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, int[], text)', 'execute'
  ), 'admins cannot save their settings';
  assert not has_function_privilege(
    'rollcall_staff',
    'save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text)', 'execute'
  ), 'settings are saved without the hours of the watch';
end
$$;

rollback;
