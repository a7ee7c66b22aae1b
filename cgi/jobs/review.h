/*
 * Has events counted whose people have changed, and finds where the door and
 * the people disagree.  Knows only how much at a time; how is a rule in SQL.
 */
#ifndef JOBS_REVIEW_H
#define JOBS_REVIEW_H

#include "data/db.h"

/*
 * Short transactions until none is left, or *stop is not 0; adds to *events
 * how many there were.
 */
enum db_outcome review_run(struct db *db, struct arena *a,
			   const volatile int *stop, int64_t *events);

#endif
