/*
 * An organisation's messages, as its team reads them: what became of each, and
 * what comes next.  Opening any of these is logged.
 */
#ifndef PAGES_STAFF_MESSAGE_H
#define PAGES_STAFF_MESSAGE_H

#include "web/reply.h"

void staff_message_list(struct request *rq, struct reply *rs);
void staff_message_file(struct request *rq, struct reply *rs);
/* Puts a refused one in line once more. */
void staff_message_again(struct request *rq, struct reply *rs);

#endif
