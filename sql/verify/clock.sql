-- Verify rollcall:clock on pg

do $$
begin
  assert app_now() is not null, 'app_now() tells no time';
  assert not has_database_privilege('rollcall_member', current_database(), 'temporary'),
    'everyone may make temporary tables';
  assert has_function_privilege('rollcall_answer', 'app_now()', 'execute'),
    'rollcall_answer may not ask the time';
  assert exists (
    select from pg_default_acl
    where defaclobjtype = 'f' and defaclnamespace = 0 and defaclrole = current_user::regrole
  ), 'new functions are open to everyone';
end
$$;
