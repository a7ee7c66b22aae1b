#!/bin/bash
# Rows added to the audit, each told when it is on disk, against 3,000 a second:
# one by one by eight connections to all organisations, as the programs do it;
# the same to only one of them, where each waits for the one before; and 500 at
# a time, as absences come.
. tests/bench/lib.sh

connections=8
wanted=3000
cat >"$dir/batch.sql" <<-'SQL'
	\set org 1 + :client_id % :orgs
	select append_audits(:org, array(select row(0, 0, 7, n, n, null, 'mark_absent', 'unknown', 'absent', 'not_checked_in',
	  null, null, 'bench', null, null, null)::event_attendance_audit from generate_series(1, 500) n));
SQL
chmod 0644 "$dir"/*.sql

# Rows a second to $1 organisations.
appends()
{
	(cd "$BENCH_STACK" && "$tools/bench_append" \
		"postgresql:///$database?host=$host" "$connections" \
		"$seconds" "$1")
}

# Commits a second of script $1 to $2 organisations.
commits()
{
	(cd "$BENCH_STACK" && pgbench -n -M prepared -c "$connections" -j 2 \
		-T "${seconds/0.3/1}" -D orgs="$2" -f "$dir/$1.sql" \
		-h "$host" -U rollcall_owner "$database") 2>&1 |
		awk '/^tps/ { print $3; found = 1 }
			{ all = all $0 "\n" }
			END { if (!found) { printf "%s", all >"/dev/stderr"; exit 1 } }'
}

for ((i = 0; i < rounds; i++)); do
	appends 20 >>"$dir/all" || die "rows were not added"
	appends 1 >>"$dir/single" || die "rows were not added"
	commits batch 20 | awk '{ print 500 * $1 }' >>"$dir/batches"
done
tell audit rows/s "$(median "$dir/all")" "$wanted" 1
tell audit-one rows/s "$(median "$dir/single")" "$wanted" 1
tell audit-batch rows/s "$(median "$dir/batches")" "$wanted" 1
[ -z "$(in_database postgres -c 'select * from verify_audit(null)')" ] ||
	die "the audit is not sound"
