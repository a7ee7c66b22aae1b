/*
 * HTML escaping, in one place.
 */
#ifndef VIEW_HTML_H
#define VIEW_HTML_H

#include "base/buf.h"

/* Adds s with & < > " ' as entities: safe in text and quoted attributes. */
void html_escape(struct buf *out, struct str s);

#endif
