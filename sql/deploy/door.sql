-- Deploy rollcall:door to pg
-- Checking in at the door, and every attempt to.

begin;

create function door_status_text(p_status text) returns text
  language sql immutable parallel safe
  return case p_status
    when 'unknown' then 'Not marked'
    when 'present' then 'Present'
    when 'late' then 'Late'
    when 'absent' then 'Absent'
    when 'excused' then 'Excused'
  end;

comment on function door_status_text(text) is 'The door''s word on a participant, in words.';

grant execute on function door_status_text(text) to rollcall_member, rollcall_staff;

commit;
