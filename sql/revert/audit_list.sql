-- Revert rollcall:audit_list from pg

begin;

drop index event_attendance_audit_by;
drop index event_attendance_audit_action;
drop index event_attendance_audit_time;
drop function team_audit(bytea, text, bigint, bigint, bigint, text, date, date, timestamptz, bigint, int);
drop function audit_about(bytea, text, bigint, bigint, bigint);
drop function open_audit(bytea, text, text, text);
drop function audit_status_text(text, text);
drop function audit_action_text(text);
drop function check_audits(bigint);
delete from scheduled_notifications where kind = 'audit_notice';
delete from notification_kinds where kind = 'audit_notice';
drop function audit_notice_display(scheduled_notifications);
delete from personal_data where relation = 'audit_checks';

create or replace function begin_audit() returns trigger
  language plpgsql
as $$
begin
  insert into event_attendance_audit_head (org_id) values (new.id);
  return null;
end
$$;

drop table audit_checks;

commit;
