/*
 * What a sweep run does before it sends: moves events on, plans what is due,
 * puts away what is no longer wanted.  Knows no message and no channel.
 */
#ifndef JOBS_PLAN_H
#define JOBS_PLAN_H

#include "data/db.h"

struct plan {
	int64_t started; /* events that began */
	int64_t completed;
	int64_t prompts;      /* rows planned */
	int64_t reminders;    /* second prompts planned */
	int64_t digests;      /* of several prompts, planned */
	int64_t shift_starts; /* reminders of shifts, planned */
	int64_t shift_ends;
	int64_t shift_skipped; /* not planned: their person is there */
	int64_t unknown;       /* left unanswered for good */
	int64_t cancelled;     /* because the event moved */
	int64_t expired;
	int64_t bad_zones; /* people whose zone this server does not know */
	int64_t risen[4]; /* people who are silent, by the level they came to */
	int64_t covered;  /* messages in whose place others were told */
	int64_t cleared;  /* alerts that ended since the last whole run */
};

/*
 * Plans what is wanted to the minute, alerts and reminders of shifts, in short
 * transactions; what plan_run() does first, and to be called between two runs.
 */
enum db_outcome plan_urgent(struct db *db, struct arena *a,
			    const volatile int *stop, struct plan *plan);

/*
 * How long until a message, a reminder of a shift, or somebody who is watched
 * over is due, in milliseconds, into *wait; as it was where none is known.
 */
enum db_outcome plan_wait(struct db *db, struct arena *a, int64_t *wait);

/*
 * Runs all steps but the prompts, each in short transactions of its own, and
 * adds to *plan; stops early, without harm, when *stop is not 0.  People with
 * a bad zone are logged by id.
 */
enum db_outcome plan_run(struct db *db, struct arena *a,
			 const volatile int *stop, struct plan *plan);

/*
 * Plans first and second prompts and digests that are due, and settles what
 * stayed unanswered, no more than a few short transactions can take; *more says
 * that there may be others.
 */
enum db_outcome plan_prompts(struct db *db, struct arena *a, struct plan *plan,
			     bool *more);

#endif
