/*
 * Moves bytes over the network: the only user of libcurl.  Knows no message;
 * what is said, and what a reply means, is its protocol's, such as smtp.c.
 */
#ifndef SEND_TRANSFER_H
#define SEND_TRANSFER_H

#include "send/channel.h"

/* Longest time for one exchange, in milliseconds. */
#define TRANSFER_LIMIT_MS (60 * 1000)

/* What one exchange is to carry.  All but the bytes is copied. */
struct transfer_order {
	const char *from; /* of the envelope, <a@b>; checked by who orders */
	const char *to;
	struct str bytes; /* must live until the exchange is over */
};

/* How an exchange ended. */
struct transfer_end {
	bool whole; /* as the protocol wants it */
	bool sent_whole;
	bool cut_off;	 /* by transfer_abandon() */
	int reply;	 /* the other side's last code, 0 without one */
	const char *why; /* what went wrong on the way: a fixed word, or "" */
	int64_t took_ms;
};

/*
 * What a protocol adds.  Its notes are bytes of its own for each exchange,
 * cleared before; they are used on the exchange's own thread.
 */
struct transfer_protocol {
	const struct channel_kind *kind;
	const char *schemes; /* that a URL may have: "smtp,smtps" */
	size_t notes_size;
	/* Is told each line that goes out, and each of a reply. */
	void (*see_sent)(void *notes, struct str line);
	void (*see_reply)(void *notes, struct str line);
	/* Nothing more is wanted of this exchange. */
	bool (*is_over)(const void *notes);
	/* Fills outcome, reply_code, status, why and channel_fault. */
	void (*judge)(const void *notes, const struct transfer_end *end,
		      struct send_result *result);
};

/*
 * A channel to url with a connection for each exchange under way, kept for
 * the next.  Does not connect yet.  NULL when libcurl cannot be used.  The
 * channel lives in the arena until it is closed.
 *
 * TLS is used as relay.h says of the url; certificates must be good by the
 * system's authorities, or by those in the file that SSL_CERT_FILE names.
 */
struct channel *transfer_open(struct arena *a, struct str url,
			      const struct transfer_protocol *protocol);

/* For the begin() of the protocol's kind: send, or refuse without contact. */
void transfer_begin(struct channel *channel, const struct transfer_order *order,
		    void *ticket);
void transfer_refuse(struct channel *channel, enum send_outcome outcome,
		     const char *why, void *ticket);

/* The rest of the protocol's kind; see channel.h. */
void *transfer_finish(struct channel *channel, int wait_ms,
		      struct send_result *result);
void transfer_abandon(struct channel *channel);
void transfer_close(struct channel *channel);

/*
 * Fetches url (http or https, no redirects) and forgets what comes; true when
 * the answer was a 2xx within limit_ms.
 */
bool transfer_fetch(struct arena *a, struct str url, int limit_ms);

#endif
