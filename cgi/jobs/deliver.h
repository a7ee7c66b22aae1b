/*
 * Takes due messages out of the queue and sends them, several at once: claim
 * with a lease, recheck, keep the rendered bytes, send, record under the same
 * lease.  A crash at any point loses nothing, and at most what is under way
 * is sent again.  Each channel goes its own way: one that hangs, or is paused,
 * stops no other.  Knows no rule of who is asked what.
 */
#ifndef JOBS_DELIVER_H
#define JOBS_DELIVER_H

#include "jobs/render.h"
#include "send/channel.h"

#define DELIVER_CAUSES_MAX 24
/* How long a stop waits for the messages under way, in milliseconds. */
#define DELIVER_STOP_MS 8000

/* How often something was skipped, by its cause. */
struct deliver_cause {
	char name[40];
	int64_t count;
};

struct deliver_counts {
	int64_t claimed;
	int64_t sent;
	int64_t skipped;
	int64_t held;
	int64_t lost; /* another worker has the row by now */
	int64_t retried;
	int64_t dead;
	int64_t expired;	       /* refused when no later try was left */
	int64_t pushed;		       /* of those that were sent */
	int64_t not_pushed;	       /* given back, to be mailed */
	int64_t failed[SEND_OUTCOMES]; /* tries, by what became of them */
	int causes;
	struct deliver_cause cause[DELIVER_CAUSES_MAX];
	bool mail_down; /* paused: given up for this run */
	bool push_down;
};

struct deliver {
	struct db *db;
	struct arena *arena; /* for one step; reset after each */
	struct render render;
	struct channel *mail;
	struct channel *push;	  /* NULL: there is no push service */
	const volatile int *stop; /* not 0: finish what is under way */
};

/*
 * Sends until nothing is due, *stop is set, or messages to three people in a
 * row failed for no fault of their own, be it over several runs: then the
 * channel is paused, which admins are told once, and the rest stays pending;
 * what was to be pushed is mailed.
 * Adds to *counts and logs one line a message.  DB_AWAY: what was under way may
 * be sent again later.
 */
enum db_outcome deliver_run(const struct deliver *deliver,
			    struct deliver_counts *counts);

/*
 * The same for as many messages as go at once, the most urgent first: between
 * two pieces of other work that is long.
 */
enum db_outcome deliver_urgent(const struct deliver *deliver,
			       struct deliver_counts *counts);

#endif
