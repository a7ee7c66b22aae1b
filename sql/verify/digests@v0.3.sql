-- Verify rollcall:digests on pg

begin;

select digest_id from scheduled_notifications where false;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'schedule_digests(int)', 'execute'), 'the sweep makes no digests';
  assert digest_time('daily', '2026-11-20 18:00+00', 'Europe/Berlin') = '2026-11-21 08:00+00'
    and digest_time('weekly', '2026-11-20 18:00+00', 'Europe/Berlin') = '2026-11-23 08:00+00'
    and digest_time('all', '2026-11-20 18:00+00', 'Europe/Berlin') is null,
    'digests come at the wrong time';
  assert (select count(*) = 2 from pg_trigger where tgname like 'switch\_prompts%'), 'what waits does not follow a switch';
  assert exists (select from notification_kinds where kind = 'digest' and category = 'prompt'), 'no kind of message';
  assert digest_day('daily', '2026-11-24 07:59+00', 'Europe/Berlin') = '2026-11-23'
    and digest_day('weekly', '2026-11-30 07:59+00', 'Europe/Berlin') = '2026-11-23',
    'digests are of the wrong day';
  perform schedule_digests(0);
  perform planned_prompts(0);
end
$$;

rollback;
