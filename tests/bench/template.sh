#!/bin/bash
# The history page of 50 rows in our engine and in npm's mustache: medians of
# 5 alternated runs, after both have written the same bytes.
. tests/bench/lib.sh

goal=6
ours=$tools/bench_template

same()
{
	cmp "$1" "$2" >&2 || {
		echo "template: the two engines write different pages" >&2
		exit 1
	}
}

node tests/bench/template.js prepare "$dir"
"$ours" show "$dir/templates" page "$dir/data.json" >"$dir/ours.html"
"$ours" show templates history_list "$dir/data.json" >"$dir/inherited.html"
same "$dir/ours.html" "$dir/theirs.html"
same "$dir/ours.html" "$dir/inherited.html"

for ((i = 0; i < rounds; i++)); do
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
