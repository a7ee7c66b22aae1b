-- Revert rollcall:unanswered from pg

begin;

drop function settle_unanswered(int);
drop index notifications_unknown;
drop index notifications_follow_up;
alter table notifications
  drop column unknown_at,
  drop column follow_up_from;

commit;
