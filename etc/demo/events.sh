#!/bin/bash
# Writes a calendar of the demo to standard output: for `riverside` events of
# every state around the moment it is run, a few for `allotments`.  Knows no
# database.
set -eu

# A moment so far from now in UTC, and a day as a date.
utc() { date -u -d "$1" +%Y%m%dT%H%M%SZ; }
day() { date -u -d "$1" +%Y%m%d; }
# A quarter of an hour so far from now: people do not begin at 18:07.
about() { date -u -d "@$((($(date -u -d "$1" +%s) + 450) / 900 * 900))" +%Y%m%dT%H%M%SZ; }

# event UID TITLE PLACE LINE ...
event()
{
	printf '%s\n' BEGIN:VEVENT "UID:$1@demo.rollcall" \
		"DTSTAMP:$(utc now)" "SUMMARY:$2" "LOCATION:$3"
	shift 3
	printf '%s\n' "$@" END:VEVENT
}

riverside()
{
	event repair-cafe 'Repair café' 'Riverside hall' \
		"DTSTART:$(utc '181 minutes ago')" \
		"DTEND:$(utc '61 minutes ago')" \
		'DESCRIPTION:Bring what is broken\, take home what works.'
	event choir 'Choir practice' 'Riverside hall\, upstairs' \
		"DTSTART:$(about '6 hours ago')" "DTEND:$(about '4 hours ago')"
	event clean-up 'Riverbank clean-up' 'The boathouse' \
		"DTSTART:$(about '45 minutes ago')" \
		"DTEND:$(about '90 minutes')" \
		'DESCRIPTION:Gloves and bags are there. Sturdy shoes help.'
	event board-games 'Board games night' 'Riverside café' \
		"DTSTART:$(about '5 hours')" DURATION:PT3H
	event first-aid 'First aid in an evening' 'Fire station\, Mill Road' \
		"DTSTART;TZID=Europe/London:$(day '2 days')T183000" \
		"DTEND;TZID=Europe/London:$(day '2 days')T210000"
	event book-circle 'Book circle: “Letters from a lighthouse”' Online \
		"DTSTART:$(about '3 days')" "DTEND:$(about '3 days 2 hours')" \
		URL:https://meet.example.org/book-circle
	event seedlings 'Seedling swap' 'Community garden' \
		"DTSTART:$(day '4 days')T100000"
	event run 'Tuesday run' 'Meet at the boathouse' \
		"DTSTART;TZID=Europe/London:$(day 'last tuesday')T183000" \
		DURATION:PT1H RRULE:FREQ=WEEKLY \
		"EXDATE;TZID=Europe/London:$(day 'last tuesday 28 days')T183000" \
		'DESCRIPTION:About 5 km\, at the pace of the slowest.'
	event open-day 'Open day' 'Riverside hall' \
		"DTSTART;VALUE=DATE:$(day '6 days')" \
		"DTEND;VALUE=DATE:$(day '7 days')"
	event boat 'Building a boat in a weekend' 'The boathouse' \
		"DTSTART:$(about '9 days')" DURATION:P2D
	event lecture 'Lecture: rivers that moved' 'Old library' \
		"DTSTART:$(about '30 hours')" "DTEND:$(about '32 hours')" \
		STATUS:CANCELLED
	event film 'Film night: short films by the sea' 'Riverside hall' \
		"DTSTART:$(about '75 hours ago')" \
		"DTEND:$(about '72 hours ago')"
	event street-party 'Street party' 'Mill Road' \
		"DTSTART;VALUE=DATE:$(day '8 days ago')" \
		"DTEND;VALUE=DATE:$(day '7 days ago')"
	event harvest 'Harvest market' 'Market square' \
		"DTSTART:$(about '12 days ago')" \
		"DTEND:$(about '12 days ago 5 hours')"
	event meeting 'Neighbourhood meeting' 'Old library' \
		"DTSTART:$(about '25 days ago')" \
		"DTEND:$(about '25 days ago 2 hours')"
}

allotments()
{
	event digging 'Digging day' 'Gate on Mill Road' \
		"DTSTART;TZID=Europe/London:$(day 'next saturday')T100000" \
		DURATION:PT3H 'DESCRIPTION:Spades are there\, boots are not.'
	event seeds 'Seed evening' 'The old signal box' \
		"DTSTART;TZID=Europe/London:$(day 'next thursday')T190000" \
		DURATION:PT2H RRULE:FREQ=WEEKLY\;INTERVAL=2
}

calendar()
{
	printf '%s\n' BEGIN:VCALENDAR VERSION:2.0 \
		'PRODID:-//Rollcall//Demo//EN' X-WR-TIMEZONE:Europe/London
	"$1"
	echo END:VCALENDAR
}

calendar "${1:-riverside}" | sed 's/$/\r/'
