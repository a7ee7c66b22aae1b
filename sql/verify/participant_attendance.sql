-- Verify rollcall:participant_attendance on pg

begin;

select attendance_status, attendance_marked_at, attendance_marked_by, attendance_notes, attendance_updated_at
from event_participants where false;

do $$
begin
  assert (select indisvalid from pg_index where indexrelid = 'idx_participants_event_attendance'::regclass),
    'idx_participants_event_attendance was not finished';
  assert (
    select count(*) = 2 from pg_constraint
    where conrelid = 'event_participants'::regclass and conname like 'event_participants_attendance%' and convalidated
  ), 'a participant may have any attendance status';
end
$$;

rollback;
