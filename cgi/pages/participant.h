/*
 * The participants of an event, whom staff look up and correct.
 */
#ifndef PAGES_PARTICIPANT_H
#define PAGES_PARTICIPANT_H

#include "web/reply.h"

void participant_list(struct request *rq, struct reply *rs);
/* Of the list: those who are ticked, or all on the page. */
void participant_correct(struct request *rq, struct reply *rs);
void participant_show(struct request *rq, struct reply *rs);
void participant_correct_one(struct request *rq, struct reply *rs);

#endif
