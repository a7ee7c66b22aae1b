-- Revert rollcall:queue from pg

begin;

drop function cancel_prompts(bigint, bigint, bigint, text);
drop function finish_unleased(bigint[], text, text[]);
drop function finish_notification(scheduled_notifications, text, text, int, int);
drop function try_mark_notification_pushed(text, jsonb);
drop table notification_log;
drop table notification_pushes;
drop table scheduled_notifications;
drop sequence notification_lease_seq;
drop table notifications;
drop table notification_kinds;
drop table notification_categories;

commit;
