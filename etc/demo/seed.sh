#!/bin/bash
# Fills the demo with an organisation, people and events around now: by the
# same commands as an operator, and by seed.sql where there is no command.
# Changes nothing when it has been done.
program=seed.sh
# shellcheck source=etc/demo/lib.sh
. etc/demo/lib.sh

export ROLLCALL_CONFIG=${ROLLCALL_CONFIG:-var/rollcall.conf}

ctl()
{
	as_service "$bin/rollcallctl" "$@"
}

# Events are loaded last but one, the past with them in one transaction.
is_done()
{
	[ "$(sql_as rollcall_owner -d "$database" \
		-c "select count(*) > 0 from event_views")" = t ]
}

has_organisation()
{
	[ "$(sql_as rollcall_owner -d "$database" \
		-c "select count(*) from organizations where slug = 'riverside'")" = 1 ]
}

! is_done || exit 0
umask 077
has_organisation ||
	ctl org add riverside 'Riverside Community Centre' \
		--timezone Europe/London >/dev/null
ctl admin add --org riverside maya@example.org 'Maya Okafor' >/dev/null
ctl people import --org riverside etc/demo/people.csv >/dev/null
bash etc/demo/events.sh | as_service tee var/tmp/demo.ics >/dev/null
ctl import-events --org riverside var/tmp/demo.ics >/dev/null
as_service rm -f var/tmp/demo.ics
sql_as rollcall_owner -d "$database" -f etc/demo/seed.sql >/dev/null
