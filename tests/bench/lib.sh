# shellcheck shell=bash disable=SC2034
# What the benchmarks share.  run.sh says where the stack is: BENCH_STACK, its
# BENCH_PORT, BENCH_WORKERS, and BENCH_USERS; programs go by tools.
# shellcheck source=etc/demo/lib.sh
. etc/demo/lib.sh

tools=$PWD/$bin/tests/bench
dir=$(mktemp -d)
chmod 0755 "$dir"
trap 'rm -rf "$dir"' EXIT

# A small run shows that the scripts work; its figures say nothing.
rounds=5
seconds=3
if [ "${SIZE-}" = small ]; then
	rounds=1
	seconds=0.3
fi

# Of the numbers in file $1, one a line.
median()
{
	sort -n "$1" | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'
}

# `name value unit ratio goal ok|short`: the ratio of $3 to $4, which is good
# from goal $5 on, or with `most` for $6 up to it.
tell()
{
	local name=$1 unit=$2

	awk -v name="$name" -v unit="$unit" -v ours="$3" -v theirs="$4" \
		-v goal="$5" -v least="${6:-least}" 'BEGIN {
			ratio = theirs > 0 ? ours / theirs : 0
			good = least == "most" ? ratio <= goal : ratio >= goal
			printf "%s %.6g %s %.2f %s %s\n", name, ours, unit,
				ratio, goal, good ? "ok" : "short"
		}'
}

# psql as $1 in the stack's database.
in_database()
{
	local role=$1

	shift
	(cd "$BENCH_STACK" && sql_as "$role" -d "$database" "$@")
}

# `per_second done failed unfinished p50 p99 longest` of requests $2 by $1
# connections.
load()
{
	"$tools/bench_load" "$BENCH_PORT" "$1" "${3:-$seconds}" "$2" ${4:+"$4"}
}

# The first number of `load`, when all went well.
rate()
{
	local out

	out=$(load "$@")
	awk '{ if ($3 + $4 > 0) exit 1; print $1 }' <<<"$out" ||
		die "requests failed: $out"
}
