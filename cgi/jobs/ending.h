/*
 * What became of a message: counted, and logged in a line.  Must not log
 * anything a person wrote, or an address, or a token.
 */
#ifndef JOBS_ENDING_H
#define JOBS_ENDING_H

#include "jobs/deliver.h"

/* A message that was claimed. */
struct job {
	int64_t id;
	struct str notification_id;
	struct str kind;
	int64_t user_id; /* 0: nobody yet */
	int64_t lease;
};

struct ending {
	const char *channel; /* that it was claimed for */
	struct str state;
	struct str cause;
	int reply_code;
	int64_t took_ms;
};

void ending_note(struct deliver_counts *counts, const struct job *job,
		 const struct ending *ending);

#endif
