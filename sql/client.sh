#!/bin/bash
# psql as sql/migrate.sh has sqitch call it.  A deploy script is run piece by
# piece: a transaction, or a statement outside of any.  A transaction asks for
# each lock for 80 ms only, so that nobody waits long behind it; one that got
# none has changed nothing, and is tried again for PATIENCE seconds.  What stands
# alone waits for no lock that others queue behind, or sees to that itself.
#
# Which pieces of a script are done stands in the database until all are: who
# gave up in the middle goes on from there.
set -euo pipefail

file=${*: -1}
case "${*: -2:1} $file" in
"--file deploy/"* | "--file "*/deploy/*) ;;
*) exec psql "$@" ;;
esac

psql=(psql "${@:1:$#-2}" --set VERBOSITY=verbose --file -)
patience=${PATIENCE:-600}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
who="rollcall migrate $$"
script=$(sha256sum <"$file" | cut -c 1-64)

# One file a piece, in order.  Blank lines stand for those of the others, so that
# errors name the right one; settings that come first are each piece's.  Each
# records itself, a transaction in itself.
split()
{
	awk -v dir="$dir" -v script="$script" '
		open == "" && /^set / { of[NR] = "all" }
		open == "" && !/^(set .*|--.*)?$/ {
			open = /^begin;$/ ? "transaction" : "alone"
			kind[++pieces] = open
		}
		{ line[NR] = $0 }
		open != "" { of[NR] = pieces; last[pieces] = NR }
		open == "alone" && /\$\$/ { quoted = !quoted }
		open == "alone" && /;$/ && !quoted { open = "" }
		open == "transaction" && /^commit;$/ { open = "" }
		END {
			for (p = 1; p <= pieces; p++) {
				name = sprintf("%s/%03d.%s", dir, p, kind[p])
				done = pieces == 1 ? "" : \
					sprintf("insert into :\"registry\".pieces values (%c%s%c, %d);", \
						39, script, 39, p)
				for (n = 1; n <= NR; n++) {
					text = of[n] == p || of[n] == "all" ? line[n] : ""
					if (n == last[p] && kind[p] == "transaction")
						text = done " " text
					else if (n == last[p])
						text = text " " done
					print text >name
				}
				close(name)
			}
			print pieces
		}' "$file"
}

# Runs piece $1, asking for each lock as long as $2.  An index that was being
# built when somebody gave up is there, and no good.
attempt()
{
	{
		sed -nE 's/^create (unique )?index concurrently ([a-z_]+).*/set client_min_messages = warning; drop index concurrently if exists \2;/p' "$1" |
			tr -d '\n'
		cat "$1"
	} | PGAPPNAME=$who PGOPTIONS="${PGOPTIONS-} -c lock_timeout=$2" \
		"${psql[@]}" 2>"$dir/err"
}

refused_a_lock()
{
	grep -qE '(55P03|40P01):' "$dir/err"
}

# Whom we wait for, looked at as $1 for three seconds at most.  A superuser is
# told what they are at and since when.
look_as()
{
	"${psql[@]/user=rollcall_owner/user=$1}" \
		--set VERBOSITY=terse --set who="$who" <<-'SQL' 2>&1
	select set_config('rollcall.who', :'who', false) \g /dev/null
	do $$
	declare
	  v_who text;
	begin
	  for v_try in 1..300 loop
	    perform pg_stat_clear_snapshot(), pg_sleep(0.01);
	    select string_agg(distinct format(
	        'pid %s (%s%s)', b.pid, b.usename,
	        ', ' || b.state || ', for '
	          || round(extract(epoch from clock_timestamp() - b.xact_start)) || ' s'
	      ), ', ')
	    into v_who
	    from pg_stat_activity a
	    cross join lateral unnest(pg_blocking_pids(a.pid)) as w (pid)
	    join pg_stat_activity b on b.pid = w.pid
	    where a.application_name = current_setting('rollcall.who');
	    exit when v_who is not null;
	  end loop;
	  raise info '%', coalesce(v_who, 'somebody who was not seen');
	end
	$$;
	SQL
}

look()
{
	local told

	told=$(look_as postgres) && [[ $told == *INFO:* ]] ||
		told=$(look_as rollcall_owner) || :
	printf '%s\n' "${told##*INFO:  }" >"$dir/who"
}

# Tries piece $1 while it looks who is in the way.
last_attempt()
{
	local looking limit=80ms

	[[ $1 == *.transaction ]] || limit=1s
	look &
	looking=$!
	while :; do
		! attempt "$1" "$limit" || return 0
		refused_a_lock || return 1
		kill -0 "$looking" 2>/dev/null || break
	done
	wait "$looking" || :
	echo "$file gave up waiting for $(cat "$dir/who"). What is done stays;" \
		"run the same again once they have ended." >>"$dir/err"
	[ -z "${GAVE_UP-}" ] || echo "$file" >"$GAVE_UP"
	return 75
}

# Runs piece $1 until it has its locks.
run_piece()
{
	local limit=80ms give_up=$((EPOCHSECONDS + patience))

	[[ $1 == *.transaction ]] || limit=${patience}s
	while :; do
		! attempt "$1" "$limit" || return 0
		refused_a_lock || return 1
		[ "$EPOCHSECONDS" -lt "$give_up" ] || break
		sleep "0.$((RANDOM % 400 + 100))"
	done
	last_attempt "$1"
}

query()
{
	"${psql[@]}" <<<"set client_min_messages = warning; $1"
}

pieces=$(split)
done=
if [ "$pieces" -gt 1 ]; then
	query 'create table if not exists :"registry".pieces (script text, piece int)'
	done=$(query "select string_agg('|' || to_char(piece, 'FM000'), '') || '|'
		from :\"registry\".pieces where script = '$script'")
fi
for piece in "$dir"/[0-9]*; do
	number=${piece##*/}
	[[ $done != *"|${number%%.*}|"* ]] || continue
	status=0
	run_piece "$piece" || status=$?
	sed '/^LOCATION: /d' "$dir/err" >&2
	[ "$status" = 0 ] || exit "$status"
done
[ "$pieces" -le 1 ] || query 'drop table :"registry".pieces'
