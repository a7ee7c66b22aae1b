-- Deploy rollcall:queue to pg
-- What people are told (notifications), what is on its way to them
-- (scheduled_notifications), what has left (notification_pushes), and what
-- became of each message (notification_log).

begin;

create table notification_categories (
  category text primary key,
  urgency smallint not null check (urgency between 0 and 3),
  quiet_hours text not null check (quiet_hours in ('pass', 'held', 'held_unless_soon')),
  one_click_stop boolean not null,
  one_a_day boolean not null default false,
  expires text not null
);

comment on table notification_categories is 'The rules of delivery by category; the kinds below belong to one each.';
comment on column notification_categories.urgency is 'Claims go by it: 0 first.';
comment on column notification_categories.quiet_hours is
  'held_unless_soon: held, unless what it is about starts within 24 hours.';
comment on column notification_categories.expires is
  'In words; the moment itself is worked out when the message is planned.';

insert into notification_categories (category, urgency, quiet_hours, one_click_stop, one_a_day, expires) values
  ('account', 0, 'pass', false, false, 'with its link'),
  ('watch', 1, 'pass', false, false, 'resolved'),
  ('watch_person', 1, 'held', false, false, 'resolved'),
  ('shift', 2, 'pass', true, false, 'when it is of no more use'),
  ('prompt', 3, 'held', true, false, 'event end + 14 days'),
  ('event', 3, 'held_unless_soon', true, false, 'event start'),
  ('care', 3, 'held', true, true, 'when the next is due');

create table notification_kinds (
  kind text primary key,
  category text not null references notification_categories,
  template text not null
);

comment on column notification_kinds.template is 'Names templates/TEMPLATE.txt.mustache and .html.mustache.';

insert into notification_kinds (kind, category, template) values
  ('sign_in', 'account', 'mail_sign_in'),
  ('attendance_prompt', 'prompt', 'mail_prompt');

create table notifications (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  event_id bigint references events on delete cascade,
  type text not null references notification_kinds (kind),
  prompt_number int check (prompt_number in (1, 2)),
  revision int not null default 1,
  generation int not null default 1,
  title text not null,
  body text not null default '',
  read_at timestamptz,
  responded_at timestamptz,
  created_at timestamptz not null default app_now(),
  unique (user_id, event_id, type, prompt_number, revision),
  check (type <> 'attendance_prompt' or (event_id is not null and prompt_number is not null))
);

create index notifications_event on notifications (event_id);
create index notifications_org on notifications (org_id, created_at);
create index notifications_unread on notifications (user_id, created_at) where read_at is null;

comment on table notifications is 'What a person sees; inserted when it is due. A prompt link is made of its id and generation.';
comment on column notifications.generation is 'Raising it revokes the links already mailed.';

create sequence notification_lease_seq;

create table scheduled_notifications (
  id bigint generated always as identity primary key,
  notification_id text collate "C" not null unique,
  org_id bigint references organizations on delete cascade,
  kind text not null,
  urgency smallint not null,
  event_id bigint references events on delete cascade,
  schedule_id bigint,
  sign_in_request_id bigint references sign_in_requests on delete cascade,
  user_id bigint not null references users on delete cascade,
  notify_type text,
  prompt_number int,
  revision int not null default 1,
  scheduled_for timestamptz not null,
  not_before timestamptz not null,
  expires_at timestamptz not null,
  state text not null default 'pending' check (state = 'pending'),
  cause text,
  lease_id bigint,
  lease_until timestamptz,
  retry_count int not null default 0,
  last_error text,
  first_attempt_at timestamptz,
  processed_at timestamptz,
  message bytea,
  message_to text,
  created_at timestamptz not null default app_now()
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_cost_delay = 0
);

create index scheduled_notifications_due on scheduled_notifications (urgency, not_before, id);
create index scheduled_notifications_state on scheduled_notifications (state, scheduled_for);
create index scheduled_notifications_expiry on scheduled_notifications (expires_at);
create index scheduled_notifications_event on scheduled_notifications (event_id);
create index scheduled_notifications_person on scheduled_notifications (user_id, event_id);
create index scheduled_notifications_sign_in on scheduled_notifications (sign_in_request_id)
  where sign_in_request_id is not null;

comment on table scheduled_notifications is
  'The one queue: a row a message on its way. Finished rows move to notification_log with their state. '
  'A claim touches no indexed column, so that it costs no index write.';
comment on column scheduled_notifications.org_id is 'Null when no organisation sends it: signing in.';
comment on column scheduled_notifications.urgency is 'Of its category, copied for the index that claims go by.';
comment on column scheduled_notifications.not_before is
  'When it may go: scheduled_for, or later when it is held (cause says why) or was tried in vain.';
