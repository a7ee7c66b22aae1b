/*
 * Checking in, by a button.
 */
#ifndef PAGES_CHECKIN_H
#define PAGES_CHECKIN_H

#include "web/reply.h"

void checkin_show(struct request *rq, struct reply *rs);
void checkin_press(struct request *rq, struct reply *rs);

#endif
