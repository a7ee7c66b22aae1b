/*
 * What is on its way, of one call of deliver.h, and the end of each message of
 * it.  For deliver.c, start.c and flow.c alone.
 */
#ifndef JOBS_FLOW_H
#define JOBS_FLOW_H

#include "base/buf.h"
#include "jobs/ending.h"

/* On their way, and made ready to go when those are recorded. */
#define LANE_SLOTS (2 * CHANNEL_MOST_EVER)

/* A message under way, and what it is made of. */
struct slot {
	bool busy;
	struct job job;
	struct str to;
	struct str tokens; /* of the devices that it is pushed to */
	struct str bytes;
	struct arena arena;
};

/* A slot's message, and what became of it on its way. */
struct flow_end {
	struct slot *slot;
	struct send_result result;
};

/* One of the ways out: what is on it is no matter of the others'. */
struct lane {
	struct channel *channel;
	struct slot slots[LANE_SLOTS];
	int busy;			  /* on their way */
	struct flow_end ends[LANE_SLOTS]; /* over, and not recorded */
	int ended;
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
	enum db_outcome bad; /* of a row that could not be recorded */
};

/* The name of its channel. */
const char *flow_name(const struct lane *lane);
bool flow_is_push(const struct flow *f, const struct lane *lane);

/* Counts and logs it; sees to it that what is to be mailed is claimed. */
void flow_close(struct flow *f, const struct lane *lane, const struct job *job,
		struct ending ending);

/* A run that failed: a statement did, and not the server. */
bool flow_is_about_a_row(const struct flow *f, enum db_outcome outcome);

/* Numbers as PostgreSQL writes an array: {1,2,3}. */
struct flow_list {
	struct buf text;
};

struct flow_list flow_list_of(struct arena *a, ptrdiff_t most);
void flow_list_add(struct flow_list *list, int64_t v);
struct str flow_list_end(struct flow_list *list);

/* Notes what became of a slot's message; it is recorded later. */
void flow_end(struct lane *lane, struct slot *slot,
	      const struct send_result *result);

/* --- what has ended, recorded: queued with others, run, and read --- */

struct record {
	struct rows *rows;
	struct rows *pause; /* NULL: the channel is not to blame */
	struct str gone;    /* devices that are there no more */
};

/* records has room for as many as have ended. */
void flow_queue(struct flow *f, struct lane *lane, struct record *records);
/* After the run: counts and logs them, and their slots are free. */
void flow_read(struct flow *f, struct lane *lane, const struct record *records);
/*
 * After one that failed because of one row: each of them by itself.  The one
 * that cannot be is in flow->bad, and claimed again when its lease ends.
 */
enum db_outcome flow_record_each(struct flow *f, struct lane *lane);

#endif
