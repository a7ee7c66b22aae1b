/*
 * Has events counted whose people have changed.  Must not hold the rule of
 * how: a SQL function does.
 */
#include "jobs/review.h"

#include "query/plan.h"

/* Events in one transaction: few, because one may be large. */
#define CHUNK 50

enum db_outcome review_run(struct db *db, struct arena *a,
			   const volatile int *stop, int64_t *events)
{
	enum db_outcome outcome = DB_OK;
	int64_t done = CHUNK;

	while (outcome == DB_OK && done >= CHUNK && !*stop) {
		struct rows *rows = query_review_events(db, a, CHUNK);

		outcome = db_run(db);
		done = query_review_events_reviewed(rows, 0);
		*events += done;
		db_reset(db);
	}
	return outcome;
}
