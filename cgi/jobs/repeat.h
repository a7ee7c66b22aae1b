/*
 * Keeps series of events going as time goes on.  Knows how rules are read;
 * which series, how far and what becomes of the dates is a rule in SQL.
 */
#ifndef JOBS_REPEAT_H
#define JOBS_REPEAT_H

#include "data/db.h"

struct repeat {
	int64_t series; /* that were looked at */
	int64_t events; /* instances made */
	int64_t failed; /* series whose rule or zone cannot be read */
};

/*
 * Adds to *repeat.  A short transaction a series, a bounded number of them;
 * what it leaves, the next run takes.  Stops early, without harm, when *stop
 * is not 0.  A series that fails is logged by id and holds up no other.
 */
enum db_outcome repeat_run(struct db *db, struct arena *a,
			   const volatile int *stop, struct repeat *repeat);

/*
 * Logs what repeat_run() would do now, and changes nothing; *would is how many
 * series it would look at.
 */
enum db_outcome repeat_rehearse(struct db *db, struct arena *a, int64_t *would);

#endif
