-- Verify rollcall:operator on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_ctl', 'add_org(text, text, text)', 'execute')
    and has_function_privilege('rollcall_ctl', 'add_admin(text, text, text)', 'execute')
    and has_function_privilege('rollcall_ctl', 'import_people(text, jsonb, boolean)', 'execute')
    and has_function_privilege('rollcall_ctl', 'import_events(text, jsonb, boolean)', 'execute'),
    'the operator cannot add or import';
  assert is_virtual_place('') and is_virtual_place('https://meet.example/x') and not is_virtual_place('Town hall'),
    'is_virtual_place() is wrong';
  assert local_moment('2026-02-30', 'UTC') is null
    and local_moment('2026-11-20T18:30:00', 'Europe/Berlin') = '2026-11-20 17:30+00',
    'local_moment() is wrong';
end
$$;

rollback;
