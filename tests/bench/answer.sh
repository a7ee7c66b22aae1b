#!/bin/bash
# Answers pressed on the pages behind mailed links, each a token, an answer, a
# row of the audit and a commit that is on disk, against pgbench calling the
# same function by as many connections.
. tests/bench/lib.sh

connections=32
people=$((BENCH_USERS * 99 / 100))
expires=$(date -d '+12 days' +%s)

# Notifications by turns: odd ones are pressed on a page, even ones in SQL.
# $1 is the run: another answer than the last time, so that each one changes
# something.
status_of_run()
{
	local answers=(attended partial not_attended)

	echo "${answers[$1 % 3]}"
}

pages()
{
	awk -v status="$(status_of_run "$1")" 'NR % 2 == 1 {
			print "POST /r/" $1 " status=" status
		}' "$dir/tokens" >"$dir/requests"
	rate "$connections" "$dir/requests" "$seconds" $(($1 * people / 5))
}

calls()
{
	cat >"$dir/call.sql" <<-SQL
	\\set place ($1 * $people / 5 + :i * $connections + :client_id) % $people
	\\set i :i + 1
	select * from answer_prompt(2 * :place + 2, 1,
	  to_timestamp($expires), '$(status_of_run "$1")', 'bench');
	SQL
	chmod 0644 "$dir/call.sql"
	(cd "$BENCH_STACK" && pgbench -n -M prepared -c "$connections" -j 2 \
		-T "${seconds/0.3/1}" -D i=0 -f "$dir/call.sql" \
		-h "$host" -U rollcall_answer "$database") 2>&1 |
		awk '/^tps/ { print $3; found = 1 }
			{ all = all $0 "\n" }
			END { if (!found) { printf "%s", all >"/dev/stderr"; exit 1 } }'
}

(cd "$BENCH_STACK" && "$tools/bench_key" prompts var/keys 1 $((2 * people)) \
	"$expires") >"$dir/tokens"
for ((i = 0; i < rounds; i++)); do
	pages "$i" >>"$dir/ours"
	calls "$i" >>"$dir/theirs"
done
tell answer answers/s "$(median "$dir/ours")" "$(median "$dir/theirs")" 0.50
