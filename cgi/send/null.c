/*
 * The channel that goes nowhere.
 */
#include "send/channel.h"

static struct send_result send_nowhere(struct channel *channel,
				       const struct send_message *message)
{
	(void)channel;
	(void)message;
	return (struct send_result){.outcome = SEND_ACCEPTED, .why = ""};
}

static void close_nothing(struct channel *channel)
{
	(void)channel;
}

struct channel *null_open(struct arena *a)
{
	static const struct channel_kind kind = {
		.name = "null",
		.send = send_nowhere,
		.close = close_nothing,
	};
	struct channel *channel = ARENA_NEW(a, struct channel);

	channel->kind = &kind;
	return channel;
}
