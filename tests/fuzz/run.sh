#!/bin/bash
# Runs every fuzz target for the given number of seconds, from its corpus in
# tests/fuzz/corpus/NAME.  What it learns goes to build/, what breaks it is kept
# as a file there and named; make it a unit test.
#
#   tests/fuzz/run.sh SECONDS
set -euo pipefail
shopt -s nullglob

seconds=${1:-60}
out=${BUILD:-build}/fuzz
status=0
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	learned=$out/corpus/$name crashes=$out/crashes/$name
	corpus=tests/fuzz/corpus/${name#fuzz_}
	mkdir -p "$learned" "$crashes"
	[ ! -d "$corpus" ] || learned="$learned $corpus"
	echo "$name: $seconds s"
	# shellcheck disable=SC2086 # one or two directories
	"$out/tests/fuzz/$name" -max_total_time="$seconds" -timeout=10 \
		-artifact_prefix="$crashes/" -print_final_stats=1 \
		-verbosity=0 $learned 2>"$crashes/log" || {
		tail -n 40 "$crashes/log"
		status=1
	}
	grep -E 'number_of_executed_units|average_exec' "$crashes/log" || :
done
exit $status
