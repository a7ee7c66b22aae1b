#!/bin/bash
# The private PostgreSQL of the stack in the current directory, reached by a
# socket in var/run only.  `start` makes it when there is none and brings the
# database to the newest change.  FAST=1 trusts the machine not to crash (tests).
#
#   etc/demo/cluster.sh start|stop|status|migrate
program=cluster.sh
# shellcheck source=etc/demo/lib.sh
. etc/demo/lib.sh

postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# pg_ctl and initdb ask for the absolute name of where they are.
in_var()
{
	(cd -P var && as_service "$@")
}

is_running()
{
	[ -d var/postgresql ] && in_var "$postgres_bin/pg_ctl" \
		-D postgresql status >/dev/null 2>&1
}

make_cluster()
{
	[ ! -e var/postgresql/PG_VERSION ] || return 0
	as_service rm -rf var/postgresql
	in_var "$postgres_bin/initdb" -D postgresql -U postgres -E UTF8 \
		--locale=C.UTF-8 --auth=peer --no-instructions \
		${FAST:+--no-sync} >var/log/initdb.log 2>&1 ||
		die "initdb failed: $(cat var/log/initdb.log)"
}

# Written anew at each start: an older cluster gets today's settings.
configure()
{
	local role

	as_service tee var/postgresql/rollcall.conf >/dev/null <<-CONF
	listen_addresses = ''
	unix_socket_directories = '../run'
	unix_socket_permissions = 0700
	timezone = 'UTC'
	log_timezone = 'UTC'
	# Lines of the log must not tell what people wrote or who they are.
	log_error_verbosity = terse
	log_min_error_statement = panic
	# The queue is tidied up before it has grown.
	autovacuum_naptime = 10s
	${FAST:+fsync = off}
	${FAST:+synchronous_commit = off}
	${FAST:+full_page_writes = off}
	CONF
	grep -q '^include .rollcall.conf' var/postgresql/postgresql.conf ||
		as_service tee -a var/postgresql/postgresql.conf >/dev/null \
			<<<"include 'rollcall.conf'"
	as_service tee var/postgresql/pg_hba.conf >/dev/null \
		<<<'local all all peer map=rollcall'
	for role in $roles; do
		printf 'rollcall "%s" %s\n' "$service" "$role"
		[ "$service" = "$caller" ] ||
			printf 'rollcall "%s" %s\n' "$caller" "$role"
	done | as_service tee var/postgresql/pg_ident.conf >/dev/null
}

start_server()
{
	is_running && return
	configure
	in_var "$postgres_bin/pg_ctl" -D postgresql -l log/postgresql.log \
		-w -s start >/dev/null || {
		tail -n 20 var/log/postgresql.log >&2
		die "PostgreSQL did not start."
	}
}

migrate()
{
	# sqitch goes into sql/, which may be a link to anywhere: it finds the
	# socket by way of this shell, which stays here.
	local out host=/proc/$$/cwd/var/run

	[ ! -e sql/roles.sql ] ||
		sql_as postgres -d postgres -f sql/roles.sql >/dev/null
	[ "$(sql_as postgres -d postgres -c "select 1 from pg_database
		where datname = '$database'")" = 1 ] ||
		sql_as postgres -d postgres -c "create database $database
			owner rollcall_owner encoding 'UTF8' template template0"
	[ -e sql/sqitch.plan ] || return 0
	out=$(PGHOST=$host PGDATABASE=$database bash sql/migrate.sh 2>&1) ||
		die "the database could not be migrated. Where it is not worth" \
			"keeping: 'make stop', and remove var/. $out"
}

case ${1-} in
start)
	make_var
	make_cluster
	start_server
	migrate
	;;
migrate)
	migrate
	;;
status)
	is_running
	;;
stop)
	is_running || exit 0
	in_var "$postgres_bin/pg_ctl" -D postgresql -m fast -w -s stop
	;;
*)
	echo "usage: etc/demo/cluster.sh start|stop|status|migrate" >&2
	exit 64
	;;
esac
