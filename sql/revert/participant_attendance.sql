-- Revert rollcall:participant_attendance from pg

begin;

drop index if exists idx_participants_event_attendance;
alter table event_participants
  drop column if exists attendance_status,
  drop column if exists attendance_marked_at,
  drop column if exists attendance_marked_by,
  drop column if exists attendance_notes,
  drop column if exists attendance_updated_at;

commit;
