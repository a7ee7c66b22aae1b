-- Verify rollcall:staff_events on pg

begin;

do $$
begin
  assert (
    select bool_and(indisvalid) and count(*) = 2
    from pg_index
    where indexrelid in ('events_org_title'::regclass, 'events_org_drafts'::regclass)
  ), 'an index of the staff''s events is missing';
  assert has_function_privilege('rollcall_staff', 'make_event(bytea, text, jsonb, jsonb)', 'execute')
    and has_function_privilege('rollcall_staff', 'change_event(bytea, text, bigint, int, int, jsonb, jsonb)', 'execute')
    and has_function_privilege('rollcall_staff', 'step_event(bytea, text, bigint, int, text, text)', 'execute')
    and has_function_privilege('rollcall_staff', 'team_events(bytea, text, text, text, timestamptz, bigint)', 'execute'),
    'staff cannot work on events';
  assert not has_table_privilege('rollcall_staff', 'events', 'insert, update, delete')
    and not has_function_privilege('rollcall_staff', 'rewrite_event(bigint, events, boolean)', 'execute')
    and not has_function_privilege('rollcall_member', 'make_event(bytea, text, jsonb, jsonb)', 'execute'),
    'events can be changed past the rights';
  assert repeat_rule('monthly_weekday', '2026-12-11') = 'FREQ=MONTHLY;BYDAY=2FR'
    and repeat_start('monthly_weekday', '2026-12-12', '2026-12-11', '2026-11-13', '2026-11-01') = '2026-11-14',
    'repeat_start() is wrong';
end
$$;

rollback;
