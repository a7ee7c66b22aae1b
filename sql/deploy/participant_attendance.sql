-- Deploy rollcall:participant_attendance to pg
-- The door's word on each participant, added to a table in use: constant
-- defaults rewrite nothing, checks are validated and the index is built while
-- people go on registering.

set client_min_messages = warning;

-- Waits for its lock in small portions, so that nobody waits long behind it.
do $$
begin
  perform set_config('lock_timeout', '80ms', true);
  for v_try in 1..100 loop
    begin
      alter table event_participants
        add column attendance_status text not null default 'unknown',
        add column attendance_marked_at timestamptz,
        add column attendance_marked_by bigint,
        add column attendance_notes text,
        add column attendance_updated_at timestamptz,
        add constraint event_participants_attendance_status
          check (attendance_status in ('unknown', 'present', 'late', 'absent', 'excused')) not valid,
        add constraint event_participants_attendance_notes
          check (length(attendance_notes) <= 2000) not valid;
      return;
    exception when lock_not_available then
      if v_try = 100 then
        raise;
      end if;
    end;
    perform pg_sleep(0.2);
  end loop;
end
$$;

alter table event_participants validate constraint event_participants_attendance_status;
alter table event_participants validate constraint event_participants_attendance_notes;

comment on column event_participants.attendance_status is
  'What the door says; whether the person is registered is another matter (status).';
comment on column event_participants.attendance_marked_by is 'Who marked it; null: the system.';

drop index if exists idx_participants_event_attendance;
create index concurrently idx_participants_event_attendance
  on event_participants (event_id, attendance_status);
