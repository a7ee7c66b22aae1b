-- Verify rollcall:own_data on pg

begin;

select hash, suppressed_at, suppressed_cause, erased_at from erased_addresses where false;
select erased_address_id, org_id, category, channel from erased_stops where false;
select erased_address_id from sign_in_requests where false;
select user_id, at from data_downloads where false;
select 1 / count(*) from personal_data where relation = 'users' and 'email' = any (columns);

do $$
begin
  assert has_function_privilege('rollcall_member', 'take_own_data(bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'own_last_admin(bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'erase_me(bytea, bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'know_asker(bytea)', 'execute')
    and has_function_privilege('rollcall_staff', 'know_address(text, bytea)', 'execute')
    and has_function_privilege('rollcall_ctl', 'know_addresses(jsonb)', 'execute'),
    'people cannot have their data, or be forgotten';
  assert not has_function_privilege('rollcall_member', 'own_data(bigint)', 'execute')
    and not has_function_privilege('rollcall_staff', 'own_data(bigint)', 'execute'),
    'a program reads anybody''s data';
  assert own_data(0) ?& array['shifts', 'shift_offers', 'shifts_left', 'calendar_address'],
    'shifts are not in what people take along';
  assert own_ledger(0, 'UTC') ? 'points', 'points are not in what people take along';
  assert not exists (
    select from pg_constraint where conname = 'access_log_user_id_fkey'
  ), 'the log of who opened what forgets who it was';
  assert exists (
    select from pg_trigger where tgname = 'users_restore_joiner' and tgrelid = 'users'::regclass
  ), 'who joins again has forgotten what they stopped';
  assert (
    select proconfig::text like '%lock_timeout%' from pg_proc where oid = 'erase_me(bytea, bytea, text)'::regprocedure
  ), 'who is erased waits in a circle';
end
$$;

rollback;
