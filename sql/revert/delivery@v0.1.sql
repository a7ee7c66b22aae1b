-- Revert rollcall:delivery from pg

begin;

drop function due_notifications(int);
drop function release_notification(bigint, bigint);
drop function record_failed(bigint, bigint, text, int, text, text);
drop function record_sent(bigint, bigint, int, int);
drop function keep_message(bigint, bigint, bytea);
drop function prepare_notification(bigint, bigint);
drop function staff_notice_display(scheduled_notifications);
drop function sign_in_display(scheduled_notifications);
drop function prompt_display(scheduled_notifications);
drop function recheck_notification(scheduled_notifications);
drop function held_until(scheduled_notifications);
drop function staff_notice_recheck(scheduled_notifications);
drop function sign_in_recheck(scheduled_notifications);
drop function prompt_recheck(scheduled_notifications);
drop function send_attendance_prompt(bigint, bigint, int, int);
drop function claim_notifications(int);
drop function channel_is_paused(text);

commit;
