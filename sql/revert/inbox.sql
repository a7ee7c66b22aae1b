-- Revert rollcall:inbox from pg

begin;

drop function read_all_news(bytea, bigint);
drop function read_news(bytea, bigint);
drop function own_inbox(bytea, bigint, int);
drop function put_in_inbox(scheduled_notifications);

update personal_data
set columns = array(select c from unnest(columns) c where c not in ('notification_id', 'path', 'inbox_path'))
where relation in ('notifications', 'notification_kinds');

delete from notifications where notification_id is not null;
alter table notifications
  drop column notification_id,
  drop column path;
alter table notification_kinds drop column inbox_path;

commit;
