-- Verify rollcall:points on pg

begin;

select user_id, org_id, event_id, what, amount, at from points where false;
select 1 / count(*) from personal_data where relation = 'points';

do $$
begin
  assert has_function_privilege('rollcall_member', 'own_balances(bytea)', 'execute')
    and has_function_privilege('rollcall_member', 'own_points(bytea, bigint, int)', 'execute')
    and not has_table_privilege('rollcall_member', 'points', 'select, insert, update, delete'),
    'people see others'' points, or not their own';
  assert (
    select count(*) = 2 from pg_trigger
    where tgname in ('event_participants_points', 'event_participants_points_new') and tgenabled = 'O'
  ), 'what is done gives no points';
  assert points_of('attend') = 40 and points_of('reversal') = -40, 'coming is worth another number';
end
$$;

rollback;
