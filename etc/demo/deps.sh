#!/bin/sh
# Installs with apt what building and running need (`run`), or what the tests
# (`check`), the style checks (`lint`), `coverage` or `bench` need besides.
# Does nothing, and asks for no rights, where all of it is there.
#
#   etc/demo/deps.sh run|check|lint|coverage|bench ...
set -eu

run='gcc libc6-dev make mawk pkgconf libpq-dev libsodium-dev libjansson-dev
	libical-dev libcurl4-openssl-dev libqrencode-dev libfcgi-dev postgresql-15
	postgresql-client-15 sqitch libdbd-pg-perl nginx-light spawn-fcgi
	multiwatch python3-aiosmtpd tzdata'
check='libcmocka-dev postgresql-15-pgtap postgresql-15-cron chromium valgrind
	git openssl curl zbar-tools jq'
lint='clang clang-format clang-tidy cppcheck shellcheck git'
coverage='clang llvm'
bench='curl jq'

# Node may come from elsewhere than Debian; then it brings its npm along.
command -v npm >/dev/null || check="$check nodejs npm"

missing()
{
	# shellcheck disable=SC2086 # one word a package
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' $1 2>/dev/null |
		awk -v want="$1" '
			$1 == "installed" { have[$2] = 1 }
			END {
				n = split(want, name)
				for (i = 1; i <= n; i++)
					if (!(name[i] in have))
						print name[i]
			}'
}

wanted=
for set in "$@"; do
	case $set in
	run) wanted="$wanted $run" ;;
	check) wanted="$wanted $check" ;;
	lint) wanted="$wanted $lint" ;;
	coverage) wanted="$wanted $coverage" ;;
	bench) wanted="$wanted $bench" ;;
	*) echo "deps.sh: no set '$set': run, check, lint, coverage or bench" >&2
		exit 64 ;;
	esac
done
needed=$(missing "$wanted")
[ -n "$needed" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null; then
	as_root=sudo
	echo "Packages are missing; installing them with sudo."
else
	echo "Packages are missing, and there is neither root nor sudo here." >&2
	echo "As root: apt-get install $(echo "$needed" | xargs)" >&2
	exit 1
fi
# shellcheck disable=SC2086 # one word a package
echo "Installing $(echo $needed | wc -w) packages and what they need ..."

# Installing must start nothing: our PostgreSQL and nginx are our own, and port
# 80 may be somebody's.  A policy that is already there is left as it is.
# shellcheck disable=SC2016,SC2086 # the inner shell expands; a word a package
$as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -euc '
	cluster=/etc/postgresql-common/createcluster.conf
	ours=/etc/postgresql-common/createcluster.d/rollcall.conf
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$cluster" ] && [ ! -e "$ours" ]; then
		mkdir -p "${ours%/*}"
		echo "create_main_cluster = false" >"$ours"
	fi
	if [ ! -e "$policy" ]; then
		trap "rm -f $policy" EXIT
		trap "exit 130" INT
		trap "exit 143" TERM HUP
		printf "#!/bin/sh\nexit 101\n" >"$policy"
		chmod 755 "$policy"
	fi
	install() {
		apt-get install -y -qq --no-install-recommends \
			-o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io \
			"$@" >"$log" 2>&1
	}
	log=$(mktemp)
	install "$@" || { apt-get update -qq && install "$@"; } || {
		cat "$log" >&2
		rm -f "$log"
		exit 1
	}
	rm -f "$log"
' sh $needed

needed=$(missing "$wanted")
[ -z "$needed" ] || { echo "Still missing: $needed" >&2; exit 1; }
