# shellcheck shell=bash disable=SC2034
# What the demo's scripts share.  A stack is a directory with var/ (all state)
# and build, templates, static, sql, etc and nginx.conf, real or linked; every
# script works on the stack it is started in, by relative paths.

set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
unset CDPATH "${!PG@}"

program=${program:-rollcall}
V=${V:-release}
bin=${BUILD:-build}/$V
database=rollcall
roles="postgres rollcall_owner rollcall_answer rollcall_member rollcall_staff \
rollcall_sweep rollcall_ctl"

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "$program" "$*" >&2; exit 1; }

# The OS user that everything runs as: the caller, but never root.
caller=$(id -un)
service=$caller
[ "$(id -u)" != 0 ] || service=rollcall

to_service=()
[ "$service" = "$caller" ] || to_service=(setpriv --reuid "$service"
	--regid "$service" --clear-groups
	env HOME=/nonexistent USER="$service" LOGNAME="$service")

as_service()
{
	"${to_service[@]}" "$@"
}

make_service_user()
{
	if [ "$service" = "$caller" ] || id "$service" >/dev/null 2>&1; then
		return
	fi
	useradd --system --user-group --no-create-home \
		--home-dir /nonexistent --shell /usr/sbin/nologin "$service"
	say "Made the system user $service: nothing here runs as root."
}

# Where var/ is when the service user cannot come through the directories
# above this one, as below a home that is closed to others.
var_elsewhere()
{
	printf '/var/lib/rollcall-%s' \
		"$(printf %s "$PWD" | sha256sum | cut -c 1-12)"
}

open_to_service()
{
	as_service test -x "$1"
}

# Someone with a strict umask made or cloned this: open what the service user
# must read, and nothing it has no business with.
open_sources()
{
	local path

	[ "$service" != "$caller" ] || return 0
	chmod go+rx .
	for path in build templates static sql etc nginx.conf tests; do
		[ ! -e "$path" ] || [ -L "$path" ] || chmod -R go+rX "$path"
	done
}

make_var()
{
	local owner dir

	make_service_user
	open_sources
	if [ ! -e var ] && [ ! -L var ] && ! open_to_service "$PWD"; then
		ln -s "$(var_elsewhere)" var
		say "State is kept in $(var_elsewhere): $service cannot reach" \
			"this directory from outside."
	fi
	if [ -L var ] && [ ! -d var ]; then
		mkdir -p "$(readlink var)"
	fi
	mkdir -p var
	owner=$(stat -L -c %U var)
	if [ "$owner" != "$service" ] && [ "$caller" = root ] &&
		[ "$owner" = root ]; then
		chown "$service:" var/.
	elif [ "$owner" != "$service" ]; then
		die "var/ belongs to $owner, and this would run as $service." \
			"Go on as before, or remove var/ to begin anew."
	fi
	for dir in run log tmp; do
		as_service mkdir -p -m 0700 "var/$dir"
	done
	chmod 0755 var/.
}

# libpq takes a host with a slash in front for a directory of sockets, and a
# socket's path may have 107 bytes: this one is short wherever we are.
host=/proc/self/cwd/var/run

# psql as database role $1.
sql_as()
{
	local role=$1

	shift
	psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --no-align \
		--tuples-only --host "$host" --username "$role" "$@"
}

# Free when we look: whoever takes it may still find somebody quicker.
free_port()
{
	python3 -c 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
