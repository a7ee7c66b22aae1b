/*
 * Where a list of attendance goes on: after the last row's start and event.
 * Knows no page.
 */
#ifndef PAGES_CURSOR_H
#define PAGES_CURSOR_H

#include "web/request.h"

/* As queries take it: both NULL on the first page. */
struct cursor {
	const int64_t *before; /* microseconds since 1970 */
	const int64_t *event;
};

/*
 * What the address says (?before=..&event=..); the first page when that is no
 * place in any list.  Lives as long as the request.
 */
struct cursor cursor_read(struct request *rq);

/* The address's query string for the rows after that one. */
struct str cursor_next(struct arena *a, int64_t before, int64_t event);

#endif
