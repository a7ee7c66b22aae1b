-- Verify rollcall:address_change on pg

begin;

select new_email, old_email from sign_in_requests where false;
select 1 / (count(*) / 2) from notification_kinds where kind in ('address_change', 'address_changed') and category = 'account';
select 1 / count(*) from personal_data where relation = 'sign_in_requests' and columns @> '{new_email,old_email}';

do $$
begin
  assert has_function_privilege('rollcall_member', 'address_change_ask(bytea, text, bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'address_change_link(bigint, int, timestamptz)', 'execute')
    and has_function_privilege('rollcall_member', 'address_change_use(bigint, int, timestamptz)', 'execute')
    and has_function_privilege('rollcall_member', 'own_address_requests(bytea)', 'execute'),
    'people cannot change their address';
  assert (
    select bool_and(has_function_privilege('rollcall_sweep', p.oid, 'execute'))
    from pg_proc p
    where p.proname in ('prepare_notification', 'prepare_notifications')
  ), 'no mail leaves';
  assert not exists (select from own_address_requests('')), 'nobody has asked for an address';
  assert not exists (select from address_change_link(0, 1, 'infinity')), 'a link that is not there opens';
end
$$;

rollback;
