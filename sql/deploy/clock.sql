-- Deploy rollcall:clock to pg
-- The one clock, and closed doors: nothing is callable or creatable by
-- everyone unless a later change says so.

begin;

alter default privileges revoke execute on functions from public;

do $$
begin
  execute format('revoke temporary on database %I from public', current_database());
end
$$;

create function app_now() returns timestamptz
  language sql stable parallel safe
  return now();

comment on function app_now() is
  'The only clock: every rule about time asks it. Tests replace it, as owner.';

grant execute on function app_now()
  to rollcall_answer, rollcall_member, rollcall_staff, rollcall_sweep, rollcall_ctl;

commit;
