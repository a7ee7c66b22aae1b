/*
 * Where a list that is ordered by time goes on: after the last row's moment
 * and number, of attendance its event's.  Knows no page.
 */
#ifndef PAGES_CURSOR_H
#define PAGES_CURSOR_H

#include "web/request.h"

/* As queries take it: both NULL on the first page. */
struct cursor {
	const int64_t *at; /* microseconds since 1970 */
	const int64_t *event;
};

/*
 * What the address says, such as ?before=..&event=.. with name "before"; the
 * first page when that is no place in any list.  Lives as long as the request.
 */
struct cursor cursor_read(struct request *rq, const char *name);

/* The address's query string for the rows after that one. */
struct str cursor_next(struct arena *a, const char *name, int64_t at,
		       int64_t event);

#endif
