-- Deploy rollcall:participants to pg
-- Who is registered is read from the index alone: people register at different
-- times, and their rows lie all over the table.

set client_min_messages = warning;

drop index if exists event_participants_asked;
create unique index concurrently event_participants_asked on event_participants (event_id, user_id) include (status);

begin;

alter table event_participants
  drop constraint event_participants_event_id_user_id_key,
  add constraint event_participants_event_id_user_id_key unique using index event_participants_asked;

commit;
