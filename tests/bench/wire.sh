#!/bin/bash
# What a page weighs on the wire with all that comes with it, as a browser
# asks for it: 15 KB are the most.
. tests/bench/lib.sh
# shellcheck source=tests/bench/history_lib.sh
. tests/bench/history_lib.sh

# Of path $1, in bytes, head and body.
weight()
{
	curl -sS -o "$dir/body" -w '%{size_header} %{size_download}\n' \
		-H 'Accept-Encoding: gzip' \
		"http://127.0.0.1:$BENCH_PORT$1" "${@:2}" |
		awk '{ print $1 + $2 }'
}

sign_in
history_page >"$dir/page"
total=$(weight /history -H "Cookie: $(awk 'NR == 1 { print $1 }' \
	"$dir/sessions")")
for path in $(grep -oE '"/static/[^"]+"' "$dir/page" | tr -d '"' | sort -u); do
	total=$((total + $(weight "$path")))
done
tell wire bytes "$total" 15360 1 most
