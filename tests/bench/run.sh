#!/bin/bash
# Runs every benchmark, each of which prints lines `name value unit ratio goal
# ok|short`.  ONLY=word runs just those with that word in their name; with
# SIZE=small they only show that they work.
#
# All share one stack of their own, with the shipped clock and a database that
# trusts nothing to luck: made when the first that needs it comes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

status=0
users=100000
[ "${SIZE-}" != small ] || users=1000
# As many workers as an installation has.
export BENCH_USERS=$users BENCH_WORKERS=8

# The stack goes when its standard input ends.
end_stack()
{
	[ -n "${STACK_PID-}" ] || return
	eval "exec ${STACK[1]}>&-"
	wait "$STACK_PID" 2>/dev/null
}
trap end_stack EXIT
trap 'exit 130' INT TERM

make_stack()
{
	local line

	coproc STACK { exec env FAST= CLOCK=no WORKERS="$BENCH_WORKERS" \
		bash tests/stack.sh all; }
	while read -r line && [ "$line" != ready ]; do
		case $line in
		directory=*) export BENCH_STACK=${line#*=} ;;
		port=*) export BENCH_PORT=${line#*=} ;;
		esac
	done <&"${STACK[0]}"
	[ -n "${BENCH_PORT-}" ] || return
	# shellcheck source=tests/bench/lib.sh
	(. tests/bench/lib.sh && in_database postgres -v users="$users" \
		-v people_asked=$((users / 10)) -f "$PWD/tests/bench/data.sql")
}

for name in template push history wire answer planning audit reports connections queue \
	delivery; do
	case $name in
	*"${ONLY-}"*) ;;
	*) continue ;;
	esac
	if [ "$name" != template ] && [ "$name" != push ] &&
		[ -z "${BENCH_PORT-}" ]; then
		make_stack || { echo "no stack came up" >&2; exit 1; }
	fi
	bash "tests/bench/$name.sh" || status=1
done
exit $status
