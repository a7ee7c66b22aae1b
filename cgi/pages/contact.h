/*
 * Whom somebody named to be told when they stay silent.
 */
#ifndef PAGES_CONTACT_H
#define PAGES_CONTACT_H

#include "web/reply.h"

void contact_list(struct request *rq, struct reply *rs);
void contact_add(struct request *rq, struct reply *rs);
void contact_press(struct request *rq, struct reply *rs);

#endif
