-- Revert rollcall:queue from pg

begin;

drop trigger hold_named on scheduled_notifications;
drop trigger take_messages_along on sign_in_requests;
drop trigger take_messages_along on organizations;
drop trigger take_messages_along on events;
drop trigger take_messages_along on users;
drop trigger keep_planner_away on organizations;
drop trigger keep_planner_away on events;
drop trigger keep_planner_away on users;
drop function hold_named();
drop function take_messages_along();
drop function keep_planner_away();
drop function planning_lock();

drop index notifications_event;
create index notifications_event on notifications (event_id);
drop index scheduled_notifications_event;
create index scheduled_notifications_event on scheduled_notifications (event_id);

alter table scheduled_notifications
  add constraint scheduled_notifications_org_id_fkey
    foreign key (org_id) references organizations on delete cascade,
  add constraint scheduled_notifications_event_id_fkey
    foreign key (event_id) references events on delete cascade,
  add constraint scheduled_notifications_user_id_fkey
    foreign key (user_id) references users on delete cascade,
  add constraint scheduled_notifications_sign_in_request_id_fkey
    foreign key (sign_in_request_id) references sign_in_requests on delete cascade;

commit;
