/*
 * Mail addresses: the one rule for those in forms, files, settings and on the
 * wire.  Knows nothing of whose they are.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/str.h"

/* The longest address, in bytes (RFC 5321, with RFC 3696's erratum 1690). */
#define ADDRESS_MAX 254

/*
 * An address this project accepts: a dot-atom, an @ and a domain name, in
 * ASCII, at most ADDRESS_MAX bytes.  Whatever passes can stand in a header
 * and in an SMTP command.
 */
bool address_is_valid(struct str address);

/* What stands right of the @. */
struct str address_domain(struct str address);

#endif
