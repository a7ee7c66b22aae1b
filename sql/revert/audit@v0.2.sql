-- Revert rollcall:audit from pg
-- Export event_attendance_audit first if it is to be kept.

begin;

drop function audit_head(text);
drop function verify_audit(text);
drop function first_audit_problem(bigint);
drop trigger organizations_begin_audit on organizations;
drop function begin_audit();
drop function append_audit(
  bigint, bigint, bigint, bigint, bigint, text, text, text, text, bytea, text, text
);
drop function audit_hash(event_attendance_audit);
drop table event_attendance_audit_head;
drop table event_attendance_audit;
drop function refuse_change();

commit;
