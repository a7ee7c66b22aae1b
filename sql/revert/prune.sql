-- Revert rollcall:prune from pg

begin;

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
    from door_contacts c
    where c.at < app_now() - interval '7 days'
    order by c.at
    limit p_max
    for update skip locked
  );
  return next;
end
$$;

comment on function prune(int) is
  'Deletes up to p_max requests to sign in older than a day (an hour is what is counted), as many sessions that have been '
  'over for 30 days, as many calendars handed in more than a day ago, and as many contacts of a door''s devices over a week '
  'old.';

comment on table door_contacts is
  'When a device at the door of an event, and who worked there, reached the server. Pruned after a week.';
update personal_data set downloaded = 'no: of a week, and only of their device' where relation = 'door_contacts';
drop function doors_done();

commit;
