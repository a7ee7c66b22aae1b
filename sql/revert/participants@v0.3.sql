-- Revert rollcall:participants from pg

begin;

drop table event_participants;

commit;
