-- Verify rollcall:participants on pg

begin;

select id, event_id, org_id, user_id, status, created_at, updated_at from event_participants where false;

do $$
begin
  assert exists (
    select from pg_constraint
    where conrelid = 'event_participants'::regclass
      and contype = 'u'
      and pg_get_constraintdef(oid) = 'UNIQUE (event_id, user_id)'
  ), 'a person may be registered twice for an event';
end
$$;

rollback;
