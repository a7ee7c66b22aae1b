#!/bin/sh
# `make install`: programs, templates, SQL and examples of the configuration,
# below DESTDIR.  Makes no user, starts nothing, overwrites no settings.
#
#   etc/install.sh DESTDIR PREFIX
set -eu

to=$1 prefix=$2
bin=${BUILD:-build}/${V:-release}
share=$to$prefix/share/rollcall

install -d "$to$prefix/lib/rollcall" "$to$prefix/bin" "$share" \
	"$to/etc/rollcall"
for name in answer member staff sweep; do
	install -m 0755 "$bin/$name" "$to$prefix/lib/rollcall/$name"
done
install -m 0755 "$bin/rollcallctl" "$to$prefix/bin/rollcallctl"
for name in templates static sql; do
	rm -rf "${share:?}/$name"
	cp -R "$name" "$share/$name"
done
# nginx hands these out as they are; -n: the same bytes from the same files.
find "$share/static" -type f \( -name '*.css' -o -name '*.svg' -o -name '*.js' \) \
	-exec gzip -9 -k -n {} +
install -d "$share/etc"
for name in nginx systemd cron.d postgresql rollcall.conf.example; do
	rm -rf "${share:?}/etc/$name"
	cp -R "etc/$name" "$share/etc/$name"
done
rm -f "$share/etc/nginx/mail-catcher.conf"
find "$share/etc" -type f -exec sed -i "s|@PREFIX@|$prefix|g" {} +
chmod -R u=rwX,go=rX "$share"
[ -e "$to/etc/rollcall/rollcall.conf" ] ||
	sed "s|/usr/local|$prefix|" etc/rollcall.conf.example \
		>"$to/etc/rollcall/rollcall.conf"
echo "Installed below $to$prefix; what is left to do is in" \
	"$prefix/share/rollcall/etc."
