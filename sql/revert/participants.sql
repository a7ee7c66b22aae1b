-- Revert rollcall:participants from pg

begin;

alter table event_participants
  drop constraint event_participants_event_id_user_id_key,
  add constraint event_participants_event_id_user_id_key unique (event_id, user_id);

commit;
