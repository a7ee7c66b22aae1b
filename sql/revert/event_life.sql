-- Revert rollcall:event_life from pg

begin;

create or replace function advance_events() returns table (started int, completed int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update events set status = 'ongoing', updated_at = app_now()
  where status = 'published'
    and starts_at <= app_now()
    and deleted_at is null;
  get diagnostics started = row_count;
  update events set status = 'completed', updated_at = app_now()
  where status = 'ongoing'
    and effective_end <= app_now()
    and deleted_at is null;
  get diagnostics completed = row_count;
  return next;
end
$$;

comment on function advance_events() is
  'Published events go on at their start and are completed at their end, however late this runs.';

commit;
