/*
 * The channel that mail leaves by.  Knows nothing of what a message says.
 */
#ifndef SEND_SMTP_H
#define SEND_SMTP_H

#include "send/channel.h"

/*
 * A channel over SMTP to url (smtp[s]://[user:password@]host[:port]).  Does
 * not connect yet.  NULL when the url is another's or libcurl cannot be used.
 * The channel lives in the arena until it is closed.
 *
 * smtps:// is TLS from the start.  With smtp:// another machine's STARTTLS is
 * used wherever it is offered, and without it no password is told to another
 * machine.  Their certificates must be good: by the system's authorities, or
 * by those in the file that SSL_CERT_FILE names.  On this machine (localhost,
 * 127., [::1]) STARTTLS is used unchecked where it is offered.
 */
struct channel *smtp_open(struct arena *a, struct str url);

#endif
