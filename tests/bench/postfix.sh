# shellcheck shell=bash
# Postfix's own tools for measuring, out of Debian's package, which is unpacked
# beside what is built and not installed: a mail server would start.

# shellcheck disable=SC2154 # what lib.sh knows
postfix=$PWD/${bin%/*}/postfix

fetch_postfix()
{
	[ ! -x "$postfix/usr/sbin/smtp-sink" ] || return 0
	rm -rf "$postfix.new"
	mkdir -p "$postfix.new"
	(cd "$postfix.new" && apt-get -qq download postfix &&
		dpkg-deb -x postfix_*.deb .) >&2 || die "no postfix was found"
	rm -rf "$postfix"
	mv "$postfix.new" "$postfix"
}

# One of them, with the rest.
postfix_tool()
{
	LD_LIBRARY_PATH=$postfix/usr/lib/postfix \
		exec "$postfix/usr/sbin/$1" "${@:2}"
}
