/*
 * The channel that messages are pushed by, to people's devices: a POST of JSON
 * to a push service, which knows the devices by their tokens.  Knows nothing
 * of the queue.
 */
#ifndef SEND_PUSH_H
#define SEND_PUSH_H

#include "base/buf.h"
#include "send/channel.h"

/* Longest time for one request, in milliseconds. */
#define PUSH_LIMIT_MS (10 * 1000)
/* How much of an answer is read, in bytes. */
#define PUSH_REPLY_MAX (64 * 1024)

struct push {
	struct str id; /* mail_id() of it: the same for each copy */
	struct str notification_id;
	int64_t user_id;
	struct str kind;
	struct str org_name; /* absent for none */
	struct str title;
	struct str body;
	struct str link;   /* absent for none */
	struct str tokens; /* a JSON array of texts */
};

/*
 * The message as the channel takes it, its Idempotency-Key first: the same
 * input gives the same bytes.  Absent when it is refused, for an empty title or
 * control characters; then *why is a sentence without anything of its content.
 */
struct str push_write(struct arena *a, const struct push *push,
		      const char **why);

/* Whether a message may go to url: https, or this machine. */
bool push_url_is_safe(struct str url);

/*
 * A channel to url; does not connect yet.  NULL when the url is not safe or
 * libcurl cannot be used.  The channel lives in the arena until it is closed.
 * It reads no from and to of a message.
 *
 * Taken is what is answered with 2xx.  408, 425, 429, 5xx and no answer to what
 * may have arrived: again, after Retry-After.  404 and 410: the devices are
 * gone, unless it is a web page that says so.  All else, redirects too, is our
 * fault: it has not been taken, and would not be.
 */
struct channel *push_open(struct arena *a, struct str url);

/*
 * What an answer says of the devices: a JSON array of those of tokens (as
 * above) that the push service knows no more, absent for none.  It may name
 * them, {"gone": [TOKEN, ...]}; 404 or 410 without means all.  A message that
 * was taken for none of them becomes SEND_BAD_ADDRESS in *result.
 */
struct str push_gone(struct arena *a, struct str tokens,
		     struct send_result *result);

#endif
