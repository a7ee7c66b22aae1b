/*
 * Throws away what nobody needs any more.  Knows only how much at a time;
 * what and when is a rule in SQL.
 */
#ifndef JOBS_PRUNE_H
#define JOBS_PRUNE_H

#include "data/db.h"

struct prune {
	int64_t requests; /* to sign in */
	int64_t sessions;
};

/* One short transaction, adds to *prune; what it leaves, the next run takes. */
enum db_outcome prune_run(struct db *db, struct arena *a, struct prune *prune);

#endif
