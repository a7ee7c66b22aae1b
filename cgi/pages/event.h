/*
 * Events as members see them (member program).
 */
#ifndef PAGES_EVENT_H
#define PAGES_EVENT_H

#include "web/reply.h"

/* GET /events: from 14 days back, the next first. */
void event_list(struct request *rq, struct reply *rs);

/*
 * GET /events/:id: one event; records that it was seen, but not for HEAD or
 * a prefetch.
 */
void event_show(struct request *rq, struct reply *rs);

/* POST /events/:id/register and /events/:id/withdraw, CSRF_SESSION. */
void event_register(struct request *rq, struct reply *rs);
void event_withdraw(struct request *rq, struct reply *rs);

#endif
