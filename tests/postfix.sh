#!/bin/sh
# Debian's Postfix, unpacked beside what is built and not installed: this
# machine's mail server would start, or be replaced.  Prints where it is.
set -eu
cd "$(dirname "$0")/.."
into=$PWD/${BUILD:-build}/postfix

if [ ! -x "$into/usr/sbin/smtp-sink" ]; then
	new=$into.$$
	trap 'rm -rf "$new"' EXIT
	mkdir -p "$new"
	(cd "$new" && apt-get -qq download postfix &&
		dpkg-deb -x postfix_*.deb .) >&2
	rm -rf "$into"
	mv -T "$new" "$into" 2>/dev/null || [ -x "$into/usr/sbin/smtp-sink" ]
fi
echo "$into"
