-- Deploy rollcall:event_life to pg
-- Events move on beside those that a calendar or somebody is changing, which
-- the next run finds: mail to sign in waits behind this run.

begin;

create or replace function advance_events() returns table (started int, completed int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update events set status = 'ongoing', updated_at = app_now()
  where id in (
    select e.id
    from events e
    where e.status = 'published'
      and e.starts_at <= app_now()
      and e.deleted_at is null
    for no key update skip locked
  );
  get diagnostics started = row_count;
  update events set status = 'completed', updated_at = app_now()
  where id in (
    select e.id
    from events e
    where e.status = 'ongoing'
      and e.effective_end <= app_now()
      and e.deleted_at is null
    for no key update skip locked
  );
  get diagnostics completed = row_count;
  return next;
end
$$;

comment on function advance_events() is
  'Published events go on at their start and are completed at their end, however late this runs; those that somebody '
  'is changing just then the next time.';

commit;
