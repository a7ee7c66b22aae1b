/*
 * The daily going over the audit's chains.  Knows only how much at a time;
 * what is sound, and who is told, is a rule in SQL.
 */
#ifndef JOBS_AUDIT_H
#define JOBS_AUDIT_H

#include "data/db.h"

struct audit {
	int64_t rows;	  /* gone over */
	int64_t chains;	  /* to their end */
	int64_t problems; /* chains that are not sound, each logged */
};

/* One short transaction, adds to *audit; the next run goes on from there. */
enum db_outcome audit_run(struct db *db, struct arena *a, struct audit *audit);

#endif
