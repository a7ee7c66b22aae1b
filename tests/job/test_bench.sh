#!/bin/bash
# The benchmarks at a tiny size: that they run, and print what they should.
# Their figures say nothing here.
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

echo 1..2
if env -u ONLY SIZE=small bash tests/bench/run.sh >"$lines"; then
	echo "ok 1 - every benchmark runs"
else
	echo "not ok 1 - every benchmark runs"
fi
number='[0-9][0-9.e+]*'
names=$(grep -E "^[a-z-]+ $number [^ ]+ $number $number (ok|short)\$" \
	"$lines" | awk '{ printf "%s ", $1 }')
if [ "$names" = "template push history wire answer planning planning-idle \
audit audit-one audit-batch report-event-first report-event report-org-first \
report-org mismatches-first mismatches mismatches-file-first mismatches-file \
door-first door people-import connections connections-staff queue delivery \
smtp " ]; then
	echo "ok 2 - each says name, value, unit, ratio, goal, verdict"
else
	echo "not ok 2 - each says name, value, unit, ratio, goal, verdict"
	sed 's/^/# /' "$lines"
fi
