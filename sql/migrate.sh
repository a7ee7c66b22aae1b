#!/bin/bash
# Brings the database that PGHOST and PGDATABASE name to what stands in this
# directory, while it is in use: nobody waits long behind a change that waits
# for a lock (client.sh).  As often as one likes; what is there already stays.
#
#   [PATIENCE=seconds] sql/migrate.sh [--to CHANGE] [other words of sqitch deploy]
#
# Ends with 75 when somebody else's transaction was in the way for PATIENCE
# seconds (600), and says whose.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
GAVE_UP=$(mktemp)
trap 'rm -f "$GAVE_UP"' EXIT
export GAVE_UP
# In this mode a change that fails takes back itself, and nothing before it.
sqitch deploy --verify --mode change --client ./client.sh --target \
	"db:pg://rollcall_owner@/${PGDATABASE:-rollcall}?host=${PGHOST-}" "$@" || {
	status=$?
	[ ! -s "$GAVE_UP" ] || exit 75
	exit "$status"
}
