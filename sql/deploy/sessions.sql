-- Deploy rollcall:sessions to pg
-- Who is signed in, and the asking for it. A person is in both, an
-- organisation is not: someone signs in once for all of theirs.

begin;

create table sessions (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  hash bytea not null unique check (length(hash) = 32),
  device text not null default '' check (length(device) <= 200),
  created_at timestamptz not null default app_now(),
  last_seen_at timestamptz not null default app_now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);

create index sessions_user on sessions (user_id);
create index sessions_over on sessions (least(ended_at, expires_at));

comment on column sessions.hash is 'Of the random id in the cookie, which is stored nowhere.';
comment on column sessions.device is 'What the browser called itself, for the person''s own list.';

create view live_sessions as
  select id, user_id, hash, device, created_at, last_seen_at
  from sessions
  where ended_at is null
    and expires_at > app_now();

comment on view live_sessions is 'The sessions that open something now: the only place that decides it.';

create table sign_in_requests (
  id bigint generated always as identity primary key,
  email_hash bytea not null check (length(email_hash) between 16 and 64),
  user_id bigint references users on delete cascade,
  generation int not null default 1,
  created_at timestamptz not null default app_now(),
  expires_at timestamptz not null,
  consumed_at timestamptz
);

create index sign_in_requests_recent on sign_in_requests (email_hash, created_at);
create index sign_in_requests_created on sign_in_requests (created_at);
create index sign_in_requests_user on sign_in_requests (user_id);

comment on table sign_in_requests is
  'One row for each time an address was typed, known or not, so that both are counted alike.';
comment on column sign_in_requests.email_hash is 'Keyed hash of the address in lower case.';
comment on column sign_in_requests.user_id is 'Null when nobody has the address: no mail leaves.';

grant select on live_sessions to rollcall_member;

commit;
