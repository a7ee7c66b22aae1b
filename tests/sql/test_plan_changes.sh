# shellcheck shell=bash
# The plan as an operator meets it: an installation upgraded in the middle of
# its life, and one taken back altogether.  Run by run.sh, in its shell.

# Everything in the database but what belongs to PostgreSQL and to sqitch.
leftovers="
	select 'relation ' || c.oid::regclass from pg_class c
	join pg_namespace n on n.oid = c.relnamespace
	where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'sqitch')
	union all
	select 'function ' || p.oid::regprocedure from pg_proc p
	join pg_namespace n on n.oid = p.pronamespace
	where n.nspname not in ('pg_catalog', 'information_schema', 'sqitch')
	union all
	select 'type ' || t.oid::regtype from pg_type t
	join pg_namespace n on n.oid = t.typnamespace
	where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'sqitch')
	union all
	select 'default privileges of ' || defaclrole::regrole from pg_default_acl
	union all
	select 'schema ' || nspname from pg_namespace
	where nspname !~ '^pg_' and nspname not in ('information_schema', 'public', 'sqitch')
	union all
	select 'temporary tables are refused'
	where not has_database_privilege('rollcall_member', current_database(), 'temporary')"

verdict()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\n' "got:" "$2" "wanted:" "$3" | sed 's/^/# /'
	fi
}

echo 1..8
new_database upgraded
migrate upgraded deploy --to attendance
sql -U postgres -d upgraded -f tests/sql/rows_before_participants.sql
migrate upgraded deploy --to participants@v0.3
sql -U postgres -d upgraded -c "
	insert into event_participants (event_id, org_id, user_id)
	select e.id, e.org_id, u.id from events e cross join users u"
migrate upgraded deploy --to audit@v0.2
sql -U postgres -d upgraded -f tests/sql/rows_before_unanswered.sql
migrate upgraded deploy
verdict "R-T5 the rest deploys across participants that are there" $? 0
verdict "R-B1 participants from before become unknown" \
	"$(sql -U postgres -d upgraded -c "
		select attendance_status, count(*) from event_participants group by 1")" \
	"unknown|3000"
verdict "R-T5 idx_participants_event_attendance stands over them" \
	"$(sql -U postgres -d upgraded -c "
		select indisvalid, pg_get_indexdef(indexrelid) like '%(event_id, attendance_status)'
		from pg_index where indexrelid = 'idx_participants_event_attendance'::regclass")" \
	"t|t"
verdict "R-B6 an organisation from before has its chain" \
	"$(sql -U postgres -d upgraded -c "
		select org_slug, seq from audit_head(null) union all
		select org_slug, seq from verify_audit(null)")" \
	"old|0"

verdict "R-A5, R-A6 who was asked before may be asked again, or be unknown in the end" \
	"$(sql -U postgres -d upgraded -c "
		select e.title, n.prompt_number, n.follow_up_from is not null,
			n.unknown_at = e.effective_end + interval '14 days'
		from notifications n join events e on e.id = n.event_id
		order by e.starts_at desc, n.prompt_number, n.responded_at nulls first")" \
	"Event 1|1|t|t
Event 1|1|f|
Event 1|2|f|
Old|1|f|t"

migrate upgraded revert -y
verdict "reverting all succeeds with rows in the tables" $? 0
verdict "reverting all leaves nothing but sqitch's registry" \
	"$(sql -U postgres -d upgraded -c "$leftovers")" ""
migrate upgraded deploy
verdict "and it deploys again" $? 0
