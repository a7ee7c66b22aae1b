#!/bin/bash
# The history page of 50 rows, by people who are signed in, against a libfcgi
# program that answers the same bytes: through the same nginx, with as many
# workers, to as many connections.
. tests/bench/lib.sh
# shellcheck source=tests/bench/history_lib.sh
. tests/bench/history_lib.sh

connections=32

serve_constant()
{
	local sock=var/run/constant.sock

	cp "$tools/bench_constant" "$BENCH_STACK/$bin/"
	{
		printf 'Status: 200 OK\r\nContent-Type: text/html; '
		printf 'charset=utf-8\r\nContent-Length: %d\r\n' \
			"$(stat -c %s "$dir/page")"
		printf 'Cache-Control: no-store\r\n\r\n'
		cat "$dir/page"
	} >"$dir/answer"
	cp "$dir/answer" "$BENCH_STACK/answer"
	cd "$BENCH_STACK" || exit
	"${to_service[@]}" spawn-fcgi -n -M 0600 -s "$sock" -b 1024 -- \
		/usr/bin/multiwatch -f "$BENCH_WORKERS" -s TERM -- \
		"$bin/bench_constant" answer >&2 &
	trap 'kill '$!'; rm -rf "$dir"' EXIT
	sed -i "s|^\t*include etc/nginx/mail.*|&\n\
		location = /constant { fastcgi_pass unix:$sock; }|" nginx.conf
	kill -HUP "$(cat var/run/nginx.pid)"
	cd - >/dev/null || exit
	echo "GET /constant -" >"$dir/constant"
	until [ "$(curl -s -o "$dir/same" -w '%{http_code}' \
		"http://127.0.0.1:$BENCH_PORT/constant")" = 200 ]
	do
		sleep 0.1
	done
	cmp "$dir/page" "$dir/same"
}

sign_in
history_page >"$dir/page"
serve_constant
load "$connections" "$dir/history" >/dev/null
for ((i = 0; i < rounds; i++)); do
	rate "$connections" "$dir/history" >>"$dir/ours"
	rate "$connections" "$dir/constant" >>"$dir/theirs"
done
tell history pages/s "$(median "$dir/ours")" "$(median "$dir/theirs")" 0.35
