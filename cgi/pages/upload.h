/*
 * Files that staff hand in, calendars and lists of people: looked at first,
 * then imported or thrown away.
 */
#ifndef PAGES_UPLOAD_H
#define PAGES_UPLOAD_H

#include "web/reply.h"

/*
 * An import may take longer than a page's statement, and much memory in the
 * server and in libpq: between begin and end the request has a connection of
 * its own, which is closed then.
 */
struct patience {
	struct app app;
	const struct app *lent;
};

void patience_begin(struct request *rq, struct patience *patience);
void patience_end(struct request *rq, struct patience *patience);

/* As page_post(), on that connection. */
bool patience_post(struct request *rq, struct reply *rs,
		   const struct db_refusal **refusal);

/* Sends the browser to the page of that one; note begins with ?, or is "". */
void upload_reply(struct request *rq, struct reply *rs, int64_t id,
		  const char *note);

/* GET /staff/:org/import/:id: what would become of it, or what became of it. */
void upload_page(struct request *rq, struct reply *rs);

/*
 * POST /staff/:org/import/:id and /staff/:org/import/:id/discard,
 * CSRF_SESSION: does it, once, or throws it away.
 */
void upload_confirm(struct request *rq, struct reply *rs);
void upload_discard(struct request *rq, struct reply *rs);

#endif
