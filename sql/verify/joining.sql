-- Verify rollcall:joining on pg

begin;

select org_id, email, name from sign_in_requests where false;
select 1 / count(*) from notification_kinds where kind = 'join' and category = 'account';

do $$
begin
  assert has_function_privilege('rollcall_member', 'join_ask(text, text, bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'join_org(bytea, text)', 'execute')
    and has_function_privilege('rollcall_member', 'sign_in_ask(text, bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'sign_in_link(bigint, int, timestamptz)', 'execute')
    and has_function_privilege('rollcall_member', 'sign_in_use(bigint, int, timestamptz, bytea, text)', 'execute'),
    'people cannot join or sign in';
  assert not has_function_privilege('rollcall_member', 'add_member(bigint, bigint)', 'execute'),
    'the member role makes anyone a member';
  assert not exists (select from sign_in_link(0, 1, 'infinity')), 'a link that is not there opens';
end
$$;

rollback;
