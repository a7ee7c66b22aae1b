#!/bin/bash
# Rollcall and all it needs, run from the current directory: PostgreSQL, the
# three web programs, nginx, the mail catcher and the sweep.
#
#   etc/demo/stack.sh run      in the foreground, Ctrl-C stops all
#   etc/demo/stack.sh start    in the background
#   etc/demo/stack.sh stop     leaves no process and no socket
#
# PORT is nginx's (8080).  SWEEP=no starts no sweep, SEED=no loads no demo data,
# SMTP_PORT fixes the mail catcher's port.
program=stack.sh
# shellcheck source=etc/demo/lib.sh
. etc/demo/lib.sh

PORT=${PORT:-8080}
export PORT V ROLLCALL_CONFIG=var/rollcall.conf
url=http://127.0.0.1:$PORT
log=var/log/stack.log
workers=${WORKERS:-4}
# Where etc/ is a link, what stands beside it is found through it all the same.
catcher=etc/../tests/catcher/catcher

# --- what runs ---------------------------------------------------------------

web_program()
{
	rm -f "var/run/$1.sock"
	exec spawn-fcgi -n -M 0600 -s "var/run/$1.sock" -b 1024 -- \
		"$(command -v multiwatch)" -f "$workers" -r 1000 -s TERM -- "$bin/$1"
}

mail_is_up()
{
	[ -e var/run/smtp.port ]
}

wait_for_mail()
{
	local i

	for i in {1..100}; do
		! mail_is_up || return 0
		sleep 0.1
	done
}

# bash's exec alone, and python, would turn names into absolute paths, and the
# service user may not be able to come that way.
run_part()
{
	case $1 in
	answer | member | staff) web_program "$1" ;;
	nginx) exec /usr/sbin/nginx -p ./ -e var/log/nginx-error.log \
		-c nginx.conf ;;
	mail) exec /usr/bin/python3 "/proc/self/cwd/$catcher" var/mail --smtp-port "${SMTP_PORT:-0}" \
		--port-file var/run/smtp.port --http-socket var/run/mail.sock ;;
	sweep) # after the catcher: a refused first mail would wait a minute
		wait_for_mail
		exec env "$bin/sweep" --follow ;;
	esac
}

parts()
{
	local part

	echo mail
	for part in answer member staff; do
		[ ! -x "$bin/$part" ] || echo "$part"
	done
	echo nginx
	[ "${SWEEP:-yes}" = no ] || [ ! -x "$bin/sweep" ] || echo sweep
}

# Ours are the processes that were started in this directory as what we start:
# nobody else's process can be taken for one, whatever became of its parent.
our_processes()
{
	local dir name

	for dir in /proc/[0-9]*; do
		[ "$dir/cwd" -ef . ] || continue
		read -r -d '' name <"$dir/cmdline" || [ -n "$name" ] || continue
		case $name in
		"$bin"/answer | "$bin"/member | "$bin"/staff | "$bin"/sweep) ;;
		nginx:* | */nginx | */multiwatch | spawn-fcgi) ;;
		*/python3) grep -qsz "/$catcher$" "$dir/cmdline" || continue ;;
		*) continue ;;
		esac
		echo "${dir#/proc/}"
	done 2>/dev/null
}

