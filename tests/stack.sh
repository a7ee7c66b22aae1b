#!/bin/bash
# A stack of a test's own: a copy of what runs, in a new directory with its own
# var/, cluster and ports, and a clock that can be set.  It stands until our
# standard input ends or we are told to stop, and then leaves nothing behind:
# whoever asked for it may die in any way.
#
#   tests/stack.sh database    PostgreSQL with our database in it
#   tests/stack.sh all         nginx, programs and mail catcher too, no sweep
#
# FAST= makes a database that would survive a crash, CLOCK=no leaves it the
# clock that is shipped, WORKERS=n are a web program's.
#
# Writes lines KEY=value (directory, port, url) and then `ready`.  KEEP=1 leaves
# the directory, for a look into its logs.
program=tests/stack.sh
cd "$(dirname "$0")/.." || exit
# shellcheck source=etc/demo/lib.sh
. etc/demo/lib.sh

kind=${1:-}
case $kind in
database | all) ;;
*) echo "usage: tests/stack.sh database|all" >&2; exit 64 ;;
esac

checkout=$PWD
make_service_user >&2
directory=$(mktemp -d "${TMPDIR:-/tmp}/rollcall-test.XXXXXX")

clear_away()
{
	trap '' TERM INT HUP
	cd "$directory" || return
	bash etc/demo/stack.sh stop >/dev/null 2>&1 || :
	bash etc/demo/cluster.sh stop >/dev/null 2>&1 || :
	cd / || return
	[ -n "${KEEP-}" ] || rm -rf "$directory"
}
trap 'exit 0' TERM INT HUP
trap clear_away EXIT

# Copies, not links: the service user may not be able to reach the checkout.
copy_sources()
{
	local part

	mkdir -p "$directory/build/$V" "$directory/tests"
	for part in templates static etc sql nginx.conf tests/catcher tests/sql; do
		[ ! -e "$part" ] || cp -R "$part" "$directory/$part"
	done
	for part in answer member staff sweep rollcallctl; do
		[ ! -x "$bin/$part" ] ||
			cp "$bin/$part" "$directory/build/$V/"
	done
	chmod -R go+rX "$directory"
}

start_database()
{
	bash etc/demo/cluster.sh start >&2
	[ "${CLOCK-}" = no ] || [ ! -e tests/sql/clock.sql ] ||
		sql_as rollcall_owner -d "$database" -f tests/sql/clock.sql >&2
}

# The port is free when we look; somebody may be quicker, so look again then.
start_all()
{
	local tries

	for tries in 1 2 3; do
		PORT=$(free_port)
		if SWEEP=no SEED=no WORKERS="${WORKERS:-2}" PORT=$PORT \
			bash etc/demo/stack.sh start >var/start.log 2>&1
		then
			printf "%s\n" "port=$PORT" "url=http://127.0.0.1:$PORT"
			return
		fi
	done
	cat var/start.log >&2
	die "no stack came up ($tries tries)"
}

copy_sources
cd "$directory"
# Everything of the stack is found from where it stands.
BUILD=build
FAST=${FAST-1}
export BUILD V FAST
bin=$BUILD/$V
start_database
[ "$kind" != all ] || start_all
printf '%s\n' "directory=$directory" "checkout=$checkout" ready
while read -r _; do :; done
