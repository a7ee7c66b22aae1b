-- Verify rollcall:kept_plans on pg

begin;

do $$
begin
  assert (
    select bool_and(
      l.lanname = 'plpgsql' and p.prosecdef and not 'plan_cache_mode=force_custom_plan' = any (p.proconfig)
    )
    from pg_proc p
    join pg_language l on l.oid = p.prolang
    where p.oid in (
        'team_org(bytea, text, text)'::regprocedure,
        'team_events(bytea, text, text, text, timestamptz, bigint)'::regprocedure
      )
  ), 'the team''s pages are planned each time';
  assert not has_function_privilege(
    'rollcall_staff', 'find_team_events(bigint, text, text, timestamptz, bigint)', 'execute'
  ), 'staff can search any organisation';
  assert has_function_privilege(
    'rollcall_staff', 'team_events(bytea, text, text, text, timestamptz, bigint)', 'execute'
  ), 'staff cannot list events';
end
$$;

rollback;
