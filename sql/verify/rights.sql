-- Verify rollcall:rights on pg

begin;

select id, at, user_id, org_id, action, what, subject, request_id from access_log where false;
select 1 / (role_rank('admin') > role_rank('staff') and role_rank('door') > role_rank('member'))::int;
select has_function_privilege('rollcall_staff', 'team_org(bytea, text, text)', 'execute'),
  has_function_privilege('rollcall_staff', 'log_access(bytea, text, text, text, bigint, text)', 'execute');
select 1 / (not has_table_privilege('rollcall_staff', 'access_log', 'insert, update, delete'))::int;
select 1 / (proargnames @> '{is_staff}')::int from pg_proc where oid = 'require_team(bytea, text, text)'::regprocedure;

rollback;
