-- Verify rollcall:staff_people on pg

begin;

select member_list, version from organizations where false;
select id, org_id, user_id, actor_id, what, setting, before, after, request_id, at from org_changes where false;

do $$
begin
  assert not exists (
    select from unnest(array['answer', 'member', 'staff', 'sweep', 'ctl', 'owner']) as r(name),
      unnest(array['update', 'delete', 'truncate']) as p(name)
    where has_table_privilege('rollcall_' || r.name, 'org_changes', p.name)
  ), 'the record of changes can be changed';
  assert (
    select count(*) = 2 from pg_trigger
    where tgrelid = 'org_changes'::regclass and tgname like 'org_changes\_%' and tgenabled = 'O'
  ), 'the record of changes has lost its triggers';
  assert (
    select count(*) = 4 from pg_trigger
    where tgrelid = 'memberships'::regclass and not tgisinternal and tgenabled = 'O'
  ), 'memberships change without a record';
  assert not exists (
    select from memberships m join users u on u.id = m.user_id where m.sort_key <> lower(u.name)
  ), 'the list of people is out of order';
  assert (
    select count(*) = 3 from pg_index
    where indexrelid in ('memberships_by_name'::regclass, 'memberships_name_words'::regclass, 'users_email_start'::regclass)
      and indisvalid
  ), 'people are not found by index';
  assert has_function_privilege('rollcall_staff', 'team_people(bytea, text, text, bigint)', 'execute')
    and has_function_privilege('rollcall_staff', 'change_role(bytea, text, bigint, text, text, text)', 'execute')
    and not has_function_privilege('rollcall_staff', 'lift_suppression(bigint)', 'execute')
    and not has_function_privilege(
      'rollcall_staff', 'record_change(bigint, bigint, text, text, text, text)', 'execute'
    ), 'the staff role may do other than it should';
  assert exists (select from notification_kinds where kind = 'responder_news'), 'there is no responder_news';
  assert pg_get_functiondef('remove_person(bytea, text, bigint, text)'::regprocedure) like '%no key update%',
    'who is removed waits in a circle';
end
$$;

rollback;
