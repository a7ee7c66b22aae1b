-- Verify rollcall:calendar_entries on pg

begin;

do $$
begin
  assert (select count(*) > 100 and bool_and(find_zone(name) is not null) from windows_zones),
    'the Windows names of zones are missing';
  assert find_zone('/mozilla.org/20050126_1/Europe/Berlin') = 'Europe/Berlin'
    and find_zone('../../../etc/hostname') is null,
    'find_zone() is wrong';
  assert resolve_zone(
    '{"local": "2026-11-20T18:30:00", "zone": "Europe/Berlin", "rule": "<-03>3"}', 'UTC'
  ) = '<-03>3', 'resolve_zone() is wrong';
end
$$;

rollback;
