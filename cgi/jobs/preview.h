/*
 * What a sweep run would plan and send, without doing it.  Knows no rule: a
 * SQL function does it all and takes it back.
 */
#ifndef JOBS_PREVIEW_H
#define JOBS_PREVIEW_H

#include "data/db.h"

/* Logs a line for each message, 1,000 at most, and then how many there are. */
enum db_outcome preview_run(struct db *db, struct arena *a);

#endif
