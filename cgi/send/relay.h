/*
 * What a server's address (SMTP_URL, PUSH_URL) says of the way to it.  Knows
 * no libcurl.
 */
#ifndef SEND_RELAY_H
#define SEND_RELAY_H

#include "base/str.h"

/* Without TLS nothing is sent: a password never crosses a network in clear. */
bool relay_needs_tls(struct str url);

/*
 * Where TLS is used the certificate must be good.  On this machine (localhost,
 * 127.x.x.x, [::1]) it names nobody that anybody could check.
 */
bool relay_needs_certificate(struct str url);

#endif
