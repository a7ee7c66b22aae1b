-- Revert rollcall:monitoring from pg

begin;

delete from scheduled_notifications where kind = 'contact_consent';
delete from notification_log where kind = 'contact_consent';

create or replace function prune(p_max int) returns table (requests int, sessions int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- One whose mail is still in the queue waits until the ledger has that.
  delete from sign_in_requests
  where id in (
    select r.id
    from sign_in_requests r
    where r.created_at < app_now() - interval '1 day'
      and not exists (select from scheduled_notifications q where q.sign_in_request_id = r.id)
    order by r.created_at
    limit p_max
    for update skip locked
  );
  get diagnostics requests = row_count;
  delete from sessions
  where id in (
    select s.id
    from sessions s
    where least(s.ended_at, s.expires_at) < app_now() - interval '30 days'
    order by least(s.ended_at, s.expires_at)
    limit p_max
    for update skip locked
  );
  get diagnostics sessions = row_count;
  delete from calendar_uploads
  where id in (
    select u.id
    from calendar_uploads u
    where u.created_at < app_now() - interval '1 day'
    order by u.created_at
    limit p_max
    for update skip locked
  );
  delete from door_contacts
  where id in (
    select c.id
    from doors_done() d
    join door_contacts c on c.event_id = d.event_id
    limit p_max
    for update of c skip locked
  );
  perform prune_unassigned(p_max);
  return next;
end
$$;

create or replace function hidden_kinds(p_org bigint, p_user bigint) returns text[]
  language sql stable
  begin atomic
    select coalesce(array_agg(k.kind), '{}')
    from notification_kinds k
    where k.category in ('watch', 'watch_person', 'care')
      and not exists (select from memberships m where m.org_id = p_org and m.user_id = p_user and m.responder);
  end;

drop trigger organizations_zone_due on organizations;
drop trigger users_zone_due on users;
drop trigger sessions_confirm on sessions;
drop function
  prune_watch(int),
  own_watch_days(bytea, int),
  own_activities(bytea, int),
  own_contacts(bytea),
  own_watch(bytea),
  say_span(timestamptz, timestamptz),
  watch_orgs(bytea),
  contact_erase(bigint, int, bytea),
  contact_data(bigint, int),
  contact_answer(bigint, int, timestamptz, text),
  contact_link(bigint, int, timestamptz),
  contact_move(bytea, bigint, boolean),
  contact_ask(bytea, bigint),
  hold_contact(bytea, bigint, boolean),
  contact_add(bytea, text, text, bytea),
  ask_contact(monitoring_contacts),
  follow_consent(scheduled_notifications, text, text, int, int),
  note_contact_refusal(bigint, text),
  consent_display(scheduled_notifications),
  consent_recheck(scheduled_notifications),
  contact_row(scheduled_notifications),
  contact_recipient(scheduled_notifications),
  contact_is_suppressed(monitoring_contacts),
  message_contact(text),
  monitoring_change(bytea, int, text),
  monitoring_enrol(bytea, text, int, text, text),
  check_interval(int),
  read_preferred(text),
  keep_a_responder(),
  has_responder(bigint, bigint, bigint),
  refresh_zone_due(),
  refresh_due(bigint),
  hold_watch(bigint),
  update_user_status(bigint, bigint, timestamptz, timestamptz, text, timestamptz, text, text, jsonb),
  get_user_status(bigint),
  recent_activities(bigint, int),
  add_activity(bigint, bigint, text, text, jsonb),
  epoch_ms(timestamptz),
  watch_due(monitoring, timestamptz),
  watch_zone(bigint, bigint),
  next_due(timestamptz, int, time, text),
  local_moment(timestamp, text),
  note_confirmed();
delete from notification_kinds where kind = 'contact_consent';
delete from personal_data
where relation in ('monitoring', 'user_status', 'monitoring_contacts', 'contact_stops', 'activities', 'outbox');
drop table contact_stops, monitoring_contacts, outbox, activities, user_status, monitoring;
alter table notification_log
  drop constraint notification_log_person_known,
  add constraint notification_log_person_known check (user_id is not null or kind in ('join', 'address_change', 'address_changed')) not valid;
alter table scheduled_notifications
  drop constraint scheduled_notifications_person_known,
  add constraint scheduled_notifications_person_known check (user_id is not null or kind in ('join', 'address_change', 'address_changed')) not valid;
comment on column scheduled_notifications.user_id is
  'Null when it goes to no account''s address: the request to join, or to change an address, says where.';
alter table users drop column confirmed_at;
alter table organizations
  drop constraint organizations_watch_hours,
  drop column watch_l2_hours,
  drop column watch_l3_hours,
  drop column watch_l4_hours;

commit;
