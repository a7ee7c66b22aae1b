/*
 * A person's inbox: what they were told and can read later.
 */
#ifndef PAGES_INBOX_H
#define PAGES_INBOX_H

#include "web/reply.h"

void inbox_list(struct request *rq, struct reply *rs);
void inbox_read(struct request *rq, struct reply *rs);
/* Up to the field last: what came since stays unread. */
void inbox_read_all(struct request *rq, struct reply *rs);

#endif
