/*
 * A way a rendered message leaves: SMTP, later push and mirror, and one that
 * only counts.  Knows nothing of the queue or of how messages are made.
 */
#ifndef SEND_CHANNEL_H
#define SEND_CHANNEL_H

#include "base/str.h"

enum send_outcome {
	SEND_ACCEPTED,
	SEND_REFUSED_NOW,      /* try again later */
	SEND_REFUSED_FOR_GOOD, /* this message will never be taken */
	SEND_UNKNOWN	       /* it may have arrived: send the same again */
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
	/*
	 * The fault lies with us or on the way, not with this recipient:
	 * nobody there, name unknown, no TLS, time out, or a refusal before
	 * the recipient or for policy.  The next message would most
	 * likely fare alike.
	 */
	bool ours;
};

struct channel {
	const struct channel_kind *kind;
};

struct channel_kind {
	const char *name;
	/* Sends and waits; refuses what is unfit without contact. */
	struct send_result (*send)(struct channel *channel,
				   const struct send_message *message);
	void (*close)(struct channel *channel);
};

/* Accepts everything and sends nothing; for tests and dry runs. */
struct channel *null_open(struct arena *a);

#endif
