/*
 * What was decided about a person's own messages: why each came, or did not.
 */
#ifndef PAGES_DECISION_H
#define PAGES_DECISION_H

#include "web/reply.h"

void decision_list(struct request *rq, struct reply *rs);

#endif
