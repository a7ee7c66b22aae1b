-- Verify rollcall:preferences on pg

begin;

select id, user_id, org_id, category, channel, wanted, generation, created_at, updated_at
from category_preferences where false;

do $$
begin
  assert has_function_privilege('rollcall_member', 'own_settings(bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'set_own_name(bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'set_own_zone(bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'find_zones(text, int)', 'execute')
    and has_function_privilege('rollcall_member', 'set_own_quiet(bytea, boolean, text, text)', 'execute')
    and has_function_privilege('rollcall_member', 'own_mail(bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'set_own_mail(bytea, text, text, text, text)', 'execute'),
    'people cannot say what they want';
  assert has_function_privilege('rollcall_answer', 'stop_category_link(bigint, int)', 'execute')
    and has_function_privilege('rollcall_answer', 'stop_category(bigint, int)', 'execute'),
    'a mailed link cannot stop a category';
  assert is_wanted(0, 0, 'shift', 'email'), 'no row does not mean wanted';
  assert (select count(*) = 1 from find_zones('tokyo', 20)), 'zones are not found';
  perform reschedule_messages(0, null);
end
$$;

rollback;
