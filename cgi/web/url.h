/*
 * Percent-decoding and form fields, by the URL standard's
 * application/x-www-form-urlencoded and RFC 3986.
 */
#ifndef WEB_URL_H
#define WEB_URL_H

#include "base/str.h"

/* Decodes %XX; false for a malformed escape.  plus: '+' means a blank. */
bool url_decode(struct arena *a, struct str s, bool plus, struct str *out);

/* Percent-encodes everything but unreserved characters. */
struct str url_encode(struct arena *a, struct str s);

/*
 * Whether a browser sent to s stays with us: one '/' at its start, not two,
 * no backslash, printable ASCII only, at most 1,000 bytes.
 */
bool url_is_own(struct str s);

/*
 * Takes the next name=value pair from *rest, decoded; false at the end.
 * *bad is set when either could not be decoded; then value is as sent.
 */
bool url_next_pair(struct arena *a, struct str *rest, struct str *name,
		   struct str *value, bool *bad);

#endif
