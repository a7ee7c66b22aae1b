#!/bin/bash
# Runs the SQL tests, or those named (tests/sql/run.sh test_plan.sql), each in
# a fresh copy of a migrated database, on a server of its own that lives in a
# temporary directory and ends with this script.  One TAP document a file.
set -euo pipefail
umask 077
export LC_ALL=C.UTF-8 TZ=UTC
unset CDPATH "${!PG@}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$(mktemp -d "${TMPDIR:-/tmp}/rollcall-sql.XXXXXX")
failed=0

# PostgreSQL refuses root.
as_server=()
if [ "$(id -u)" = 0 ]; then
	user=nobody
	! id postgres >/dev/null 2>&1 || user=postgres
	chown "$user:" "$dir"
	as_server=(setpriv --reuid "$user" --regid "$(id -g "$user")"
		--clear-groups env HOME=/nonexistent)
fi

stop()
{
	(cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop) \
		>/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

start()
{
	cd /
	"${as_server[@]}" "$bin/initdb" -D "$dir/data" -U postgres -E UTF8 \
		--locale=C.UTF-8 --auth=trust --no-sync >"$dir/log" 2>&1
	# Only whoever may enter the directory reaches the socket in it.  Without
	# jit, as our programs ask for: small tables nobody has analysed would
	# have it compile for seconds.
	"${as_server[@]}" tee -a "$dir/data/postgresql.conf" >/dev/null <<-CONF
	listen_addresses = ''
	unix_socket_directories = '$dir'
	timezone = 'UTC'
	fsync = off
	synchronous_commit = off
	full_page_writes = off
	max_wal_size = '4GB'
	jit = off
	CONF
	"${as_server[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" \
		-w -s start >/dev/null
	cd "$OLDPWD"
}

sql()
{
	psql --no-psqlrc --quiet --no-align --tuples-only --host "$dir" \
		--set ON_ERROR_STOP=1 "$@"
}

# sqitch with the plan of sql/ on database $1; it deploys as operators do.
migrate()
{
	local database=$1 command=$2

	shift 2
	if [ "$command" = deploy ]; then
		set -- bash sql/migrate.sh "$@"
	else
		set -- sqitch -C sql "$command" --target \
			"db:pg://rollcall_owner@/$database?host=$dir" "$@"
	fi
	PGHOST=$dir PGDATABASE=$database SQITCH_CONFIG=sqitch.conf \
		SQITCH_USER_CONFIG=/nonexistent SQITCH_SYSTEM_CONFIG=/nonexistent \
		"$@" >"$dir/sqitch.log" 2>&1 &&
		! grep -q WARNING "$dir/sqitch.log" && return
	sed 's/^/# /' "$dir/sqitch.log"
	return 1
}

new_database()
{
	sql -U postgres -d postgres -c \
		"create database $1 owner rollcall_owner template ${2-template0}"
}

run_file()
{
	local file=$1 database out

	database=$(basename "$file" .sql)
	out=$dir/$database.out
	echo "# $file"
	case $file in
	*.sh)
		# shellcheck source=/dev/null
		(set +e; . "$file") >"$out" 2>&1 || echo "not ok - $file ended early" >>"$out"
		;;
	*)
		new_database "$database" rollcall_migrated
		sql -U postgres -d postgres -c \
			"alter database $database set search_path = public, tap"
		# Notices are turned off in the files; what is left is trouble.
		sql -U postgres -d "$database" -f "$file" >"$out" 2>&1 ||
			echo "not ok - $file ended early" >>"$out"
		sql -U postgres -d postgres -c "drop database $database (force)"
		;;
	esac
	# Values that setting up has printed are of no interest.
	sed -E '/^[0-9tf|]*$|^(OK|BEGIN|COMMIT|ROLLBACK|[|])+$|^new[|]/d; /^((not )?ok|[0-9]+\.\.[0-9]+|#|Bail out)/!s/^/# /' "$out"
	! grep -qE '^not ok|^# Looks like you planned' "$out" || failed=1
}

start
sql -U postgres -d postgres -f sql/roles.sql
new_database rollcall_migrated
migrate rollcall_migrated deploy || {
	echo "Bail out! the plan does not deploy"
	exit 1
}
sql -U postgres -d rollcall_migrated <<-SQL
	create schema tap;
	grant usage on schema tap to public;
	create extension pgtap schema tap;
	create extension dblink schema tap;
	grant execute on all functions in schema tap to public;
SQL

files=("$@")
[ $# -gt 0 ] || files=(tests/sql/test_*.sql tests/sql/test_*.sh)
for file in "${files[@]}"; do
	[ -e "$file" ] || file=tests/sql/$file
	run_file "$file"
done
exit "$failed"
