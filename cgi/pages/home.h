/*
 * The landing page (member program).
 */
#ifndef PAGES_HOME_H
#define PAGES_HOME_H

#include "web/reply.h"

/* GET /: what this is; to /events for who is signed in. */
void home_show(struct request *rq, struct reply *rs);

#endif
