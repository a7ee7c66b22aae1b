-- Verify rollcall:mismatches on pg

begin;

select id, org_id, event_id, participant_id, user_id, door, door_at, answer, answered_at, door_has_them, found_at, decision, decided_by, decided_at, is_decided
from mismatches where false;
select 1 / count(*) from personal_data where relation = 'mismatches';

do $$
declare
  v_role text;
  v_function text;
begin
  assert exists (
    select from pg_constraint
    where conrelid = 'mismatches'::regclass and contype = 'u' and pg_get_constraintdef(oid) like '%(participant_id, door_has_them)'
  ), 'a mismatch may be there twice';
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'team_mismatches(bytea, text, bigint, boolean, bigint, int)', 'count_mismatches(bytea, text)',
      'decide_mismatch(bytea, text, bigint, text, text, text, text)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert has_function_privilege(v_role, 'review_events(int)', 'execute') = (v_role = 'rollcall_sweep'), v_role || ' reviews';
    assert not has_table_privilege(v_role, 'mismatches', 'select, insert, update, delete'), v_role || ' reaches the table';
  end loop;
end
$$;

rollback;
