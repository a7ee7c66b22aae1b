/*
 * A member's own registration and its code, which the door scans.
 */
#ifndef PAGES_TICKET_H
#define PAGES_TICKET_H

#include "web/reply.h"

void ticket_show(struct request *rq, struct reply *rs);
/* Makes another code; the one before opens nothing any more. */
void ticket_renew(struct request *rq, struct reply *rs);

#endif
