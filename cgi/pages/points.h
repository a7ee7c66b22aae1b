/*
 * A person's points, and what they were given for.
 */
#ifndef PAGES_POINTS_H
#define PAGES_POINTS_H

#include "web/reply.h"

void points_list(struct request *rq, struct reply *rs);

#endif
