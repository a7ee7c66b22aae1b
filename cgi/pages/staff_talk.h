/*
 * What responders write with a member.
 */
#ifndef PAGES_STAFF_TALK_H
#define PAGES_STAFF_TALK_H

#include "web/reply.h"

void staff_talk_list(struct request *rq, struct reply *rs);
void staff_talk_show(struct request *rq, struct reply *rs);
void staff_talk_say(struct request *rq, struct reply *rs);
void staff_talk_read(struct request *rq, struct reply *rs);

#endif
