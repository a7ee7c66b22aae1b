/*
 * Checking in by a mailed link.
 */
#ifndef PAGES_CHECKIN_LINK_H
#define PAGES_CHECKIN_LINK_H

#include "web/reply.h"

void checkin_link_show(struct request *rq, struct reply *rs);
void checkin_link_press(struct request *rq, struct reply *rs);

#endif
