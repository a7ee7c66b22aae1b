-- Verify rollcall:responders on pg

begin;

do $$
begin
  assert exists (
    select from pg_proc
    where oid = 'team_org(bytea, text, text)'::regprocedure and prosecdef and provolatile = 's' and prosrc like '%responder%'
  ), 'nobody is known as a responder';
  assert has_function_privilege('rollcall_staff', 'open_watched(bytea, text, text, bigint, text)', 'execute')
    and not has_function_privilege('rollcall_member', 'open_watched(bytea, text, text, bigint, text)', 'execute'),
    'what responders open is not known';
end
$$;

rollback;
