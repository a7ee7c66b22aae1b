/*
 * Appointments as an iCalendar file (RFC 5545) that other programs follow.
 * Knows neither whose they are nor where they come from.
 */
#ifndef VIEW_CALENDAR_FILE_H
#define VIEW_CALENDAR_FILE_H

#include "base/buf.h"

#define CALENDAR_FILE_TYPE STR("text/calendar; charset=utf-8")

/*
 * uid, status, url and the times stand in the file as they are: times in UTC
 * such as "20261120T173000Z", of whole days such as "20261120", the end being
 * the day after the last.  The others are any text in UTF-8; what is absent or
 * empty is left out.
 */
struct calendar_entry {
	struct str uid; /* the same as long as it is the same thing */
	int64_t sequence;
	struct str stamp; /* when it was last changed */
	bool whole_days;
	struct str starts;
	struct str ends;   /* absent: it takes no time */
	struct str status; /* CONFIRMED, TENTATIVE, CANCELLED */
	struct str summary;
	struct str location;
	struct str description;
	struct str url;
};

/* Adds what such a file begins with; name is what programs call it. */
void calendar_file_begin(struct buf *out, struct str name);
void calendar_file_entry(struct buf *out, const struct calendar_entry *entry);
/* count: how many entries there were.  A file without any is none. */
void calendar_file_end(struct buf *out, ptrdiff_t count);

#endif
