/*
 * The channel that goes nowhere.
 */
#include "send/channel.h"

struct null {
	struct channel channel; /* first: the one is the other */
	void *tickets[CHANNEL_MOST_EVER];
	int count;
};

static void begin_nowhere(struct channel *channel,
			  const struct send_message *message, void *ticket)
{
	struct null *null = (struct null *)channel;

	(void)message;
	null->tickets[null->count++] = ticket;
}

static void *finish_nowhere(struct channel *channel, int wait_ms,
			    struct send_result *result)
{
	struct null *null = (struct null *)channel;

	(void)wait_ms;
	if (null->count == 0)
		return NULL;
	*result = (struct send_result){.outcome = SEND_ACCEPTED, .why = ""};
	return null->tickets[--null->count];
}

static void do_nothing(struct channel *channel)
{
	(void)channel;
}

struct channel *null_open(struct arena *a)
{
	static const struct channel_kind kind = {
		.name = "null",
		.begin = begin_nowhere,
		.finish = finish_nowhere,
		.abandon = do_nothing,
		.close = do_nothing,
	};
	struct null *null = ARENA_NEW(a, struct null);

	null->channel = (struct channel){.kind = &kind, .most = CHANNEL_MOST};
	return &null->channel;
}
