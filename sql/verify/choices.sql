-- Verify rollcall:choices on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_member', 'own_choices(bytea, text, text)', 'execute')
    and has_function_privilege('rollcall_member', 'set_own_choices(bytea, text, text, text, text)', 'execute'),
    'people cannot say what comes by which way';
  assert not exists (select from own_choices('', '', 'inbox')), 'nobody has an inbox';
end
$$;

rollback;
