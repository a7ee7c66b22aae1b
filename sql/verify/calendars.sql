-- Verify rollcall:calendars on pg

begin;

do $$
begin
  perform v.line, v.uid, v.title, v.starts, v.result, v.why
  from import_calendar(null, '[]', true) v;
  assert (
    select v.result = 'refused' and v.why ~ 'UID'
    from import_calendar(null, '[{"line": 1, "starts": {"local": "2026-11-20T18:30:00"}}]', true) v
  ), 'import_calendar() is wrong';
  perform
    'import_single(events)'::regprocedure,
    'import_instance(events, jsonb, text, int)'::regprocedure,
    'import_series(event_series, timestamp[], timestamp, jsonb)'::regprocedure;
end
$$;

rollback;
