-- Verify rollcall:prune on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'prune(int)', 'execute'), 'the sweep cannot prune';
  assert not has_function_privilege('rollcall_member', 'prune(int)', 'execute'), 'the member role prunes';
  assert (select requests = 0 and sessions = 0 from prune(0)), 'prune() deletes more than it is told to';
  assert pg_get_functiondef('prune(int)'::regprocedure) like '%calendar_uploads%', 'calendars are kept for ever';
  assert pg_get_functiondef('prune(int)'::regprocedure) like '%doors_done%', 'devices'' contacts are kept for ever';
  assert pg_get_functiondef('prune(int)'::regprocedure) like '%prune_unassigned%', 'traces of shifts are kept for ever';
end
$$;

rollback;
