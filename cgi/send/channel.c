/*
 * What all channels have in common.  Must not know any one of them.
 */
#include "send/channel.h"

#define LOOK_MS 1000

struct send_result channel_send(struct channel *channel,
				const struct send_message *message)
{
	struct send_result result = {.outcome = SEND_RETRY, .why = ""};

	channel->kind->begin(channel, message, channel);
	while (!channel->kind->finish(channel, LOOK_MS, &result))
		;
	return result;
}

const char *send_outcome_name(enum send_outcome outcome)
{
	static const char *const names[SEND_OUTCOMES] = {
		[SEND_ACCEPTED] = "accepted",
		[SEND_RETRY] = "retry",
		[SEND_OURS] = "ours",
		[SEND_BAD_ADDRESS] = "address",
		[SEND_BAD_RECIPIENT] = "recipient",
	};

	return names[outcome];
}
