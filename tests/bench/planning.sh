#!/bin/bash
# Planning prompts, ten for each person of the site, against COPY of the same
# rows into a table with the same indexes: in five parts by turns, so that both
# tables grow alike.  Then a run with nothing to do, a prompt that is there,
# against planning one.
. tests/bench/lib.sh

prompts=$((BENCH_USERS * 10))
part=$((prompts / 5))
chunk=10000
[ "$part" -ge "$chunk" ] || chunk=$part
file=$BENCH_STACK/var/postgresql/bench.copy

# Milliseconds of what stdin says.
timed()
{
	in_database postgres -o /dev/null -c '\timing on' -f - |
		awk '/^Time:/ { all += $2 } END { print all }'
}

plan_part()
{
	local i

	for ((i = 0; i < part / chunk; i++)); do
		echo "select schedule_post_event_prompts($chunk);"
	done | timed
}

in_database postgres -c "
	create table planned_elsewhere (like scheduled_notifications including all)
	with (fillfactor = 70);
	create table planned_till (id bigint);
	insert into planned_till select coalesce(max(id), 0) from scheduled_notifications"
for ((i = 0; i < 5; i++)); do
	plan_part >>"$dir/ours"
	in_database postgres -c "
		copy (select * from scheduled_notifications
			where id > (select id from planned_till) order by id)
		to '$file' (format binary)" -c "
		update planned_till
		set id = (select max(id) from scheduled_notifications)"
	timed <<<"copy planned_elsewhere from '$file' (format binary);" \
		>>"$dir/theirs"
done
rm -f "$file"
[ "$(in_database postgres -c "select count(*) from planned_elsewhere")" = \
	"$prompts" ] || die "not all prompts were planned"
# Each a rate: more is better.
ours=$(awk -v n="$part" -v ms="$(median "$dir/ours")" 'BEGIN { print n / ms * 1000 }')
theirs=$(awk -v n="$part" -v ms="$(median "$dir/theirs")" 'BEGIN { print n / ms * 1000 }')
tell planning prompts/s "$ours" "$theirs" 0.65

echo 'vacuum analyze scheduled_notifications;' | timed >/dev/null
for ((i = 0; i < rounds; i++)); do
	timed <<<"select schedule_post_event_prompts($chunk);" >>"$dir/idle"
done
idle=$(awk -v n="$prompts" -v ms="$(median "$dir/idle")" 'BEGIN { print n / ms * 1000 }')
tell planning-idle prompts/s "$idle" "$ours" 10
in_database postgres -c "drop table planned_elsewhere, planned_till"
