# shellcheck shell=bash disable=SC2154
# People who are signed in and have been at 109 events.

# Leaves the requests for their histories in $dir/history.
sign_in()
{
	(cd "$BENCH_STACK" && "$tools/bench_key" sessions var/keys \
		$((BENCH_USERS / 100))) >"$dir/sessions"
	awk '{ printf "%d\t\\\\x%s\n", 100 * NR, $2 }' "$dir/sessions" |
		in_database postgres -c "
			create temporary table given (user_id bigint, hash bytea);
			copy given from stdin;
			insert into sessions (user_id, hash, expires_at)
			select user_id, hash, app_now() + interval '1 day' from given"
	awk '{ print "GET /history " $1 }' "$dir/sessions" >"$dir/history"
}

# The first one's page.
history_page()
{
	curl -sS -H "Cookie: $(awk 'NR == 1 { print $1 }' "$dir/sessions")" \
		"http://127.0.0.1:$BENCH_PORT/history"
}
