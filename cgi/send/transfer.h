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
 * A channel over SMTP to url (smtp[s]://[user:password@]host[:port]); one
 * connection, kept between messages.  Does not connect yet.  With a password
 * and a host that is not this machine, TLS is required and the certificate
 * checked; otherwise STARTTLS is used where it is offered.  NULL when libcurl
 * cannot be used.  The channel lives in the arena until it is closed.
 */
struct channel *transfer_smtp_open(struct arena *a, struct str url);

#endif
