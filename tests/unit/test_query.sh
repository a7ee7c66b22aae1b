#!/bin/bash
# The generator of typed queries: what it takes for a parameter, what it
# refuses and with which words, and that both compilers take what it makes.
# Prints TAP.
# shellcheck disable=SC2016 # $1 is SQL's here
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cases=0

generate()
{
	mawk -v noun=sample -v out="$1" -f cgi/gen/query.awk \
		"$work/sample.sql" 2>&1
}

ok()
{
	cases=$((cases + 1))
	echo "ok $cases - $1"
}

not_ok()
{
	cases=$((cases + 1))
	echo "not ok $cases - $1"
	printf '# %s\n' "${2//$'\n'/$'\n'# }"
}

# made WHAT PART: what is made as `prepare` holds the part.
made()
{
	local got

	got=$(generate prepare) || { not_ok "$1" "$got"; return; }
	case $got in *"$2"*) ok "$1" ;; *) not_ok "$1" "$got" ;; esac
}

# body WHAT SQL PART: the same for a query with parameters n and b.
body()
{
	printf '%s\n' '-- name: one(n bigint, b text?) :many' \
		'-- role: member' "$2" >"$work/sample.sql"
	made "$1" "$3"
}

# refused WORDS LINES...: with status 1 and these words.
refused()
{
	local words=$1 got status=0

	shift
	printf '%s\n' "$@" >"$work/sample.sql"
	got=$(generate h) || status=$?
	case $status:$got in
	1:*"$words"*) ok "refused: $words" ;;
	*) not_ok "refused: $words" "$status $got" ;;
	esac
}

use='and :n > 0 and :b is null'
body 'parameters are cast to their type' "select :n, :b" \
	'select $1::bigint, $2::text;'
body 'a cast is no parameter' "select 1::int, :n::text $use" \
	'select 1::int, $1::bigint::text'
body 'a string is left alone' "select ':n' $use" "select ':n' and"
body 'a doubled quote stays inside' "select 'it''s :n' $use" "'it''s :n' and"
body 'an escape string keeps its quote' "select E'\\':n' $use" "E'\\':n' and"
body 'a quoted name is left alone' "select 1 as \"x:n\" $use" '"x:n" and'
body 'a dollar string is left alone' "select \$q\$ ':n \$q\$ $use" \
	"\$q\$ ':n \$q\$ and"
body 'a line comment goes' "select 1 $use -- :nope '" \
	'$2::text is null;'
body 'nested block comments go' "select /* :x /* ' */ :y */ 1 $use" \
	'select  1 and'
body 'a block comment over lines goes' "select /* :x
:y */ 1 $use" 'select 1 and'
body 'a string over lines keeps them' "select 'x
 -- :n' $use" "'x
 -- :n' and"
body 'a last semicolon goes' "select :n, :b;" '$2::text;'
body 'a semicolon in a string stays' "select ';' $use" "';' and"
body 'a trailing comment after it is no second statement' \
	"select :n, :b; -- done" '$2::text;'

refused "sample.sql:1: unknown type 'foo'" \
	'-- name: one(n foo) :one' '-- role: member' 'select :n'
refused "sample.sql:3: ':b' is no parameter" \
	'-- name: one(n int) :one' '-- role: member' 'select :b, :n'
refused "sample.sql:1: parameter 'n' is never used" \
	'-- name: one(n int) :one' '-- role: member' "select ':n'"
refused "sample.sql:1: no '-- role:' line" \
	'-- name: one() :one' 'select 1'
refused "sample.sql:4: 'one' is already at" \
	'-- name: one() :one' '-- role: member' 'select 1' \
	'-- name: one() :one' '-- role: member' 'select 2'
refused "is not :one, :many or :exec" \
	'-- name: one()' '-- role: member' 'select 1'
refused "'A' is not a name" '-- name: A() :one' '-- role: member' 'select 1'
refused "no parameter list" '-- name: one' '-- role: member' 'select 1'
refused "stands twice" \
	'-- name: one(n int, n int) :one' '-- role: member' 'select :n'
refused "'db' cannot name a parameter" \
	'-- name: one(db int) :one' '-- role: member' 'select :db'
refused "'int' cannot name a parameter" \
	'-- name: one(int int) :one' '-- role: member' 'select :int'
refused ":exec has no columns" \
	'-- name: one() :exec -> a int' '-- role: member' 'select 1'
refused "one statement" \
	'-- name: one() :one' '-- role: member' 'select 1; select 2'
refused "a string or comment does not end" \
	'-- name: one() :one' '-- role: member' "select 'x"
refused "not a numbered parameter" \
	'-- name: one(n int) :one' '-- role: member' 'select $1, :n'
refused "sample.sql:3: 'late' is not 'early'" \
	'-- name: one() :exec' '-- role: member' '-- commit: late' 'select 1'
refused "no SQL" '-- name: one() :one' '-- role: member' '-- only words'
refused "SQL before the first" 'select 1' '-- name: one() :one'
refused "no query in it" '-- nothing'

# Everything at once, through both compilers with all warnings.
cat >"$work/sample.sql" <<'SQL'
-- name: all_types(b bytea, n bigint, i int?, t text, u timestamptz?,
--    j jsonb, d date?, x boolean, y boolean?) :one
--    -> id bigint, t text, b bytea?, x boolean, n int?
-- role: member staff
-- Every type */ there is.
select :b, :n, :i, :t, :u, :j, :d, :x, :y, 'a\b "q" ??= %s';

-- name: nothing() :exec
-- role: sweep
-- commit: early
select 1
SQL
mkdir "$work/query"
generate h >"$work/query/sample.h"
generate c >"$work/query/sample.c"
for compiler in gcc clang; do
	command -v "$compiler" >/dev/null || continue
	if got=$("$compiler" -std=c11 -Wall -Wextra -Wpedantic -Wconversion \
		-Wmissing-prototypes -Werror -include base/banned.h -Icgi \
		-I"$work" -fsyntax-only "$work/query/sample.c" 2>&1)
	then
		ok "$compiler takes what is made"
	else
		not_ok "$compiler takes what is made" "$got"
	fi
done
got=$(generate c | grep -c 'is_early = true')
if [ "$got" = 1 ]; then
	ok "only what commits early is made so"
else
	not_ok "only what commits early is made so" "$got"
fi
got=$(generate list)
want=$'all_types\tmember staff\tbytea,bigint,int,text,timestamptz,jsonb,date,'
want+=$'boolean,boolean\tid bigint,t text,b bytea,x boolean,n int\n'
want+=$'nothing\tsweep\t-\t-'
if [ "$got" = "$want" ]; then
	ok "the list names roles, parameters and columns"
else
	not_ok "the list names roles, parameters and columns" "$got"
fi
echo "1..$cases"
