-- Verify rollcall:series on pg

begin;

do $$
begin
  perform series_id, detached, version from events where false;
  perform rule, starts_local, zone, until, extra, left_out, extended_to, version from event_series where false;
  assert (
    select bool_and(indisvalid) and count(*) = 3
    from pg_index
    where indexrelid in (
      'events_series_key'::regclass, 'event_series_source_key'::regclass, 'event_series_due'::regclass
    )
  ), 'an index of the series is missing';
  assert (select count(*) = 2 from pg_trigger where tgname ~ '_versioned$' and tgenabled = 'O'),
    'two may change an event at once';
  assert is_posix_zone('<+01>-1<+02>,M3.5.0/2,M10.5.0/3') and not is_posix_zone('CEST'),
    'is_posix_zone() is wrong';
  assert moment_at('2026-10-25 02:30', '<+01>-1<+02>,M3.5.0/2,M10.5.0/3') = '2026-10-25 00:30+00',
    'moment_at() is wrong';
  assert has_function_privilege('rollcall_sweep', 'extend_series(bigint, jsonb, text)', 'execute')
    and has_function_privilege('rollcall_ctl', 'import_window()', 'execute')
    and has_function_privilege('rollcall_staff', 'import_window()', 'execute'),
    'series cannot go on';
end
$$;

rollback;
