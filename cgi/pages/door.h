/*
 * The door of an event: finding people, checking them in, letting in who did
 * not register.
 */
#ifndef PAGES_DOOR_H
#define PAGES_DOOR_H

#include "web/reply.h"

void door_show(struct request *rq, struct reply *rs);
/* One press, or a tick list. */
void door_record(struct request *rq, struct reply *rs);
/* All who are not marked yet, to be ticked. */
void door_group(struct request *rq, struct reply *rs);
/* Somebody new, let in at once. */
void door_new(struct request *rq, struct reply *rs);
void door_add(struct request *rq, struct reply *rs);

#endif
