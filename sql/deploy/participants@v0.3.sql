-- Deploy rollcall:participants to pg
-- Who has said that they will come.

begin;

create table event_participants (
  id bigint generated always as identity primary key,
  event_id bigint not null references events on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  user_id bigint not null references users on delete cascade,
  status text not null default 'registered' check (status in ('registered', 'waitlisted', 'cancelled')),
  request_id text,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  unique (event_id, user_id)
);

create index event_participants_user on event_participants (user_id);
create index event_participants_org on event_participants (org_id);

comment on table event_participants is 'One row a person and event; someone who withdraws keeps it as cancelled.';
comment on column event_participants.request_id is 'Of the request that last changed the status.';

commit;
