/*
 * Stopping the questions of one org, or a category of its other mail, at the
 * mailed link /u/TOKEN (answer program).
 */
#ifndef PAGES_UNSUBSCRIBE_H
#define PAGES_UNSUBSCRIBE_H

#include "web/reply.h"

/* GET /u/:token: what would stop, and the button that stops it. */
void unsubscribe_show(struct request *rq, struct reply *rs);

/*
 * POST /u/:token, CSRF_ONE_CLICK: stops.  The body List-Unsubscribe=One-Click
 * of a mail provider gets 200, the form of unsubscribe_show() 303.
 */
void unsubscribe_stop(struct request *rq, struct reply *rs);

#endif
