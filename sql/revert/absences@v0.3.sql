-- Revert rollcall:absences from pg

begin;

drop function absence_preview(bytea, text, bigint);
drop function take_absences_back(bytea, text, bigint, bigint, text);
drop function decline_absences(bytea, text, bigint);
drop function start_absences(bytea, text, bigint, text);
drop function absence_event(bigint, bigint);
drop function planned_absences(int);
drop function auto_flag_absences(int);
drop function begin_absences(bigint);
drop function absences_due();
delete from scheduled_notifications where kind = 'absence_question';
delete from notification_kinds where kind = 'absence_question';
drop function absence_question_display(scheduled_notifications);
drop function absence_question_recheck(scheduled_notifications);
drop function tell_admins(bigint, text, text, bigint, timestamptz);
drop function admin_recheck(scheduled_notifications);
drop function step_absences(bigint, int, text);
drop index events_taking_attendance;
delete from personal_data where relation = 'absence_batches';
drop table absence_batches;

commit;
