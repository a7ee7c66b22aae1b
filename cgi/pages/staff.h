/*
 * Where staff begin: their organisations, and one of them (staff program).
 */
#ifndef PAGES_STAFF_H
#define PAGES_STAFF_H

#include "web/reply.h"

/* GET /staff: the only organisation at once, else a choice. */
void staff_choose(struct request *rq, struct reply *rs);

/* GET /staff/:org: what can be done here. */
void staff_home(struct request *rq, struct reply *rs);

#endif
