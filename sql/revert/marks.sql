-- Revert rollcall:marks from pg

begin;

drop function mark_attendance(bigint, bigint, attendance_mark[], text, text);
drop type attendance_mark;
drop function append_audits(bigint, event_attendance_audit[]);
drop function hash_reason(bytea, text);
delete from personal_data where relation = 'audit_reason';
drop table audit_reason;

commit;
