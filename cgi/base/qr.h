/*
 * QR codes: the only user of libqrencode.  Knows not what the text is, nor
 * how its code is drawn.
 */
#ifndef BASE_QR_H
#define BASE_QR_H

#include "base/str.h"

/* size rows of size modules each: true is dark.  No quiet zone around it. */
struct qr {
	int size;
	const bool *dark;
};

/*
 * The smallest code that holds the text, in the arena.  False when there is
 * none: an empty text, one with a NUL, or more than 2,331 bytes.
 */
bool qr_make(struct arena *a, struct str text, struct qr *qr);

#endif
