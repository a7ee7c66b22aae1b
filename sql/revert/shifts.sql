-- Revert rollcall:shifts from pg

begin;

create or replace function record_members_out() returns trigger
  language plpgsql
as $$
begin
  perform record_change(m.org_id, m.user_id, 'removed', null, m.role, null) from gone m;
  return null;
end
$$;
drop function own_shifts(bigint, text);
drop function say_shift_word(bytea, bigint, text, int);
drop function check_shift(bytea, bigint, text);
drop function staff_shift_word(bytea, text, bigint, bigint, text, int);
drop function put_shift_word(duty_schedules, duty_assignments, text, int, bigint);
drop function staff_check_shift(bytea, text, bigint, bigint, text, boolean);
drop function shift_of(bigint, bigint);
drop function shift_times_open(duty_schedules, interval);
drop function put_shift_time(duty_assignments, text, bigint);
drop function say_clock(timestamptz, timestamptz, text);
drop function say_shift(timestamptz, timestamptz, text);
drop function people_to_assign(bytea, text, bigint, text, jsonb, int);
drop function unassign_shift(bytea, text, bigint, bigint);
drop function unassign_people(duty_schedules, bigint[], bigint);
drop function assign_shift(bytea, text, bigint, jsonb, boolean);
drop function assign_people(duty_schedules, bigint[], bigint);
drop function shift_clashes(duty_schedules, bigint[]);
drop function cancel_shift(bytea, text, bigint, int, text);
drop function change_shift(bytea, text, bigint, int, jsonb);
drop function rewrite_shift(duty_schedules, duty_schedules);
drop function shift_times(shift_form, date, text);
drop function make_shift(bytea, text, jsonb);
drop function tell_shift_changes(bigint[], text);
drop function shift_display(scheduled_notifications);
drop function fit_in_mail(text, int);
drop function shift_news_recheck(scheduled_notifications);
drop function shift_change_recheck(scheduled_notifications);
drop function shift_word(duty_assignments);
drop function shift_news_assignment(text);
drop function tell_shift_news(duty_assignments, duty_schedules, text, bigint);
drop function tell_shift_change(duty_schedules, bigint[], text);
drop function cancel_shift_reminders(bigint[], bigint[], text);
drop function shift_scope(duty_schedules, text);
drop function open_shift(duty_schedules);
drop function team_shift(bigint, bigint);
drop function shift_dates(shift_form);
drop function read_shift_form(shift_form, organizations);
drop function shift_form_faults(shift_form, text);
drop function shift_end(shift_form);
drop function shift_start(shift_form);
create or replace function state_unsent(p_cause text) returns text
  language sql immutable parallel safe
  return case
    when p_cause = 'too_late' then 'expired'
    when p_cause in ('moved', 'event_cancelled') then 'cancelled'
    else 'skipped'
  end;
delete from scheduled_notifications where kind in ('shift_change', 'shift_news');
delete from notification_kinds where kind in ('shift_change', 'shift_news');
drop sequence shift_change_seq;
drop type shift_form;
delete from personal_data where relation in ('duty_schedules', 'duty_assignments', 'attendance_logs');
drop table attendance_logs;
drop table duty_assignments;
drop table duty_schedules;
drop index scheduled_notifications_schedule;

commit;
