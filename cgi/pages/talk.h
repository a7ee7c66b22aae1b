/*
 * What a member writes with an organisation's responders.
 */
#ifndef PAGES_TALK_H
#define PAGES_TALK_H

#include "web/reply.h"

void talk_list(struct request *rq, struct reply *rs);
void talk_show(struct request *rq, struct reply *rs);
void talk_say(struct request *rq, struct reply *rs);
void talk_read(struct request *rq, struct reply *rs);

#endif
