#!/bin/bash
# Runs every benchmark, each of which prints lines `name value unit ratio goal
# ok|short`.  ONLY=word runs just those with that word in their name.
set -uo pipefail
shopt -s nullglob

status=0
for bench in tests/bench/*.sh; do
	name=$(basename "$bench" .sh)
	case $name in
	run) continue ;;
	*"${ONLY-}"*) bash "$bench" || status=1 ;;
	esac
done
exit $status
