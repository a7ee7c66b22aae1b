-- Verify rollcall:long_lists on pg

begin;

select event_id, registered from tally_event(0);

do $$
declare
  v_role text;
  v_function text;
begin
  assert (select indisvalid from pg_index where indexrelid = to_regclass('mismatches_event_page')), 'no index of an event''s mismatches';
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'team_mismatches(bytea, text, bigint, boolean, bigint, int)', 'event_people(bytea, text, bigint, text, int)',
      'event_report(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert not has_function_privilege(v_role, 'tally_event(bigint)', 'execute'), v_role || ' counts by itself';
  end loop;
end
$$;

rollback;
