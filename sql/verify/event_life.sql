-- Verify rollcall:event_life on pg

do $$
begin
  assert has_function_privilege('rollcall_member', 'member_events(bytea, bigint)', 'execute')
    and has_function_privilege('rollcall_member', 'view_event(bytea, bigint)', 'execute')
    and has_function_privilege('rollcall_member', 'register_for_event(bytea, bigint, text)', 'execute')
    and has_function_privilege('rollcall_member', 'withdraw_from_event(bytea, bigint, text)', 'execute'),
    'the member role cannot see or join events';
  assert has_function_privilege('rollcall_sweep', 'advance_events()', 'execute')
    and not has_function_privilege('rollcall_member', 'advance_events()', 'execute'),
    'events are not moved on by the sweep alone';
  assert pg_get_functiondef('advance_events()'::regprocedure) like '%skip locked%',
    'an event that is being changed holds all others up';
  assert has_function_privilege('rollcall_member', 'has_later_dates(bigint)', 'execute')
    and pg_get_functiondef('member_events(bytea, bigint)'::regprocedure) like '%first_live%',
    'a member''s list has every one of a series';
  assert (
    select count(*) = 3 from pg_trigger
    where tgname in ('event_participants_freed', 'event_participants_gone', 'events_room') and tgenabled = 'O'
  ), 'a place that comes free goes to nobody';
  assert (select indisvalid from pg_index where indexrelid = 'event_participants_waiting'::regclass),
    'who waits is sought among all';
  assert (select count(*) = 2 from notification_kinds where kind in ('registration', 'promotion') and category = 'event')
    and has_function_privilege('rollcall_member', 'waiting_place(bytea, bigint)', 'execute'),
    'nobody is told what place they have';
  perform generation from event_participants where false;
  perform completed_at from events where false;
  assert pg_get_functiondef('advance_events()'::regprocedure) like '%absence_batches%', 'nobody is ever absent';
end
$$;
