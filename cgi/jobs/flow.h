/*
 * What is on its way, of one call of deliver.h, and the end of each message of
 * it.  For deliver.c and flow.c alone.
 */
#ifndef JOBS_FLOW_H
#define JOBS_FLOW_H

#include "jobs/ending.h"

/* A message under way, and what it is made of. */
struct slot {
	bool busy;
	struct job job;
	struct str to;
	struct str tokens; /* of the devices that it is pushed to */
	struct str bytes;
	struct arena arena;
};

/* One of the ways out: what is on it is no matter of the others'. */
struct lane {
	struct channel *channel;
	struct slot slots[CHANNEL_MOST_EVER];
	int busy;
	bool down;	/* the channel has been paused */
	int64_t claims; /* that may still be made */
	bool drained;	/* the last claim gave nothing */
};

enum { MAIL, PUSH, LANES };

/* What is on its way, of one call. */
struct flow {
	const struct deliver *d;
	struct deliver_counts *counts;
	struct lane lanes[LANES];
	int count;	 /* of lanes; without a push service the first is all */
	int64_t stop_by; /* when what is under way is cut off; 0: not told */
};

/* The name of its channel. */
const char *flow_name(const struct lane *lane);
bool flow_is_push(const struct flow *f, const struct lane *lane);

/* Counts and logs it; sees to it that what is to be mailed is claimed. */
void flow_close(struct flow *f, const struct lane *lane, const struct job *job,
		struct ending ending);

/* A run that failed: a statement did, and not the server. */
bool flow_is_about_a_row(const struct flow *f, enum db_outcome outcome);

/* A slot's message, and what became of it on its way. */
struct flow_end {
	struct slot *slot;
	struct send_result result;
};

/* Records what became of so many messages, up to as many as a lane has. */
enum db_outcome flow_record(struct flow *f, struct lane *lane,
			    struct flow_end *ends, ptrdiff_t count);
/* The same of one that did not even leave. */
enum db_outcome flow_record_fault(struct flow *f, struct lane *lane,
				  struct slot *slot, enum send_outcome outcome,
				  const char *why);

#endif
