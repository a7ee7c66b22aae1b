-- Revert rollcall:marks from pg

begin;

drop function mark_attendance(bigint, bigint, attendance_mark[], text, text);
drop type attendance_mark;

commit;
