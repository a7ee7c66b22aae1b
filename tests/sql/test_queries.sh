# shellcheck shell=bash
# Every named query is prepared and called once as each role that runs it, so
# that a missing grant is found.  Run by run.sh, in its shell.

# A signed-in person with an event, for the queries that look at something.
rows_for_queries="
	insert into sessions (user_id, hash, expires_at)
	select try.person('Ada'), decode(repeat('ab', 32), 'hex'), app_now() + interval '1 day';
	select try.event('Talk', '2026-11-20 15:00+00'), try.viewed('Ada', 'Talk');
	insert into attendance (user_id, event_id, org_id, status, responded_at)
	select try.user_id('Ada'), id, org_id, 'attended', app_now() from events;"

prepared()
{
	local file

	for file in sql/query/*.sql; do
		mawk -v noun="$(basename "$file" .sql)" -v out=prepare \
			-f cgi/gen/query.awk "$file"
	done
}

# Coded refusals (RC...) are answers, and null may be refused where it has no
# place; anything else is a query that cannot run.
try_query()
{
	local role=$1 execute=$2 prepare=$3 name=${2%%(*} out

	case $prepare in
	"prepare $name (bytea"*)
		execute=${execute/(null/(decode(repeat(\'ab\', 32), \'hex\')}
		;;
	esac
	out=$(sql -U "rollcall_$role" -d queries --set VERBOSITY=verbose 2>&1 <<-SQL
		begin;
		$prepare
		execute $execute;
		rollback;
		SQL
	) || true
	if grep -q 'ERROR: ' <<<"$out" && ! grep -qE 'ERROR:  (RC4|23502)' <<<"$out"; then
		echo "not ok - $name runs as $role"
		sed 's/^/# /' <<<"$out"
	else
		echo "ok - $name runs as $role"
	fi
}

new_database queries rollcall_migrated
sql -U postgres -d postgres -c "alter database queries set search_path = public, tap"
sql -U postgres -d queries -f tests/sql/fixture.sql -c "$rows_for_queries" >/dev/null

tried=0
while read -r _ _ roles && read -r _ _ execute && read -r prepare; do
	for role in $roles; do
		try_query "$role" "$execute" "$prepare"
		tried=$((tried + 1))
	done
done < <(prepared)
echo "1..$tried"
