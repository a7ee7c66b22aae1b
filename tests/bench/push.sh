#!/bin/bash
# Messages pushed by the sweep's channel, each taken, to an nginx that does
# nothing else, against the same bytes by as many connections of a program that
# only loads.
. tests/bench/lib.sh

connections=8

start_nginx()
{
	port=$(free_port)
	cat >"$dir/nginx.conf" <<-CONF
		daemon off;
		pid $dir/nginx.pid;
		error_log $dir/error.log;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			keepalive_requests 100000000;
			server {
				listen 127.0.0.1:$port;
				location = /push { return 200 "{}"; }
			}
		}
	CONF
	nginx -c "$dir/nginx.conf" -e "$dir/error.log" &
	server=$!
	for ((i = 0; i < 50; i++)); do
		curl -sf -o "$dir/nothing" -d x "http://127.0.0.1:$port/push" && return
		sleep 0.1
	done
	die "no nginx came up: $(cat "$dir/error.log")"
}

end_nginx()
{
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	rm -rf "$dir"
}

start_nginx
trap end_nginx EXIT
"$tools/bench_push" write >"$dir/message" || die "no message"
echo "POST /push $(tail -n +2 "$dir/message")" >"$dir/requests"
BENCH_PORT=$port
for ((i = 0; i < rounds; i++)); do
	"$tools/bench_push" "http://127.0.0.1:$port/push" "$seconds" \
		"$dir/message" >>"$dir/ours" || die "a push failed"
	rate "$connections" "$dir/requests" >>"$dir/theirs"
done
tell push messages/s "$(median "$dir/ours")" "$(median "$dir/theirs")" 0.30
