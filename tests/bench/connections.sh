#!/bin/bash
# As many connections as a mailing brings, to 4 workers: none fails, and none
# waits much longer than its turn.  Then how long the page behind a mailed link
# takes while staff's pages keep all their workers busy, against when they rest.
. tests/bench/lib.sh

connections=512
staff=32
people=$((BENCH_USERS * 99 / 100))
expires=$(date -d '+12 days' +%s)

# Stops all but 4 of program $1's workers, which have nothing to do now.
leave_four()
{
	local process count=0

	for process in /proc/[0-9]*; do
		[ "$process/cwd" -ef "$BENCH_STACK" ] || continue
		[ "$(cat "$process/comm")" = "$1" ] || continue
		count=$((count + 1))
		[ "$count" -le 4 ] || kill -STOP "${process#/proc/}"
	done 2>/dev/null
	[ "$count" -ge 4 ] || die "$1 has $count workers"
}

# The longest wait by the one that is fair: everybody ahead, once.
crowd()
{
	local out

	out=$(load "$connections" "$dir/prompts")
	awk -v n="$connections" '{
		if ($3 + $4 > 0) exit 1
		print $7, n / $1 * 1000
	}' <<<"$out" || die "of $connections connections requests failed: $out"
}

# The 99th percentile of one person after another, in milliseconds.
prompt()
{
	load 1 "$dir/prompts" | awk '{ if ($3 + $4 > 0) exit 1; print $6 }'
}

staff_signs_in()
{
	(cd "$BENCH_STACK" && "$tools/bench_key" sessions var/keys 1) >"$dir/s"
	in_database postgres -c "
		update memberships set role = 'admin' where user_id = 20;
		insert into sessions (user_id, hash, expires_at)
		values (20, '\\x$(awk '{ print $2 }' "$dir/s")', app_now() + interval '1 day')"
	echo "GET /staff/org-1/events $(awk '{ print $1 }' "$dir/s")" >"$dir/staff"
}

(cd "$BENCH_STACK" && "$tools/bench_key" prompts var/keys 1 $((2 * people)) \
	"$expires") | awk '{ print "GET /r/" $1 " -" }' >"$dir/prompts"
leave_four answer
for ((i = 0; i < rounds; i++)); do
	crowd >"$dir/crowd"
	awk '{ print $1 }' "$dir/crowd" >>"$dir/longest"
	awk '{ print $2 }' "$dir/crowd" >>"$dir/fair"
done
tell connections ms "$(sort -n "$dir/longest" | tail -n 1)" \
	"$(median "$dir/fair")" 4 most

staff_signs_in
leave_four staff
for ((i = 0; i < rounds; i++)); do
	prompt >>"$dir/idle"
	load "$staff" "$dir/staff" "$(awk -v s="$seconds" 'BEGIN { print s + 1 }')" \
		>"$dir/staffs" &
	sleep 0.5
	prompt >>"$dir/busy"
	wait $!
	awk '{ exit $1 > 0 && $3 + $4 == 0 ? 0 : 1 }' "$dir/staffs" ||
		die "staff's pages failed: $(cat "$dir/staffs")"
done
tell connections-staff ms "$(median "$dir/busy")" "$(median "$dir/idle")" 2 most
