#!/bin/bash
# How long staff wait, in milliseconds: for the pages and files of an event that
# a tenth of all people came to, and of an organisation that had a hundred of
# them, which is 10,000 people and 1,000,000 answers; for what disagrees, of
# which as many wait as would take weeks; for finding people at the door. Each
# is asked for first by someone new, and then again; of all pages the slowest
# counts, against 300 ms. Then for a file of all that disagrees, against 2 s, and
# for people brought in by a file, against 5 s.
. tests/bench/lib.sh

wanted=300
people=$((BENCH_USERS / 10))

staff_signs_in()
{
	(cd "$BENCH_STACK" && "$tools/bench_key" sessions var/keys 1) >"$dir/s"
	in_database postgres -v users="$BENCH_USERS" \
		-v hash="$(awk '{ print $2 }' "$dir/s")" \
		-f "$PWD/tests/bench/report.sql" >/dev/null
	cookie=$(awk '{ print $1 }' "$dir/s")
	event=$(in_database postgres -c "
		select id from events where title = 'Reported Event 50'")
}

# Milliseconds until all of path $1 is there, kept in $dir/body; further words
# are for curl.
ask()
{
	curl -sS -o "$dir/body" -H "Cookie: $cookie" "${@:2}" \
		-H "Origin: http://127.0.0.1:$BENCH_PORT" \
		-w '%{time_total} %{http_code} %{redirect_url}\n' \
		"http://127.0.0.1:$BENCH_PORT/staff/reported$1" >"$dir/asked"
	awk '$2 == 200 || $2 == 303 { print $1 * 1000; good = 1 }
		END { exit !good }' "$dir/asked" ||
		die "$1: $(cat "$dir/asked")"
}

# The slowest of the paths that come in, first and again: lines $1-first, $1.
slowest()
{
	local name=$1 path i

	: >"$dir/first"
	: >"$dir/again"
	while read -r path; do
		echo "$(ask "$path") $path" >>"$dir/first"
		: >"$dir/times"
		for ((i = 0; i < rounds; i++)); do
			ask "$path" >>"$dir/times"
		done
		echo "$(median "$dir/times") $path" >>"$dir/again"
	done
	[ -z "${EACH-}" ] || sort -n "$dir/first" "$dir/again" >&2
	tell "$name-first" ms "$(sort -n "$dir/first" | awk 'END { print $1 }')" \
		"$wanted" 1 most
	tell "$name" ms "$(sort -n "$dir/again" | awk 'END { print $1 }')" \
		"$wanted" 1 most
}

# The path of the form's own, of a page that was asked for.
csrf()
{
	grep -o 'name="csrf" value="[^"]*"' "$dir/body" |
		awk -F '"' 'NR == 1 { print $4 }'
}

# Milliseconds for a file of people: handed in, looked at, imported.
import()
{
	local handed looked done_in path

	awk -v n="$people" -v run="$1" 'BEGIN {
		print "email,name"
		for (i = 1; i <= n; i++)
			printf "new-%d-%d@example.org,New Person %d\n", run, i, i
	}' >"$dir/people.csv"
	ask /people/import >/dev/null
	handed=$(ask /people/import -F "csrf=$(csrf)" \
		-F "list=@$dir/people.csv;type=text/csv")
	path=$(awk '{ print $3 }' "$dir/asked")
	path=${path#*/staff/reported}
	looked=$(ask "$path")
	done_in=$(ask "$path" --data-urlencode "csrf=$(csrf)")
	[ -z "${EACH-}" ] || echo "$handed $looked $done_in" >&2
	echo "$handed $looked $done_in" | awk '{ print $1 + $2 + $3 }'
}

staff_signs_in
slowest report-event <<-PATHS
	/events/$event
	/events/$event/report
	/events/$event/report.csv
	/events/$event/participants.csv
	/events/$event/people
PATHS
slowest report-org <<-PATHS

	/report
	/report?days=all
	/report?days=90
	/report/trend.csv?days=all
	/report/answers.csv?days=all
	/report/events.csv?days=all
PATHS
slowest mismatches <<-PATHS
	/mismatches
	/mismatches?event=$event
	/mismatches?show=decided
PATHS
# A file of all of them, which is taken home.
wanted=2000 slowest mismatches-file <<<"/mismatches.csv"
slowest door <<-PATHS
	/events/$event/door
	/events/$event/door?q=Number+77
	/events/$event/door?q=person
PATHS
: >"$dir/imports"
for ((i = 0; i < rounds; i++)); do
	import "$i" >>"$dir/imports"
done
tell people-import ms "$(median "$dir/imports")" 5000 1 most
[ "$(in_database postgres -c "select count(*) from users where name like 'New Person %'")" = \
	$((rounds * people)) ] || die "not all people came in"
