-- Verify rollcall:history on pg

do $$
begin
  assert (select indisvalid from pg_index where indexrelid = 'attendance_history'::regclass), 'no order of histories';
  assert not exists (
    select
    from attendance a
    join events e on e.id = a.event_id
    where a.event_starts_at is distinct from case when e.deleted_at is null then e.starts_at end
    limit 1
  ), 'an answer stands at another time than its event';
  assert (
    select array_agg(tgrelid::regclass || '.' || tgname order by 1) from (
      select tgrelid, tgname
      from pg_trigger
      where tgname in ('attendance_starts', 'attendance_moves', 'event_words_changed') and tgenabled = 'O'
      order by tgrelid::regclass::text, tgname
    ) t
  ) = array[
    'attendance.attendance_starts', 'events.attendance_moves', 'events.event_words_changed',
    'organizations.event_words_changed', 'timezones.event_words_changed'
  ], 'what is copied or kept is not followed';
  assert (select count(*) from event_words) = 1, 'nobody can tell whether words still hold';
  assert has_table_privilege('rollcall_member', 'event_words', 'select')
    and not has_table_privilege('rollcall_member', 'event_words', 'update'), 'members may not only look at event_words';
  assert has_function_privilege('rollcall_member', 'attendance_history(bytea, timestamptz, bigint, int)', 'execute')
    and not has_function_privilege('rollcall_staff', 'attendance_history(bytea, timestamptz, bigint, int)', 'execute'),
    'a history is open to others than its person''s pages';
end
$$;
