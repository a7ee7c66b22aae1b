#!/bin/bash
# Mails on their way, to a server that takes everything (Postfix's smtp-sink):
# a whole run of the sweep with all that is written down of each, against
# Postfix's smtp-source, both with 32 connections; and the channel alone on one
# connection, against Python's smtplib.
. tests/bench/lib.sh
postfix=$(sh tests/postfix.sh) || die "no postfix was found"

messages=$((BENCH_USERS / 10))
[ "${SIZE-}" != small ] || messages=50
port=$(free_port)

# One of Postfix's tools, with its libraries.
postfix_tool()
{
	LD_LIBRARY_PATH=$postfix/usr/lib/postfix \
		exec "$postfix/usr/sbin/$1" "${@:2}"
}

begin_sink()
{
	local privileges=()

	[ "$(id -u)" != 0 ] || privileges=(-u "$service")
	(postfix_tool smtp-sink "${privileges[@]}" "127.0.0.1:$port" 512) &
	sink=$!
	trap 'kill $sink; rm -rf "$dir"' EXIT
	until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		kill -0 "$sink" || die "no smtp-sink came up"
		sleep 0.1
	done
}

# Nobody is asked about anything but an event for each round, which all of them
# have looked at, and one before that only one has; none of them sleeps.
make_crowd()
{
	in_database postgres -v people="$messages" -v rounds="$rounds" <<-'SQL'
	update organizations set prompts_since = null;
	delete from scheduled_notifications;
	vacuum scheduled_notifications;
	begin;
	insert into organizations (slug, name, timezone, prompts_since)
	values ('delivery', 'Institute of Useful Arts', 'UTC', app_now() - interval '1 day');
	insert into users (email, name, quiet)
	select 'delivery-' || n || '@example.org', 'Person Number ' || n, false from generate_series(1, :people) n;
	insert into memberships (user_id, org_id)
	select u.id, o.id from users u, organizations o where u.email like 'delivery-%' and o.slug = 'delivery';
	insert into events (org_id, title, starts_at, ends_at, status)
	select o.id, 'Evening of Repairs and Coffee ' || n, app_now() + interval '1 day', app_now() + interval '25 hours', 'draft'
	from organizations o, generate_series(0, :rounds) n where o.slug = 'delivery';
	insert into event_views (event_id, user_id, org_id)
	select e.id, m.user_id, m.org_id from events e join memberships m using (org_id) join organizations o on o.id = m.org_id
	join users u on u.id = m.user_id
	where o.slug = 'delivery' and (e.title not like '% 0' or u.email = 'delivery-1@example.org');
	commit;
	analyze users, memberships, event_views, scheduled_notifications;
	SQL
}

# One run that asks about the next event: its summary; settings as for env.
sweep()
{
	in_database postgres -c "
		update events set starts_at = app_now() - interval '5 hours',
			ends_at = app_now() - interval '3 hours', status = 'completed'
		where id = (select min(e.id) from events e
			join organizations o on o.id = e.org_id
			where o.slug = 'delivery' and e.status = 'draft')"
	(cd "$BENCH_STACK" && "${to_service[@]}" env \
		ROLLCALL_CONFIG=var/rollcall.conf "$@" "$bin/sweep") >"$dir/said" ||
		die "the sweep: $(tail -n 1 "$dir/said")"
	tail -n 1 "$dir/said"
}

# Messages a second, of all that a run sends.
sweep_rate()
{
	sweep SMTP_URL="smtp://127.0.0.1:$port" SMTP_CONNECTIONS=32 | jq --argjson want "$messages" \
		'if .sent == $want then .sent / .took_ms * 1000
		else error("\(.sent) sent") end'
}

# One of those messages, as it came to the catcher of the stack.
catch_message()
{
	sweep >/dev/null
	find "$BENCH_STACK/var/mail" -name '*.eml' -exec cp {} "$dir/message" \;
}

# The same of smtp-source, with messages as long.
source_rate()
{
	local begun ended

	begun=$(date +%s%N)
	(postfix_tool smtp-source -s 32 -m "$messages" -l "$size" -d \
		-f from@example.org -t to@example.org "127.0.0.1:$port")
	ended=$(date +%s%N)
	awk -v n="$messages" -v ns="$((ended - begun))" \
		'BEGIN { print n / ns * 1e9 }'
}

begin_sink
make_crowd
catch_message
size=$(stat -c %s "$dir/message")
for ((i = 0; i < rounds; i++)); do
	sweep_rate >>"$dir/ours" || exit
	source_rate >>"$dir/theirs"
done
tell delivery messages/s "$(median "$dir/ours")" "$(median "$dir/theirs")" 0.30

for ((i = 0; i < rounds; i++)); do
	"$tools/bench_smtp" "smtp://127.0.0.1:$port" "$messages" \
		"$dir/message" >>"$dir/channel" || exit
	python3 tests/bench/smtplib_rate.py "$port" "$messages" \
		"$dir/message" >>"$dir/smtplib" || exit
done
tell smtp messages/s "$(median "$dir/channel")" "$(median "$dir/smtplib")" 3
