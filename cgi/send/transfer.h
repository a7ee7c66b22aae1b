/*
 * Moves bytes over the network, all of a channel's in the caller's thread.
 * These files alone use libcurl.  Knows no message; what it means is its
 * protocol's: smtp.c, push.c.
 */
#ifndef SEND_TRANSFER_H
#define SEND_TRANSFER_H

#include "send/channel.h"

/* The longest that somebody may ask to be waited for, in seconds. */
#define TRANSFER_WAIT_MAX_S 3600

/*
 * What one exchange is to carry, checked by who orders.  All but the bytes is
 * copied.
 */
struct transfer_order {
	struct str from; /* a mail's */
	struct str to;
	const char *header; /* a post's: a line of its own, NAME: VALUE */
	struct str bytes;   /* must live until the exchange is over */
};

/* How an exchange ended. */
struct transfer_end {
	bool cut_off;	 /* by transfer_abandon() */
	bool sent;	 /* a post's: any of it */
	int reply;	 /* a post's: its status, 0 without one */
	int wait_s;	 /* a post's: how long to wait, 0: not told */
	bool is_html;	 /* a post's: what came back */
	const char *why; /* what went wrong on the way: a fixed word, or "" */
};

/* How an exchange goes. */
struct transfer_way;
/* A POST of JSON by HTTP. */
extern const struct transfer_way transfer_posts;
/* A mail by SMTP; the notes are a struct talk. */
extern const struct transfer_way transfer_talks;

/*
 * What a protocol adds.  Its notes are bytes of its own for each exchange, the
 * first notes_fresh of them cleared before.
 */
struct transfer_protocol {
	const struct channel_kind *kind;
	const struct transfer_way *way;
	const char *schemes; /* that a URL may have: "smtp,smtps" */
	int limit_ms;	     /* longest time for one exchange */
	size_t notes_size;
	size_t notes_fresh;
	/* What comes after a post's reply; false: no more of it is wanted. */
	bool (*see_body)(void *notes, struct str part);
	/*
	 * Fills outcome, reply_code, status, why and channel_fault; wait_s and
	 * took_ms are filled.  What it lets point into the notes holds until
	 * the next begin().
	 */
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
