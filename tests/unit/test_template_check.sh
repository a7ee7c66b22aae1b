#!/bin/bash
# The build's template check: what stops make, and what it says.  Prints TAP.
check=${BUILD:-build}/${V:-release}/gen/template-check
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0

# Expects exit status $2 and output $3 for the folder as it is.
expect()
{
	local words=$1 status=0 said

	n=$((n + 1))
	said=$("$check" "$dir" 2>&1) || status=$?
	if [ "$status" = "$2" ] && [ "$said" = "${3-}" ]; then
		echo "ok $n - $words"
	else
		echo "not ok $n - $words"
		echo "# exit $status: $said"
	fi
}

printf '<p>{{name}}</p>\n{{>part}}\n' >"$dir/page.mustache"
expect "a missing partial stops the build" 1 \
	"$dir/page.mustache:2:1: There is no template part."
printf '{{#rows}}\n' >"$dir/part.mustache"
expect "an unclosed section stops the build" 1 \
	"$dir/part.mustache:1:1: {{#rows}} is never closed."
printf 'a {{{name}}}\n' >"$dir/part.mustache"
expect "an unescaped tag stops the build" 1 \
	"$dir/part.mustache:1:3: Unescaped tags are not allowed here: write {{name}}."
printf '{{#rows}}{{name}}{{/rows}}\n' >"$dir/part.mustache"
expect "sound templates pass" 0
rm -rf "$dir"
expect "a missing folder stops the build" 1 \
	"$dir:1:1: No such file or directory"
echo "1..$n"
