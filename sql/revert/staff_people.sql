-- Revert rollcall:staff_people from pg

begin;

drop trigger memberships_watch on memberships;
drop trigger memberships_keep_responder_out on memberships;
drop trigger memberships_keep_responder on memberships;

commit;
