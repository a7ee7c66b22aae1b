-- Verify rollcall:row_functions on pg

begin;

do $$
begin
  assert not exists (
    select from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and p.prosqlbody is not null
      and exists (
        select from unnest(p.proargtypes::oid[]) a(type)
        join pg_class c on c.reltype = a.type
        where c.relnamespace = p.pronamespace and c.relkind in ('r', 'p')
      )
  ), 'a function that is given a row keeps its body parsed';
end
$$;

rollback;
