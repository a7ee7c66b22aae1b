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
  end loop;
end
$$;
