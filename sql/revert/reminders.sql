-- Revert rollcall:reminders from pg

begin;

drop function next_due();
drop trigger wake_sweeps on duty_schedules;
drop function wake_sweeps();
drop function planned_shift_reminders(int);
drop function enqueue_due_shift_notifications();
drop function log_missed_reminders(text, timestamptz, timestamptz);
drop function plan_shift_reminders(text, timestamptz, timestamptz);
drop function shift_reminder_decided(text);
drop function shift_reminders(text, timestamptz, timestamptz);
drop function shift_reminder_row(scheduled_notifications);
drop function shift_time_refusal(bigint, bigint, text);
drop function shift_reminder_recheck(scheduled_notifications);
drop table shift_planning;
delete from scheduled_notifications where kind in ('shift_start', 'shift_end');
delete from notification_kinds where kind in ('shift_start', 'shift_end');

commit;
