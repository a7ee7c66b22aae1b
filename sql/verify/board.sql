-- Verify rollcall:board on pg

begin;

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'team_watch(bytea, text, int)',
      'team_watch_person(bytea, text, bigint)',
      'team_watch_contacts(bytea, text, bigint)',
      'team_watch_steps(bytea, text, bigint, int)',
      'team_watch_alerts(bytea, text, bigint, int)',
      'team_watch_activities(bytea, text, bigint, int)',
      'team_watch_others(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert not has_function_privilege(v_role, 'team_watched(bytea, text, bigint)', 'execute'), v_role || ': team_watched';
  end loop;
end
$$;

select 1 / (count(*) filter (where prosecdef) / 7) from pg_proc
where pronamespace = 'public'::regnamespace and proname ~ '^team_watch(_|$)';

rollback;
