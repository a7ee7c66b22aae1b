-- The login roles of a Rollcall database. They belong to the whole server, so
-- a superuser makes them once, before the first deploy; running this again
-- changes nothing. What each role may do is granted by the changes in deploy/.

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_owner',   -- owns the database and all that is in it
    'rollcall_answer',  -- the program behind mailed links
    'rollcall_member',  -- the members' pages
    'rollcall_staff',   -- the staff's pages
    'rollcall_sweep',   -- plans and delivers
    'rollcall_ctl'      -- the operator's tool
  ] loop
    if not exists (select from pg_roles where rolname = v_role) then
      execute format('create role %I', v_role);
    end if;
    execute format(
      'alter role %I login nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit',
      v_role
    );
    -- Whatever this server logs otherwise: no line tells what people wrote or
    -- who they are.
    execute format('alter role %I set log_error_verbosity = terse', v_role);
    execute format('alter role %I set log_min_error_statement = panic', v_role);
    execute format('alter role %I set log_parameter_max_length = 0', v_role);
  end loop;
end
$$;
