# shellcheck shell=bash
# Each change's verify script is seen to fail when what it stands for is
# damaged, and to pass when it is not.  Run by run.sh, in its shell.

# change|damage
damages='clock|grant temporary on database %I to public
zones|delete from timezones
people|drop index users_email_key
sessions|grant select on sessions to rollcall_member
events|alter table events disable trigger events_moved
attendance|drop index attendance_org
queue|drop trigger take_messages_along on users
participants|alter table event_participants drop constraint event_participants_event_id_user_id_key
participant_attendance|drop index idx_participants_event_attendance
audit|drop trigger event_attendance_audit_no_truncate on event_attendance_audit
unanswered|revoke execute on function settle_unanswered(int) from rollcall_sweep
channels|grant execute on function lift_suppression(bigint) to rollcall_sweep
sign_in|grant execute on function session_user_id(bytea) to rollcall_member
answers|drop index attendance_requests_open
prune|grant execute on function prune(int) to rollcall_member
event_life|alter table event_participants disable trigger event_participants_freed
planning|delete from planning_position
delivery|update notification_kinds set display = kind
operator|revoke execute on function add_org(text, text, text) from rollcall_ctl
second_prompt|grant execute on function snooze_attendance_prompt(bigint, bigint) to rollcall_answer
feedback|alter function prompt_link(bigint, int, timestamptz) volatile
rights|grant update on access_log to rollcall_staff
series|alter table events disable trigger events_versioned
calendar_entries|delete from windows_zones
calendars|drop function import_single(events)
staff_events|grant update on events to rollcall_staff
staff_people|grant delete on org_changes to rollcall_ctl
own_answers|grant execute on function person_attendance(bytea, text, bigint, timestamptz, bigint, int) to rollcall_member
inbox|drop index notifications_inbox_once
devices|grant select (token) on device_tokens to rollcall_sweep
uploads|grant insert on calendar_uploads to rollcall_staff
preferences|revoke execute on function stop_category(bigint, int) from rollcall_answer
choices|revoke execute on function set_own_choices(bytea, text, text, text, text) from rollcall_member
joining|grant execute on function add_member(bigint, bigint) to rollcall_member
digests|create or replace function digest_display(scheduled_notifications) returns jsonb language sql as '\''select null::jsonb'\''
own_data|drop trigger users_restore_joiner on users
address_change|revoke execute on function own_address_requests(bytea) from rollcall_member
history|alter table organizations disable trigger event_words_changed
funnel|grant execute on function event_funnel(bytea, text, bigint) to rollcall_member
decisions|revoke execute on function own_messages(bytea, timestamptz, bigint, int) from rollcall_member
audit_list|drop index event_attendance_audit_time
marks|grant execute on function mark_attendance(bigint, bigint, attendance_mark[], text, text) to rollcall_staff
door|grant insert on door_attempts to rollcall_staff
door_sync|grant select on door_contacts to rollcall_staff
corrections|grant insert on reason_codes to rollcall_staff
absences|drop index absence_batches_next
reports|alter table attendance disable trigger note_update
mismatches|drop index mismatches_open
long_lists|drop index mismatches_event_page
points|alter table event_participants disable trigger event_participants_points
unasked|grant execute on function event_unasked(bytea, text, bigint) to rollcall_member
people_files|grant select (entries) on calendar_uploads to rollcall_staff
shifts|drop index duty_schedules_start
reminders|delete from shift_planning
my_shifts|grant execute on function take_shift(bytea, bigint, boolean) to rollcall_answer
shift_feed|alter table duty_assignments disable trigger duty_assignments_unassigned
bounces|grant execute on function record_bounce(bigint, text, text) to rollcall_sweep
ledger|drop index notification_log_cause
pauses|drop index scheduled_notifications_paused
kept_plans|grant execute on function find_team_events(bigint, text, text, timestamptz, bigint) to rollcall_staff
runs|drop index notification_log_dead
monitoring|drop trigger sessions_confirm on sessions
alerts|drop index alerts_open
responders|revoke execute on function open_watched(bytea, text, text, bigint, text) from rollcall_staff
conversations|drop index talk_messages_unread
board|grant execute on function team_watched(bytea, text, bigint) to rollcall_staff
shift_files|revoke execute on function hold_shifts(bytea, text, text, int, jsonb, jsonb) from rollcall_staff
shift_times|revoke execute on function shift_times(duty_schedules, boolean) from rollcall_staff
row_functions|create function first_id(p users) returns bigint language sql begin atomic select (p).id; end
watch_settings|grant execute on function save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text) to rollcall_staff'

# Runs the verify script of change $1 after statement $2, and takes it back.
verify_after()
{
	sql -U rollcall_owner -d verify >/dev/null 2>&1 <<-SQL
		set client_min_messages = error;
		begin;
		$2;
		\\i sql/verify/$1.sql
		rollback;
		SQL
}

# Not a copy: a database's own privileges are not copied with it.
new_database verify
migrate verify deploy
number=0
while IFS='|' read -r change damage; do
	number=$((number + 1))
	# shellcheck disable=SC2059
	damage=$(printf "${damage//%I/%s}" verify)
	if ! verify_after "$change" "select"; then
		echo "not ok $number - verify/$change.sql passes as deployed"
	elif verify_after "$change" "$damage"; then
		echo "not ok $number - verify/$change.sql fails after: $damage"
	else
		echo "ok $number - verify/$change.sql fails after: $damage"
	fi
done <<<"$damages"
# One that was reworked stands twice in the plan.
changes=$(grep -oE '^[a-z_]+' sql/sqitch.plan | sort -u | wc -l)
echo "# $changes changes to damage"
[ "$changes" = "$number" ] || echo "not ok - a change has no damage to find here"
echo "1..$number"