comment on column scheduled_notifications.state is
  'Always pending here: leased is lease_until after now, held is not_before after now with a cause.';
comment on column scheduled_notifications.retry_count is 'Attempts begun.';
comment on column scheduled_notifications.processed_at is 'The end of the last attempt.';
comment on column scheduled_notifications.message is
  'The mail as first rendered; every copy is sent from it, at first_attempt_at its Date.';
comment on column scheduled_notifications.message_to is
  'The address the last attempt was for: to another the message is not a copy, and is written anew.';

create table notification_pushes (
  notification_id text collate "C" primary key,
  created_at timestamptz not null default app_now(),
  payload jsonb not null default '{}',
  org_id bigint generated always as ((payload ->> 'org_id')::bigint) stored
);

comment on table notification_pushes is 'What has been sent; found at the recheck, a message is not sent again. Kept, as the ledger is.';
comment on column notification_pushes.payload is 'Ids only.';

create table notification_log (
  id bigint primary key,
  notification_id text collate "C" not null,
  org_id bigint,
  kind text not null,
  event_id bigint,
  schedule_id bigint,
  user_id bigint not null,
  notify_type text,
  prompt_number int,
  revision int not null,
  scheduled_for timestamptz not null,
  state text not null check (state in ('sent', 'skipped', 'expired', 'dead', 'cancelled')),
  cause text,
  reply_code int,
  took_ms int,
  retry_count int not null,
  last_error text,
  first_attempt_at timestamptz,
  created_at timestamptz not null,
  processed_at timestamptz not null default app_now()
);

create index notification_log_notification on notification_log (notification_id);
create index notification_log_event on notification_log (event_id, state);
create index notification_log_user on notification_log (user_id, processed_at);
create index notification_log_org on notification_log (org_id, processed_at);

comment on table notification_log is
  'The ledger: every message that was planned, with what became of it and why. Rows outlive what they name, and are kept.';

create function try_mark_notification_pushed(p_notification_id text, p_payload jsonb) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into notification_pushes (notification_id, payload)
  values (p_notification_id, p_payload)
  on conflict (notification_id) do nothing;
  return found;
end
$$;

comment on function try_mark_notification_pushed(text, jsonb) is 'True once for each notification_id.';

create function finish_notification(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
begin
  insert into notification_log (
    id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
    scheduled_for, state, cause, reply_code, took_ms, retry_count, last_error, first_attempt_at, created_at
  )
  values (
    (p_row).id, (p_row).notification_id, (p_row).org_id, (p_row).kind, (p_row).event_id, (p_row).schedule_id,
    (p_row).user_id, (p_row).notify_type, (p_row).prompt_number, (p_row).revision, (p_row).scheduled_for,
    p_state, p_cause, p_reply_code, p_took_ms, (p_row).retry_count, (p_row).last_error,
    (p_row).first_attempt_at, (p_row).created_at
  );
  delete from scheduled_notifications where id = (p_row).id;
end
$$;

comment on function finish_notification(scheduled_notifications, text, text, int, int) is
  'Moves one row from the queue to the log. The caller holds its lock.';

create function finish_unleased(p_ids bigint[], p_state text, p_causes text[]) returns int
  language plpgsql
as $$
declare
  v_finished int;
begin
  with gone as (
    delete from scheduled_notifications q
    using unnest(p_ids, p_causes) as wanted(id, cause)
    where q.id = wanted.id
      and (q.lease_until is null or q.lease_until <= app_now())
    returning q.*, wanted.cause as why
  ), kept as (
    insert into notification_log (
      id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
      scheduled_for, state, cause, retry_count, last_error, first_attempt_at, created_at
    )
    select
      id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
      scheduled_for, p_state, why, retry_count, last_error, first_attempt_at, created_at
    from gone
    returning 1
  )
  select count(*) into v_finished from kept;
  return v_finished;
end
$$;

comment on function finish_unleased(bigint[], text, text[]) is
  'Moves rows to the log, but for those on their way at this moment: what becomes of them is recorded by who sends them.';

create function cancel_prompts(p_user bigint, p_org bigint, p_event bigint, p_cause text) returns int
  language plpgsql
as $$
begin
  return (
    select finish_unleased(array_agg(q.id), 'cancelled', array_agg(p_cause))
    from scheduled_notifications q
    where q.user_id = p_user
      and q.org_id = p_org
      and q.kind = 'attendance_prompt'
      and (p_event is null or q.event_id = p_event)
  );
end
$$;

comment on function cancel_prompts(bigint, bigint, bigint, text) is
  'Takes back a person''s unsent prompts of an organisation, all or (p_event) those about one event.';

grant select (user_id, type, read_at, responded_at) on notifications to rollcall_member;
grant execute on function try_mark_notification_pushed(text, jsonb) to rollcall_sweep;

commit;
