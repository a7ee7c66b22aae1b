#!/bin/sh
# Rules of this project that no general tool knows.  Prints each breach as
# file:line: what and why, and fails when there is one.
set -eu
export LC_ALL=C.UTF-8

found=$(mktemp)
trap 'rm -f "$found"' EXIT

c_files=$(find cgi -name '*.[ch]' | sort)

# shellcheck disable=SC2086 # one word a file
[ -z "$c_files" ] || mawk -f tests/lint/layers.awk $c_files >>"$found"

# Prints lines of the files given on stdin that match $1, with the reason $2.
refuse()
{
	xargs -r grep -nHE -e "$1" | sed "s|\$|   <- $2|" >>"$found" || :
}

# No SQL text in C: it stands in sql/query/.
find cgi -name '*.c' |
	refuse '"(select|SELECT|insert into|INSERT INTO|delete from|DELETE FROM) |"(update|UPDATE) [a-z_]+ (set|SET)' \
		'SQL belongs into sql/query/'

# app_now() is the only clock.
# shellcheck disable=SC2016 # awk's own names
find sql -name '*.sql' ! -name 'clock*.sql' 2>/dev/null | sort |
	xargs -r awk '
		{
			line = tolower($0)
			sub(/--.*/, "", line)
			gsub(/app_now *\(\)/, "", line)
		}
		line ~ /(^|[^a-z_0-9])(now *\(\)|(clock|statement|transaction)_timestamp|current_(timestamp|date|time)|localtime(stamp)?|timeofday)([^a-z_0-9]|$)/ {
			print FILENAME ":" FNR ": " $0 "   <- use app_now()"
		}' >>"$found"

# Every value is escaped, and nothing is inline: the CSP would stop it.
find templates -name '*.mustache' 2>/dev/null | refuse '\{\{(\{|&)' \
	'unescaped output'
find templates static -name '*.mustache' ! -name 'mail_*' -o \
	-name '*.html' ! -name 'mail_*' 2>/dev/null |
	refuse '[[:space:]](style|on[a-z]+)[[:space:]]*=|<style|<script[^>]*>[^<]|javascript:' \
		'inline style or script'

# The one stylesheet stays small: ten times 1,024 bytes.
size=$(wc -c <static/style.css)
[ "$size" -le 10240 ] || echo "static/style.css:1: $size bytes   <-" \
	"10,240 are the most" >>"$found"
[ "$(find static -name '*.css')" = static/style.css ] ||
	echo "static/:1: a second stylesheet   <- one is the rule" >>"$found"

find cgi sql templates static tests etc Makefile nginx.conf -type f \
	! -path tests/lint/rules.sh 2>/dev/null |
	refuse '(^|[^A-Za-z])(TODO|FIXME|XXX|HACK)([^A-Za-z]|$)' 'unfinished'

cat "$found"
[ ! -s "$found" ]
