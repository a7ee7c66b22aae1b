/*
 * Moves messages over the network: the only user of libcurl.  Knows nothing
 * of what a message says.
 */
#ifndef SEND_TRANSFER_H
#define SEND_TRANSFER_H

#include "send/channel.h"

/* Longest time for one message, in milliseconds. */
#define TRANSFER_LIMIT_MS (60 * 1000)

/*
 * A channel over SMTP to url (smtp[s]://[user:password@]host[:port]), with a
 * connection for each message under way, kept for the next.  Does not connect
 * yet.  NULL when libcurl cannot be used.  The channel lives in the arena
 * until it is closed.
 *
 * smtps:// is TLS from the start.  With smtp:// another machine's STARTTLS is
 * used wherever it is offered, and without it no password is told to another
 * machine.  Their certificates must be good: by the system's authorities, or
 * by those in the file that SSL_CERT_FILE names.  On this machine (localhost,
 * 127., [::1]) STARTTLS is used unchecked where it is offered.
 */
struct channel *transfer_smtp_open(struct arena *a, struct str url);

/*
 * Fetches url (http or https, no redirects) and forgets what comes; true when
 * the answer was a 2xx within limit_ms.
 */
bool transfer_fetch(struct arena *a, struct str url, int limit_ms);

#endif
