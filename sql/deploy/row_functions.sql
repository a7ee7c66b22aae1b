-- Deploy rollcall:row_functions to pg
-- No function that is given a row of a table keeps its body parsed: PostgreSQL
-- from 15.19 on would add no column with a default to that table. inbox does the
-- same, for whoever comes to it with such a server.

begin;

do $$
declare
  v_function text;
begin
  for v_function in
    select pg_get_functiondef(p.oid)
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and p.prosqlbody is not null
      and exists (
        select from unnest(p.proargtypes::oid[]) a(type)
        join pg_class c on c.reltype = a.type
        where c.relnamespace = p.pronamespace and c.relkind in ('r', 'p')
      )
  loop
    execute regexp_replace(
      regexp_replace(v_function, E'\nBEGIN ATOMIC\n(.*)\nEND\n*$', E'\nAS $body$\n\\1\n$body$'),
      E'\nRETURN (.*)$', E'\nAS $body$ select \\1 $body$'
    );
  end loop;
end
$$;

commit;
