-- Deploy rollcall:staff_people to pg
-- The last responder whom mail reaches stays while anyone is watched over, and
-- who leaves an organisation is not watched over by it any more.

begin;

create trigger memberships_keep_responder before update of responder on memberships
  for each row when (old.responder and not new.responder) execute function keep_a_responder();
create trigger memberships_keep_responder_out before delete on memberships
  for each row when (old.responder) execute function keep_a_responder();
create trigger memberships_watch after delete on memberships
  for each row execute function member_left();

commit;
