/*
 * Has those marked absent who were registered and whom nobody marked by the
 * end.  Knows only how much at a time; who and when is a rule in SQL.
 */
#ifndef JOBS_ABSENCE_H
#define JOBS_ABSENCE_H

#include "data/db.h"

struct absence {
	int64_t flagged;
	int64_t back;	/* taken back, because an admin said so */
	int64_t asked;	/* events at which nobody at all was checked in */
	int64_t failed; /* steps that did, and are tried again later */
	int64_t event;	/* the one that is gone through, since .. */
	int64_t since;	/* clock_ms() */
};

/*
 * One short transaction, adds to *absence; *more says that there may be
 * others.  Logs a line of it, and of each event that is done its summary.
 */
enum db_outcome absence_step(struct db *db, struct arena *a,
			     struct absence *absence, bool *more);

#endif