sweep_away()
{
	local pids signal i

	for signal in TERM KILL; do
		for i in {1..50}; do
			mapfile -t pids < <(our_processes)
			[ ${#pids[@]} -gt 0 ] || break 2
			[ $((i % 10)) != 1 ] ||
				kill -"$signal" "${pids[@]}" 2>/dev/null || :
			sleep 0.1
		done
	done
	rm -f var/run/{answer,member,staff,mail}.sock var/run/smtp.port \
		var/run/nginx.pid var/run/ready
}

# --- the supervisor: the one process that has the others for children --------

end_all()
{
	[ $# = 0 ] || kill "$@" 2>/dev/null || :
	sweep_away
	bash etc/demo/cluster.sh stop 9>&-
	rm -f var/run/stack.pid
}

# A part that falls is put up again; one that falls at once, again and again,
# would never stand, and says why in its log.
supervise()
{
	local pid part now teller=
	local -A name=() fell=() times=()

	umask 077
	exec 9>>var/run/lock
	flock -n 9 || die "it is already running here."
	trap 'exit 0' TERM INT HUP
	trap 'trap "" TERM INT HUP
		end_all "${!name[@]}" $teller' EXIT
	echo $$ >var/run/stack.pid
	begin()
	{
		setsid bash etc/demo/stack.sh part "$1" 9>&- \
			</dev/null >>"var/log/$1.log" 2>&1 &
		name[$!]=$1
	}
	for part in $(parts); do
		begin "$part"
	done
	if [ "${1-}" = tell ]; then
		{ ! wait_until_ready || tell_where "Ctrl-C stops it."; } 9>&- &
		teller=$!
	fi
	while wait -n -p pid; [ -n "${pid-}" ]; do
		if [ "$pid" = "$teller" ]; then
			teller=
			continue
		fi
		part=${name[$pid]}
		unset "name[$pid]"
		now=$EPOCHSECONDS
		[ $((now - ${fell[$part]:-0})) -lt 5 ] || times[$part]=0
		fell[$part]=$now
		times[$part]=$((${times[$part]:-0} + 1))
		if [ "${times[$part]}" -gt 4 ]; then
			say "$part does not stay up:"
			tail -n 5 "var/log/$part.log"
			exit 1
		fi
		[ "${times[$part]}" = 1 ] || sleep 0.5
		begin "$part"
	done
}

# --- before it runs ----------------------------------------------------------

is_running()
{
	[ -e var/run/lock ] && ! flock -n var/run/lock true
}

port_answers()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

status_of()
{
	local code=

	exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
	printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$1" >&3
	read -r -t 10 _ code _ <&3 || :
	echo "$code"
} 2>/dev/null

write_settings()
{
	as_service tee var/run/listen.conf >/dev/null \
		<<<"listen 127.0.0.1:$PORT;"
	as_service tee var/run/listen-metrics.conf >/dev/null \
		<<<"listen 127.0.0.2:$PORT;"
	as_service tee var/rollcall.conf >/dev/null <<-CONF
	# Written at each start; the environment goes before it.
	DATABASE_URL=postgresql:///$database?host=$host
	BASE_URL=$url
	SMTP_URL=smtp://127.0.0.1:$1
	MAIL_FROM=rollcall@localhost
	KEYS_FILE=var/keys
	TEMPLATES_DIR=templates
	CONTACT=help@localhost
	CONF
}

make_keys()
{
	[ ! -s var/keys ] || return 0
	as_service sh -c 'umask 027; exec "$@"' sh \
		"$bin/rollcallctl" keys init >/dev/null
}

load_demo()
{
	[ "${SEED:-yes}" = yes ] && [ -e etc/demo/seed.sh ] &&
		[ ! -e var/seeded ] || return 0
	say "Loading the demo's people and events ..."
	bash etc/demo/seed.sh
	as_service touch var/seeded
}

prepare()
{
	make_var
	as_service touch var/run/lock
	! is_running || die "it is already running here, see" \
		"$(sed -n 's/^BASE_URL=//p' var/rollcall.conf)." \
		"\`make stop\` stops it."
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap '[ $? = 0 ] || stop_all' EXIT
	sweep_away
	! port_answers "$PORT" || die "port $PORT is taken by something else." \
		"Choose another, as in: make run PORT=$((PORT + 1))"
	SMTP_PORT=${SMTP_PORT:-$(free_port)}
	export SMTP_PORT
	as_service mkdir -p -m 0700 var/mail var/tmp/body
	write_settings "$SMTP_PORT"
	bash etc/demo/cluster.sh start
	make_keys
	load_demo
}

wait_until_ready()
{
	local i status

	for i in {1..150}; do
		status=$(status_of /readyz || :)
		[ "$status" != 200 ] || ! mail_is_up || return 0
		[ "$i" -lt 10 ] || is_running || return 1
		sleep 0.1
	done
	return 1
}

tell_where()
{
	cat <<-TEXT

	Rollcall is running.

	  $url/          sign in here
	  $url/mail/     the mail it sends

	TEXT
	[ ! -e etc/demo/welcome.txt ] || sed "s|URL|$url|g" etc/demo/welcome.txt
	say "$1"
}

stop_all()
{
	local i pid

	[ -d var/run ] || return 0
	if is_running; then
		pid=$(cat var/run/stack.pid 2>/dev/null || :)
		[ -z "$pid" ] || kill "$pid" 2>/dev/null || :
		for i in {1..150}; do
			is_running || break
			sleep 0.1
		done
	fi
	sweep_away
	bash etc/demo/cluster.sh stop
	rm -f var/run/stack.pid
}

case ${1-} in
start)
	prepare
	as_service tee "$log" </dev/null >/dev/null
	"${to_service[@]}" setsid bash etc/demo/stack.sh supervise \
		</dev/null >>"$log" 2>&1 &
	if ! wait_until_ready; then
		die "it did not come up; see var/log: $(tail -n 8 "$log")"
	fi
	tell_where "Stop it with: make stop"
	;;
run)
	prepare
	exec "${to_service[@]}" bash etc/demo/stack.sh supervise tell
	;;
stop)
	stop_all
	;;
supervise)
	supervise "${2-}"
	;;
part)
	umask 077
	run_part "$2"
	;;
*)
	echo "usage: etc/demo/stack.sh run|start|stop" >&2
	exit 64
	;;
esac
