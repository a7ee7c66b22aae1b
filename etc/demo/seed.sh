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

# add_organisation SLUG NAME, where there is none of that slug
add_organisation()
{
	[ "$(sql_as rollcall_owner -d "$database" \
		-c "select count(*) from organizations where slug = '$1'")" = 1 ] ||
		ctl org add "$1" "$2" --timezone Europe/London >/dev/null
}

# import_calendar SLUG, which events.sh writes
import_calendar()
{
	bash etc/demo/events.sh "$1" | as_service tee var/tmp/demo.ics >/dev/null
	ctl import-events --org "$1" var/tmp/demo.ics >/dev/null
	as_service rm -f var/tmp/demo.ics
}

! is_done || exit 0
umask 077
add_organisation riverside 'Riverside Community Centre'
ctl admin add --org riverside maya@example.org 'Maya Okafor' >/dev/null
ctl people import --org riverside etc/demo/people.csv >/dev/null
import_calendar riverside
add_organisation allotments 'Mill Road Allotments'
ctl admin add --org allotments zoe@example.org 'Zoë Lindström' >/dev/null
import_calendar allotments
sql_as rollcall_owner -d "$database" -f etc/demo/seed.sql >/dev/null
