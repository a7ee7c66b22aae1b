-- Verify rollcall:zones on pg

do $$
begin
  assert (select count(*) from timezones) > 300, 'timezones was not filled';
  assert safe_zone('Mars/Olympus') = 'UTC', 'an unknown zone is not taken as UTC';
  assert say_time('2026-11-20 17:30+00', 'Europe/Berlin') = 'Friday 20 November 2026, 18:30',
    'say_time() says something else';
  assert iso_time('2026-11-20 17:30+00', 'America/St_Johns') = '2026-11-20T14:00:00-03:30',
    'iso_time() says something else';
  assert quiet_until('2026-11-20 22:00+00', 'UTC', '21:00', '08:00') = '2026-11-21 08:00+00',
    'quiet hours do not end at 08:00';
  assert not has_table_privilege('rollcall_answer', 'timezones', 'select'),
    'the answer role reads a table';
end
$$;
