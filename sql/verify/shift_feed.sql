-- Verify rollcall:shift_feed on pg

begin;

select id, user_id, generation, made_at from calendar_feeds where false;
select schedule_id, user_id, org_id, at from duty_unassignments where false;
select 1 / (count(*) / 2) from personal_data where relation in ('calendar_feeds', 'duty_unassignments');
select 1 / count(*) from pg_trigger where tgname = 'duty_assignments_unassigned' and tgenabled = 'O';

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'has_left_shift(bytea, bigint)',
      'own_feed(bytea)',
      'make_feed(bytea)',
      'renew_feed(bytea)',
      'revoke_feed(bytea)',
      'feed_entries(bigint, int)',
      'feed_is_there(bigint, int)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_member'), v_role || ': ' || v_function;
    end loop;
    assert not has_table_privilege(v_role, 'calendar_feeds', 'select, insert, update, delete')
      and not has_table_privilege(v_role, 'duty_unassignments', 'select, insert, update, delete'), v_role || ' reads or writes feeds';
  end loop;
end
$$;

rollback;
