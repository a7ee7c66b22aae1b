/*
 * Envelope senders that tell which message came back, and what a report of
 * non-delivery means for it.  Only we can make one, so that nobody else can
 * say of an address that it refuses mail.  Knows no database.
 */
#ifndef SEND_BOUNCE_H
#define SEND_BOUNCE_H

#include "base/report.h"
#include "base/secret.h"
#include "send/channel.h"

/* LOCAL+ID-MAC@DOMAIN of base, which is LOCAL@DOMAIN: from 1 on, ID. */
struct str bounce_address(struct arena *a, const struct secret_keys *keys,
			  struct str base, int64_t id);

/* The id in an address that we made of base; false for any other. */
bool bounce_address_read(struct arena *a, const struct secret_keys *keys,
			 struct str base, struct str address, int64_t *id);

/* The same of whichever address the report came to. */
bool bounce_find(struct arena *a, const struct secret_keys *keys,
		 struct str base, const struct report *report, int64_t *id);

/* What a report of a message that failed means: R-F2, as if refused at once. */
enum send_outcome bounce_judge(const struct report *report);

#endif
