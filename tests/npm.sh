#!/bin/sh
# Puts the browser tests' packages into node_modules/, exactly those of
# package-lock.json, when that has not been done since the lock file changed.
# Keeps its cache here too: a home that cannot be written to is no matter.
set -eu

done_for=node_modules/.rollcall-lock
cmp -s package-lock.json "$done_for" && exit 0
echo "Fetching the test packages ..."
npm ci --ignore-scripts --loglevel=error --cache "${BUILD:-build}/npm"
cp package-lock.json "$done_for"
