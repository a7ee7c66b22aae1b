-- Verify rollcall:calendars on pg

begin;

do $$
declare
  v_org organizations;
begin
  insert into organizations (slug, name, timezone) values ('verify-calendars', 'Verify', 'UTC')
  returning * into v_org;
  assert (
    select result = 'new'
    from import_calendar(v_org, '[{"line": 1, "uid": "a", "starts": {"local": "2026-11-20T18:30:00"}}]', true)
  ), 'import_calendar() is wrong';
  assert not exists (select from events where org_id = v_org.id), 'a dry run leaves something';
end
$$;

rollback;
