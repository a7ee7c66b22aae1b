/*
 * Reading iCalendar files (RFC 5545): the only user of libical.  Plain rows
 * out.  Places no time on the time line and looks up no zone: local times and
 * zone names are handed on as the file has them, for PostgreSQL to judge.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/str.h"

#define CALENDAR_FILE_MAX ((ptrdiff_t)16 * 1024 * 1024) /* bytes */
#define CALENDAR_EVENTS_MAX 50000
#define CALENDAR_REPEATS_MAX 1500
#define CALENDAR_DATES_MAX 100000 /* RDATE and EXDATE in a file */

enum calendar_kind {
	CALENDAR_NONE,	   /* the property is not there */
	CALENDAR_DATE,	   /* a whole day */
	CALENDAR_FLOATING, /* local wherever one is */
	CALENDAR_UTC,
	CALENDAR_ZONED /* local in tzid */
};

/* A moment that exists in the calendar, not yet in its zone. */
struct calendar_time {
	enum calendar_kind kind;
	struct str local; /* "2026-11-20T18:30:00"; of a date 00:00:00 */
	struct str tzid;  /* CALENDAR_ZONED: as in the file, unchecked */
	/*
	 * What the file's VTIMEZONE says of tzid, or without one of the
	 * event's zone, around that time: see calendar_zone_text().
	 */
	struct str rule;
};

struct calendar_duration {
	bool is_there;
	int days;    /* nominal days: the clock time stays */
	int seconds; /* exact time, on top of the days */
};

/* An RDATE. */
struct calendar_extra {
	struct calendar_time start;
	struct calendar_time end; /* or a duration, when it is a PERIOD */
	struct calendar_duration duration;
};

struct calendar_event {
	int line;	    /* of BEGIN:VEVENT, counted from 1 */
	struct str wrong;   /* why it cannot be used, a sentence; else absent */
	struct str uid;	    /* these five absent when not in the file */
	struct str summary; /* one line */
	struct str description; /* may hold line breaks */
	struct str location;	/* one line: breaks became ", " */
	struct str url;		/* http or https only */
	int sequence;		/* 0 when not in the file */
	struct calendar_time start;
	struct calendar_time end;	 /* DTEND */
	struct calendar_time recurrence; /* RECURRENCE-ID */
	struct calendar_duration duration;
	bool cancelled;		    /* STATUS:CANCELLED or METHOD:CANCEL */
	struct str rule;	    /* RRULE without UNTIL, or absent */
	struct calendar_time until; /* may itself still be a start */
	ptrdiff_t extra_count;
	struct calendar_extra *extra;
	ptrdiff_t except_count;
	struct calendar_time *except; /* EXDATE */
	struct str zone; /* X-WR-TIMEZONE of its calendar, or absent */
};

struct calendar {
	ptrdiff_t count;
	struct calendar_event *events; /* in the order of the file */
};

/*
 * Reads a whole file, which may hold several calendars.  NULL leaves in *why
 * a sentence with the line: over CALENDAR_FILE_MAX or CALENDAR_EVENTS_MAX, no
 * calendar, a component that does not end, a NUL byte.  One event that is
 * wrong does not spoil the others: see its field wrong; what else is known of
 * it is filled in.  Everything lives in the arena: give it 192 MiB.
 */
struct calendar *calendar_read(struct arena *a, struct str text,
			       struct str *why);

struct calendar_repeats {
	ptrdiff_t count;
	struct str *starts; /* "2026-11-20T18:30:00", in order */
	int looked_at;	    /* days, as a measure of the work */
};

/*
 * When a clock on the wall shows the starts of a series: those from `from` to
 * before `to`.  rule is an RRULE's text without UNTIL; starts, its first
 * start, counts as the first even where the rule would not fall on it.  NULL
 * leaves in *why what is wrong, a clause without a full stop: the rule cannot
 * be read, asks for every second or minute, for over 10,000 in all or over
 * CALENDAR_REPEATS_MAX in the window, or no day fits it.  Takes milliseconds
 * at most.
 */
const struct calendar_repeats *calendar_repeat(struct arena *a, struct str rule,
					       struct str starts,
					       struct str from, struct str to,
					       struct str *why);

#endif
