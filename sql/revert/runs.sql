-- Revert rollcall:runs from pg

begin;

delete from personal_data where relation = 'sweep_runs';

drop function metrics();
drop function metric_samples();
drop function late_run(text);
drop function record_run(boolean, jsonb);
drop table sweep_runs;
drop index users_suppressed;
drop index notification_log_dead;

commit;
