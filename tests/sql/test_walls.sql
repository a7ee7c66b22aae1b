-- What each role may not do, and that the shipped plan has one clock only.
set client_min_messages = warning;
select * from no_plan();

create temporary table login_roles as
  select unnest(array['answer', 'member', 'staff', 'sweep', 'ctl']) as name;
create temporary table tables as
  select c.oid, c.relname as name from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm');

-- The plan as shipped: no test clock has been loaded into this database.
select is(
  (select pg_get_function_sqlbody('app_now()'::regprocedure)), 'RETURN now()',
  'the shipped clock is now(), nothing that can be set'
);
select is(
  (select array_agg(p.oid::regprocedure) from pg_proc p
   where p.pronamespace = 'public'::regnamespace and p.prosqlbody is not null
     and exists (select from unnest(p.proargtypes::oid[]) a(type) join pg_class c on c.reltype = a.type and c.relkind in ('r', 'p'))),
  null, 'no function that is given a row keeps its body parsed: columns could not be added to that table'
);
select hasnt_table('test_clock', 'the shipped plan has no clock to set');
select is(
  (select array_agg(r.name) from login_roles r
   where has_schema_privilege('rollcall_' || r.name, 'public', 'create')
      or pg_has_role('rollcall_' || r.name, 'rollcall_owner', 'member')),
  null, 'no login role may create in public or become its owner'
);
select throws_ok(
  format($t$
    set local role %I;
    create or replace function public.app_now() returns timestamptz language sql as 'select null::timestamptz'
  $t$, 'rollcall_' || r.name),
  '42501', null, format('rollcall_%s may not replace app_now()', r.name)
) from login_roles r;
select is(
  (select count(*)::int from pg_proc p join pg_roles o on o.oid = p.proowner
   where p.pronamespace = 'public'::regnamespace and o.rolname <> 'rollcall_owner'),
  0, 'everything in public is the owner''s'
);
select is(
  (select array_agg(rolname::text) from pg_roles
   where rolname like 'rollcall\_%' and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)),
  null, 'none of our roles is more than a login'
);

select is(
  (select array_agg(rolname::text) from pg_roles
   where rolname like 'rollcall\_%'
     and not coalesce(rolconfig @> array['log_error_verbosity=terse', 'log_min_error_statement=panic', 'log_parameter_max_length=0'], false)),
  null, 'R-G3 no value of theirs comes into the server''s log, however it is set up'
);

-- Functions.
select is(
  (select array_agg(p.oid::regprocedure::text) from pg_proc p
   cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
   where p.pronamespace = 'public'::regnamespace and a.grantee = 0),
  null, 'no function is open to everyone'
);
select is(
  (select array_agg(p.oid::regprocedure::text) from pg_proc p
   where p.pronamespace = 'public'::regnamespace and p.prosecdef
     and not coalesce('search_path=pg_catalog, public, pg_temp' = any (p.proconfig), false)),
  null, 'every definer function has its search path pinned'
);
select is(
  (select array_agg(p.proname::text order by p.proname) from pg_proc p
   where p.pronamespace = 'public'::regnamespace and has_function_privilege('rollcall_answer', p.oid, 'execute')),
  array['answer_prompt', 'app_now', 'check_in_by_link', 'check_linked_shift', 'checkin_link', 'contact_answer', 'contact_data', 'contact_erase', 'contact_link', 'feedback_prompt', 'prompt_absence', 'prompt_link', 'say_linked_shift', 'shift_link', 'snooze_prompt', 'stop_category', 'stop_category_link', 'unsubscribe', 'unsubscribe_link'],
  'the answer role has its few functions and nothing else'
);

