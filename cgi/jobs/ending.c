/*
 * Counts and logs what became of messages.  Must not decide anything.
 */
#include "jobs/ending.h"

#include "base/log.h"

static void count_cause(struct deliver_counts *counts, struct str cause)
{
	int i = 0;

	while (i < counts->causes &&
	       !str_equal(str_of(counts->cause[i].name), cause))
		i++;
	if (i == DELIVER_CAUSES_MAX)
		return;
	if (i == counts->causes) {
		snprintf(counts->cause[i].name, sizeof(counts->cause[i].name),
			 "%.*s", STR_ARG(cause));
		counts->causes++;
	}
	counts->cause[i].count++;
}

static void count_ending(struct deliver_counts *counts,
			 const struct ending *ending)
{
	const struct {
		struct str state;
		int64_t *count;
	} states[] = {
		{STR_INIT("sent"), &counts->sent},
		{STR_INIT("skipped"), &counts->skipped},
		{STR_INIT("held"), &counts->held},
		{STR_INIT("lost"), &counts->lost},
		{STR_INIT("pending"), &counts->retried},
		{STR_INIT("dead"), &counts->dead},
		{STR_INIT("expired"), &counts->expired},
		{STR_INIT("email"), &counts->not_pushed},
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_equal(states[i].state, ending->state))
			++*states[i].count;
	if (str_equal(ending->state, STR("skipped")))
		count_cause(counts, ending->cause);
	if (str_equal(ending->state, STR("sent")) &&
	    strcmp(ending->channel, "push") == 0)
		counts->pushed++;
}

static void log_ending(const struct job *job, const struct ending *ending)
{
	log_line(LOG_INFO, "message",
		 LOG_STR("notification_id", job->notification_id),
		 LOG_STR("kind", job->kind), LOG_INT("user_id", job->user_id),
		 LOG_STR("channel", str_of(ending->channel)),
		 LOG_STR("state", ending->state),
		 LOG_STR("cause", ending->cause),
		 LOG_INT("reply_code", ending->reply_code),
		 LOG_INT("ms", ending->took_ms));
}

void ending_note(struct deliver_counts *counts, const struct job *job,
		 const struct ending *ending)
{
	count_ending(counts, ending);
	log_ending(job, ending);
}
