/*
 * Marking those absent whom nobody marked, and taking that back.
 */
#ifndef PAGES_ABSENCE_H
#define PAGES_ABSENCE_H

#include "web/reply.h"

void absence_show(struct request *rq, struct reply *rs);
void absence_start(struct request *rq, struct reply *rs);
/* Where it was asked first: nobody is to be marked. */
void absence_decline(struct request *rq, struct reply *rs);
void absence_take_back(struct request *rq, struct reply *rs);

#endif
