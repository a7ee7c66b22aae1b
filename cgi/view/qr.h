/*
 * QR codes as pages and mails show them, both with the quiet zone of four
 * modules that readers need.  Knows not what they are for.
 */
#ifndef VIEW_QR_H
#define VIEW_QR_H

#include "base/qr.h"
#include "view/value.h"

/*
 * For template part_qr: an object with size (modules a side, the quiet zone
 * with them) and path (the dark ones, as the d of an SVG path).  In the arena.
 */
struct value qr_picture(struct arena *a, const struct qr *qr);

/*
 * Lines of UTF-8 that end in LF, two rows of modules in each by half blocks:
 * for text in letters of one width, dark on light.  In the arena.
 */
struct str qr_lines(struct arena *a, const struct qr *qr);

#endif
