#!/bin/bash
# The built programs themselves, one request at a time as plain CGI: what the
# router's tests cannot see of reading and writing.  Prints TAP.
set -u
checkout=$PWD
bin=$checkout/${BUILD:-build}/${V:-release}
case ${BUILD-} in /*) bin=$BUILD/${V:-release} ;; esac
cd "${ROLLCALL_STACK:?tests/run.sh sets it}" || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

umask 077
{ printf '1 '; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; echo; } \
	>"$work/keys"
export DATABASE_URL='postgresql:///rollcall?host=/proc/self/cwd/var/run'
export BASE_URL=http://127.0.0.1:8080 KEYS_FILE=$work/keys
export TEMPLATES_DIR=templates

number=0
verdict() # status, name
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		head -c 1500 "$work/out" "$work/err" | sed 's/^/# /'
	fi
}

# ask PROGRAM METHOD URI [NAME=VALUE ...] <body: what it answers in $work/out
ask()
{
	local program=$1 method=$2 uri=$3

	shift 3
	timeout 20 env REQUEST_METHOD="$method" REQUEST_URI="$uri" "$@" \
		"$bin/$program" >"$work/out" 2>"$work/err"
}

says()
{
	head -n 1 "$work/out" | grep -q "^Status: $1 "
}

form='CONTENT_TYPE=application/x-www-form-urlencoded'
own=HTTP_ORIGIN=$BASE_URL

echo 1..15

ask member GET / </dev/null && says 200 && grep -q '<h1>' "$work/out"
verdict $? 'R-DESIGN a page can be run from a shell'

ask member HEAD / </dev/null && says 200 &&
	[ "$(tr -d '\r' <"$work/out" | sed '1,/^$/d' | wc -c)" = 0 ]
verdict $? 'R-DESIGN HEAD has no body'

ask answer GET /readyz </dev/null && says 200 &&
	ask staff GET /readyz </dev/null && says 200
verdict $? 'R-DESIGN each program reaches the database as its own role'

head -c 65536 /dev/zero | tr '\0' x >"$work/body"
ask member POST /signin "$own" "$form" CONTENT_LENGTH=65536 <"$work/body" &&
	says 422
verdict $? 'R-DESIGN a body at the limit is read'

echo >>"$work/body"
ask member POST /signin "$own" "$form" CONTENT_LENGTH=65537 <"$work/body" &&
	says 413
verdict $? 'R-DESIGN a body over the limit gets 413'

ask member POST /signin "$own" "$form" CONTENT_LENGTH=9999999999999 \
	<"$work/body" && says 413
verdict $? 'R-DESIGN a huge length gets 413'

printf 'email=a' | ask member POST /signin "$own" "$form" CONTENT_LENGTH=50 &&
	says 400
verdict $? 'R-DESIGN a body cut short gets 400'

printf 'email=ada@example.org' >"$work/body"
fine=0
for length in -1 x 1e3 ' ' 99999999999999999999; do
	ask member POST /signin "$own" "$form" CONTENT_LENGTH="$length" \
		<"$work/body" && { says 400 || says 413 || says 422; } || fine=1
done
verdict $fine 'R-DESIGN lengths that are none are refused'

fine=0
for uri in '' '?' 'x' '//' '/../../etc/passwd' '/%2e%2e/' '/signin?%' '*' \
	'http://example.org/' '/%ff' "/$(head -c 9000 /dev/zero | tr '\0' a)"; do
	ask member GET "$uri" </dev/null &&
		{ says 200 || says 400 || says 404; } || fine=1
	! grep -q 'root:' "$work/out" || fine=1
done
verdict $fine 'R-DESIGN odd addresses are answered, not followed'

ask member GET /none HTTP_X="$(printf 'a\rb')" HTTP_COOKIE="$(printf '\377')" \
	REQUEST_ID="$(printf 'a\r\nSet-Cookie: x=y')" </dev/null && says 404 &&
	! grep -qi 'set-cookie' "$work/out"
verdict $? 'R-DESIGN a request id that is none does not come back'

fine=0
for setting in BASE_URL=http://example.org BASE_URL=ftp://127.0.0.1 \
	BASE_URL= DATABASE_URL= KEYS_FILE=/nonexistent \
	TEMPLATES_DIR=/nonexistent; do
	ask member GET / "$setting" </dev/null
	[ $? = 78 ] && [ -s "$work/err" ] && [ ! -s "$work/out" ] || fine=1
done
verdict $fine 'R-DESIGN unusable settings: exit 78 and why'

chmod 644 "$work/keys"
ask member GET / </dev/null
[ $? = 78 ]
verdict $? 'R-DESIGN keys that everyone may read: exit 78'
chmod 600 "$work/keys"

cp -R templates "$work/templates"
printf '{{#open}}' >"$work/templates/home_page.mustache"
ask member GET / TEMPLATES_DIR="$work/templates" </dev/null
[ $? = 78 ] && grep -q 'home_page.*1' "$work/err"
verdict $? 'R-DESIGN a broken template: exit 78, file and line'

mkdir "$work/own"
cat >"$work/own/statement_help.mustache" <<'EOF'
{{<layout}}{{$main}}<h1>Our own words</h1>{{/main}}{{/layout}}
EOF
ask member GET /help TEMPLATES_DIR="$work/own:templates" </dev/null &&
	says 200 && grep -q 'Our own words' "$work/out" &&
	ask member GET /privacy TEMPLATES_DIR="$work/own:templates" \
		CONTACT=help@here.example </dev/null &&
	says 200 && grep -q 'mailto:help@here.example' "$work/out"
verdict $? 'R-DESIGN a folder in front overrides one template, none of the rest'

ask member GET / DATABASE_URL='postgresql:///none?host=/nonexistent' \
	</dev/null && ask member GET /events \
	DATABASE_URL='postgresql:///none?host=/nonexistent' \
	HTTP_COOKIE='__Host-rollcall=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' \
	</dev/null && says 503 && grep -q '^Retry-After: ' "$work/out"
verdict $? 'R-DESIGN without a database a page is 503'