-- Tables.
select is(
  (select array_agg(t.name || ' ' || p.name) from tables t, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p(name)
   where has_table_privilege('rollcall_answer', t.oid, p.name)
      or p.name in ('select', 'insert', 'update', 'references') and has_any_column_privilege('rollcall_answer', t.oid, p.name)),
  null, 'the answer role has no privilege on any table'
);
select is(
  (select array_agg(r.name || ' ' || t.name || ' ' || p.name) from login_roles r, tables t, unnest(array['insert', 'update', 'delete', 'truncate', 'trigger']) as p(name)
   where has_table_privilege('rollcall_' || r.name, t.oid, p.name)
      or p.name in ('insert', 'update') and has_any_column_privilege('rollcall_' || r.name, t.oid, p.name)),
  null, 'no login role writes to a table but through functions'
);
select is(
  (select array_agg(a.attname::text order by a.attname) from pg_attribute a
   where a.attrelid = 'users'::regclass and a.attnum > 0 and has_column_privilege('rollcall_member', 'users', a.attname, 'select')),
  array['id', 'locale', 'name', 'timezone'], 'the member role reads no addresses'
);
select is(
  (select array_agg(a.attname::text order by a.attname) from pg_attribute a
   where a.attrelid = 'users'::regclass and a.attnum > 0 and has_column_privilege('rollcall_staff', 'users', a.attname, 'select')),
  array['id', 'locale', 'name', 'timezone'], 'R-O1 nor does the staff role, but for admins through functions'
);
select is(
  (select array_agg(t.name order by t.name) from tables t
   where has_any_column_privilege('rollcall_staff', t.oid, 'select')
     and t.name in (
       'access_log', 'address_refusals', 'delivery_channels', 'device_tokens', 'notification_pushes', 'scheduled_notifications',
       'sessions', 'sign_in_requests'
     )),
  null, 'the staff role reads no session, no request to sign in, no message, nor who looked'
);
select is(
  (select array_agg(t.name) from tables t where has_any_column_privilege('rollcall_sweep', t.oid, 'select') and t.name <> 'timezones'),
  null, 'the sweep reads no table but through functions'
);
select is(
  (select array_agg(s.relname::text) from pg_class s, login_roles r
   where s.relnamespace = 'public'::regnamespace and s.relkind = 'S'
     and has_sequence_privilege('rollcall_' || r.name, s.oid, 'usage, select, update')),
  null, 'no login role draws from a sequence'
);

-- The audit, tried for real.
insert into organizations (slug, name) values ('org', 'Org');
select append_audit(1, 1, null, 1, 1, 'self_report', null, 'attended', null, null, null, 'r1');
set role rollcall_owner;
create temporary table attempts (what text, statement text);
reset role;
insert into attempts values
  ('read', 'select * from public.event_attendance_audit'),
  ('insert into', 'insert into public.event_attendance_audit select * from public.event_attendance_audit'),
  ('update', 'update public.event_attendance_audit set new_status = null'),
  ('delete from', 'delete from public.event_attendance_audit'),
  ('truncate', 'truncate public.event_attendance_audit'),
  ('set back the head of', 'update public.event_attendance_audit_head set seq = 0'),
  ('behead', 'delete from public.event_attendance_audit_head'),
  ('append by hand to', 'select public.append_audit(1, 1, null, 1, 1, ''self_report'', null, null, null, null, null, null)');
select throws_ok(
  format('set local role rollcall_%s; %s', r.name, a.statement), '42501', null,
  format('R-B6 %s may not %s the audit', r.name, a.what)
) from login_roles r, attempts a;

select throws_ok(
  'set local role rollcall_owner; ' || a.statement, '42501', null,
  format('R-B6 not even the owner of the table may %s the audit', a.what)
) from attempts a where a.what in ('update', 'delete from', 'truncate', 'behead');
select throws_ok(
  'set local role rollcall_owner; ' || a.statement, 'RC403', null,
  format('R-B6 a trigger keeps the owner from it: %s the audit', a.what)
) from attempts a where a.what = 'set back the head of';
select throws_ok(
  a.statement, 'RC403', null, format('R-B6 triggers refuse even a superuser who forgets himself: %s the audit', a.what)
) from attempts a where a.what in ('update', 'delete from', 'truncate', 'set back the head of', 'behead');
select throws_ok(
  'truncate public.event_attendance_audit_head', 'RC403', null, 'R-B6 ... and truncate its head'
);
select is(
  (select count(*)::int from pg_constraint where conrelid in ('event_attendance_audit'::regclass, 'event_attendance_audit_head'::regclass) and contype = 'f'),
  0, 'R-B6 the audit refers to no table, least of all to persons'
);
select is(
  (select array_agg(column_name::text order by ordinal_position) from information_schema.columns where table_name = 'event_attendance_audit'),
  array['org_id', 'seq', 'event_id', 'participant_id', 'user_id', 'actor_id', 'action', 'previous_status', 'new_status', 'reason_code', 'reason_hash', 'dedupe_key', 'request_id', 'performed_at', 'prev_hash', 'hash'],
  'R-B6 the audit holds ids and codes'
);

-- A body that is kept parsed and takes a table's row forbids the table any
-- column with a default. Two of them came with the first plan.
create function pg_temp.why_not(name) returns text language plpgsql as $$
begin
  execute format('alter table %I add column tried int not null default 1', $1);
  raise exception 'it can';
exception when others then
  return sqlerrm;
end $$;
select is(pg_temp.why_not(c.relname), 'it can', 'a column can be added to ' || c.relname) from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not in ('notifications', 'event_attendance_audit');

select * from finish();
