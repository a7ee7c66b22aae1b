#!/bin/bash
# The history page of 50 rows in our engine and in npm's mustache: medians of
# 5 alternated runs, after both have written the same bytes.
set -euo pipefail

goal=6
ours=${BUILD:-build}/${V:-release}/tests/bench/bench_template
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

same()
{
	cmp "$1" "$2" >&2 || {
		echo "template: the two engines write different pages" >&2
		exit 1
	}
}

median()
{
	sort -n "$1" | sed -n 3p
}

node tests/bench/template.js prepare "$dir"
"$ours" show "$dir/templates" page "$dir/data.json" >"$dir/ours.html"
"$ours" show templates history_list "$dir/data.json" >"$dir/inherited.html"
same "$dir/ours.html" "$dir/theirs.html"
same "$dir/ours.html" "$dir/inherited.html"

for _ in 1 2 3 4 5; do
	"$ours" time "$dir/templates" page "$dir/data.json" >>"$dir/ours"
	node tests/bench/template.js time "$dir" >>"$dir/theirs"
done
awk -v ours="$(median "$dir/ours")" -v theirs="$(median "$dir/theirs")" \
	-v goal="$goal" 'BEGIN {
		ratio = theirs / ours
		verdict = (ratio >= goal) ? "ok" : "short"
		printf "template %.1f us/page %.2f %s %s\n", ours, ratio,
			goal, verdict
	}'
