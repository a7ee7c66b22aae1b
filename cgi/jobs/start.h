/*
 * From a claim to the way out, for as many messages as there is room for:
 * looked at again, written, kept, begun.  For deliver.c alone.
 */
#ifndef JOBS_START_H
#define JOBS_START_H

#include "jobs/flow.h"

/* Messages that were claimed, until they are begun. */
struct batch {
	struct slot *slots[CHANNEL_MOST_EVER];
	bool to_keep[CHANNEL_MOST_EVER]; /* false: it was kept before */
	ptrdiff_t count;
	struct rows *kept; /* NULL: there is nothing to keep */
};

/*
 * Claims as many as there is room for, looks at them again, and leaves in
 * *batch those that are to be sent.  What cannot be sent has ended.
 */
enum db_outcome start_claim(struct flow *f, struct lane *lane,
			    struct batch *batch);

/* The bytes as first sent are what every copy is sent from. */
void start_queue(struct flow *f, struct batch *batch);
/* After the run: sends those that are ours still. */
void start_read(struct flow *f, struct lane *lane, const struct batch *batch);
/*
 * After one that failed because of one row: each of them by itself.  The one
 * that cannot be kept is not sent, and has ended.
 */
enum db_outcome start_each(struct flow *f, struct lane *lane,
			   struct batch *batch);
/* After one that failed: none of them is sent. */
void start_drop(const struct batch *batch);
/* None of them is sent now; they are due again at once. */
enum db_outcome start_release(struct flow *f, const struct batch *batch);

#endif
