/*
 * What a sweep would do now, told without doing it.  Knows no message and no
 * channel.
 */
#ifndef JOBS_REHEARSE_H
#define JOBS_REHEARSE_H

#include "data/db.h"

/* The most rows told of each kind. */
#define REHEARSE_MAX 10000

/*
 * Logs a line for each row that would be planned and for each that would be
 * sent, skipped or held, then their numbers.  Changes nothing.  What would be
 * both planned and sent in one run is told as planned.
 */
enum db_outcome rehearse_run(struct db *db, struct arena *a);

#endif
