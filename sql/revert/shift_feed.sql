-- Revert rollcall:shift_feed from pg

begin;

drop function own_calendar(bigint, text);
drop function prune_unassigned(int);
drop function feed_is_there(bigint, int);
drop function feed_entries(bigint, int);
drop function feed_stamp(timestamptz);
drop function feed_back();
drop function revoke_feed(bytea);
drop function renew_feed(bytea);
drop function make_feed(bytea);
drop function own_feed(bytea);
drop function has_left_shift(bytea, bigint);
drop trigger duty_assignments_unassigned on duty_assignments;
drop function remember_unassigned();
delete from personal_data where relation in ('calendar_feeds', 'duty_unassignments');
drop table duty_unassignments;
drop table calendar_feeds;

commit;
