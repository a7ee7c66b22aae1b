/*
 * Whether an installation can work: settings, keys, templates, database,
 * schema, one line each.  Changes nothing.
 */
#ifndef JOBS_CHECK_H
#define JOBS_CHECK_H

#include "base/config.h"
#include "data/db.h"

#include <stdio.h>

/*
 * Prints a line a part to out, and returns how many are not well.  The schema
 * is compared only where sqitch and sql/ are there.
 */
int check_run(FILE *out, struct arena *a, const struct config *config,
	      struct db *db);

#endif
