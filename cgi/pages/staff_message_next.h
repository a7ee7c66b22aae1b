/*
 * What an organisation will send, and to whom it sends nothing.
 */
#ifndef PAGES_STAFF_MESSAGE_NEXT_H
#define PAGES_STAFF_MESSAGE_NEXT_H

#include "web/reply.h"

/* What waits, and what will be planned within 72 hours. */
void staff_message_next(struct request *rq, struct reply *rs);
/* Holds a category back, and lets it go: reads category, and reason. */
void staff_message_pause(struct request *rq, struct reply *rs);
void staff_message_resume(struct request *rq, struct reply *rs);
/* People whose address refused mail for good. */
void staff_message_addresses(struct request *rq, struct reply *rs);

#endif
