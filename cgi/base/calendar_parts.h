/*
 * The nesting of an iCalendar file: which lines are an event.  Knows no
 * library, nor what a line means.
 */
#ifndef BASE_CALENDAR_PARTS_H
#define BASE_CALENDAR_PARTS_H

#include "base/str.h"

/* A component of the file, from its BEGIN to its END. */
struct calendar_part {
	int line;
	int properties;	    /* lines, folded ones counted once */
	int commas;	    /* in them: each may begin one more value */
	struct str text;    /* in the file */
	ptrdiff_t calendar; /* index of its heads[] */
};

struct calendar_parts {
	ptrdiff_t count;
	struct calendar_part *events; /* in the order of the file */
	ptrdiff_t zone_count;
	struct calendar_part *zones; /* each VTIMEZONE, likewise */
	ptrdiff_t calendars;
	struct str *heads; /* of each calendar X-WR-TIMEZONE and METHOD */
};

/* NULL as in calendar_read(), with the line and a sentence in *why. */
const struct calendar_parts *
calendar_parts_read(struct arena *a, struct str text, struct str *why);

/*
 * The name of a list of dates in an event's text that has over 500 in one
 * line, which libical would cut off without a word; or NULL.
 */
const char *calendar_parts_long_list(struct str text);

#endif
