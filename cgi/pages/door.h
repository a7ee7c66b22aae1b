/*
 * The door of an event: finding people, checking them in, letting in who did
 * not register; and the code of a registration, which leads there.
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
/* /c/TOKEN: to the door for who has it, to the ticket for its holder. */
void door_code(struct request *rq, struct reply *rs);

#endif
