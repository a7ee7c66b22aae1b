/*
 * A way a rendered message leaves: SMTP, push, later a mirror, and one that
 * only counts.  Several messages may be under way at once.  Knows nothing of
 * the queue or of how messages are made.
 */
#ifndef SEND_CHANNEL_H
#define SEND_CHANNEL_H

#include "base/str.h"

/* Messages under way at once, unless the channel is told otherwise. */
#define CHANNEL_MOST 8
/* The most that it may be told. */
#define CHANNEL_MOST_EVER 64

/* What became of a message, and so what is to become of it (R-F2). */
enum send_outcome {
	SEND_ACCEPTED,
	SEND_RETRY,	  /* for now, or it may have arrived: the same again */
	SEND_OURS,	  /* our fault or the relay's, not the recipient's */
	SEND_BAD_ADDRESS, /* there is no such address */
	SEND_BAD_RECIPIENT, /* refused for good, and no more is said */
	SEND_OUTCOMES
};

/* One message to one recipient. */
struct send_message {
	struct str from;
	struct str to;
	struct str bytes;
};

struct send_result {
	enum send_outcome outcome;
	/* The other side's code, 0 when it gave none for this message. */
	int reply_code;
	/* Enhanced status code (RFC 3463) such as 5.1.1, or "". */
	char status[12];
	/* What went wrong: a fixed word, never the other side's text. */
	const char *why;
	int64_t took_ms;
	/* For how long the other side wants to be left alone; 0: not said. */
	int wait_s;
	/* What it said, where a channel reads that; until the next begin(). */
	struct str reply;
	/*
	 * The fault lies with us or on the way, not with this recipient:
	 * nobody there, name unknown, no TLS, time out, or a refusal before
	 * the recipient or for policy.  The next message would most
	 * likely fare alike.
	 */
	bool channel_fault;
};

struct channel {
	const struct channel_kind *kind;
	/* May be set between opening and the first message. */
	int most;     /* messages under way at once: 1 to CHANNEL_MOST_EVER */
	int limit_ms; /* longest time for one message */
	int idle_ms; /* longest that a mail's connection is kept for the next */
};

struct channel_kind {
	const char *name;
	/*
	 * Begins to send; what is unfit is refused without contact, by
	 * finish() too.  Fewer than channel->most may be under way.  The
	 * message's bytes must live until finish() gave the ticket back,
	 * which is not NULL and of no meaning here.
	 */
	void (*begin)(struct channel *channel,
		      const struct send_message *message, void *ticket);
	/*
	 * Moves everything under way on, for at most wait_ms, until one is
	 * over: its ticket and *result.  NULL when none is yet.  Between
	 * calls nothing moves.
	 */
	void *(*finish)(struct channel *channel, int wait_ms,
			struct send_result *result);
	/* Cuts off what is under way; finish() then gives each at once. */
	void (*abandon)(struct channel *channel);
	void (*close)(struct channel *channel);
};

/* Sends one message and waits; nothing else may be under way. */
struct send_result channel_send(struct channel *channel,
				const struct send_message *message);

/* The word for an outcome in the queue and in logs: "retry", "address"... */
const char *send_outcome_name(enum send_outcome outcome);

/* Accepts everything and sends nothing; for tests. */
struct channel *null_open(struct arena *a);

#endif
