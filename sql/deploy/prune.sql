-- Deploy rollcall:prune to pg
-- Contacts of devices at a door are kept as long as a device may come back
-- there, and no longer: a long event's for weeks, others' for two days.

begin;

create function doors_done() returns table (event_id bigint)
  language sql stable
  begin atomic
    -- From one event to the next by the index, however many contacts each has.
    with recursive doors as (
      select min(c.event_id) as event_id from door_contacts c
      union all
      select (select min(c.event_id) from door_contacts c where c.event_id > d.event_id)
      from doors d
      where d.event_id is not null
    )
    select e.id
    from doors d
    join events e on e.id = d.event_id
    where e.deleted_at is not null
      or (
        e.status in ('completed', 'cancelled')
        and app_now() > greatest(
          e.effective_end,
          case when e.status = 'completed' then e.completed_at end
        ) + interval '48 hours'
      );
  end;

comment on function doors_done() is
  'Events of whose door contacts are kept and nothing is taken any more: completed 48 hours ago, or cancelled and over.';

comment on table door_contacts is
  'When a device at the door of an event, and who worked there, reached the server. Pruned when nothing is taken there '
  'any more, 48 hours after the event was completed.';

update personal_data
set downloaded = 'no: until two days after the event, and only of their device'
where relation = 'door_contacts';

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

comment on function prune(int) is
  'Deletes up to p_max requests to sign in older than a day (an hour is what is counted), as many sessions that have been '
  'over for 30 days, as many calendars handed in more than a day ago, as many contacts of devices at doors '
  'where nothing is taken any more, and as many traces of shifts that people were taken off and no calendar has any more.';

commit;
