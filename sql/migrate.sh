#!/bin/bash
# Brings the database that PGHOST and PGDATABASE name to what stands in this
# directory, while it is in use: nobody waits long behind a change that waits
# for a lock (client.sh).  As often as one likes; what is there already stays.
#
#   [PATIENCE=seconds] sql/migrate.sh [--to CHANGE] [other words of sqitch deploy]
#
# Ends with 75 when somebody else's transaction was in the way for PATIENCE
# seconds (600), and says whose; with 65, before anything is done, when the
# database is not what this directory made.
set -euo pipefail

# Released scripts that had to be edited all the same, with the SHA-1 that each
# had: who was brought on by the old one is where the new one leads.
edited='inbox 424f71fda3e02e44ad28f111f59007404cd8a818'

cd "$(dirname "${BASH_SOURCE[0]}")"
GAVE_UP=$(mktemp)
trap 'rm -f "$GAVE_UP"' EXIT
export GAVE_UP
target="db:pg://rollcall_owner@/${PGDATABASE:-rollcall}?host=${PGHOST-}"

# What stands there, before anything is done to it.
check()
{
	local change was owner=(psql -qXAt -U rollcall_owner -v ON_ERROR_STOP=1
		-d "${PGDATABASE:-rollcall}")

	[ "$("${owner[@]}" -c "select to_regclass('sqitch.changes')")" ] || return 0
	while read -r change was; do
		"${owner[@]}" -c "update sqitch.changes
			set script_hash = '$(sha1sum <"deploy/$change.sql" | cut -c -40)'
			where change = '$change' and script_hash = '$was'"
	done <<<"$edited"
	sqitch check --target "$target"
}

check >&2 || {
	echo "What stands in the database is not what stands in sql/." >&2
	exit 65
}
# In this mode a change that fails takes back itself, and nothing before it.
sqitch deploy --verify --mode change --client ./client.sh --target \
	"$target" "$@" || {
	status=$?
	[ ! -s "$GAVE_UP" ] || exit 75
	exit "$status"
}
