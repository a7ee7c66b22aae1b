-- Revert rollcall:clock from pg

begin;

drop function app_now();

do $$
begin
  execute format('grant temporary on database %I to public', current_database());
end
$$;

alter default privileges grant execute on functions to public;

commit;
