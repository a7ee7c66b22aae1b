/*
 * Reads a multipart/form-data body (RFC 7578, RFC 2046) as browsers send it,
 * and nothing looser.  Knows no request and no field.
 */
#ifndef WEB_MULTIPART_H
#define WEB_MULTIPART_H

#include "base/str.h"

#define MULTIPART_PARTS_MAX 40
#define MULTIPART_TEXT_MAX ((ptrdiff_t)64 * 1024) /* of all text fields */

struct multipart_part {
	struct str name;
	struct str filename; /* absent: a text field */
	struct str bytes;    /* in the body itself, as sent */
};

/* In the order of the body. */
struct multipart {
	int count;
	struct multipart_part parts[MULTIPART_PARTS_MAX];
};

/* Whether a Content-Type says that a body is of this kind. */
bool multipart_is(struct str content_type);

/*
 * Reads a whole body.  NULL for one that does not follow the standards to the
 * letter: no boundary, or one that is not allowed; text before the first part
 * or after the last; a part without its one Content-Disposition, which is
 * form-data with a name of at most 200 bytes; headers of a part over 2,000
 * bytes; a transfer encoding; the boundary within a part; no final boundary;
 * more than MULTIPART_PARTS_MAX parts, or MULTIPART_TEXT_MAX bytes of text.
 * Names and file names are decoded
 * (%22, %0D and %0A, backslash before a quote), made in the arena and any
 * bytes but NUL, CR and LF as sent.
 */
struct multipart *multipart_read(struct arena *a, struct str content_type,
				 struct str body);

#endif
