/*
 * What most handlers need: the one round trip, and what to do when the
 * database, the session or the function behind it said no.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "web/reply.h"

/*
 * Called by the router before a handler: asks who is looking, so that it
 * comes with the page's own queries.  False when a reply has been made: to
 * /signin, for a route that needs a session and came without a cookie.
 */
bool page_begin(struct request *rq, struct reply *rs);

/*
 * The number in the path's first :name, which in the routes of a team comes
 * after the organisation's.  False when a reply has been made: 404, when it
 * is not one over 0.
 */
bool page_number(struct request *rq, struct reply *rs, int64_t *out);

/*
 * Sends everything queued and waits once.  False when a reply has been made
 * instead of the page: 503 when the database is away; 303 to /signin when a
 * function raised 401 or, where a session is needed, the cookie opens nothing;
 * page_absent() without the route's role, or when a function raised 404; the
 * refusal's problem page when it raised another.
 */
bool page_run(struct request *rq, struct reply *rs);

/*
 * There is no such thing, or not for this person: the same 404 for both.  In
 * the routes of a team it is logged who asked.
 */
void page_absent(struct request *rq, struct reply *rs);

/* The short name of the organisation that a team's route is about. */
struct str page_org(const struct request *rq);

/*
 * As page_run(), but a refusal of status 422, 425, 409 or 410 is left to the
 * handler: true, and *refusal is not NULL, else it is.  After a refusal the
 * database is ready for another page_run(), which brings the viewer again:
 * queue what the page shows.
 */
bool page_post(struct request *rq, struct reply *rs,
	       const struct db_refusal **refusal);

#endif
