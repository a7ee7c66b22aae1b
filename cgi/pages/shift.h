/*
 * A member's shifts: theirs, and those that fellow members offer (member
 * program).
 */
#ifndef PAGES_SHIFT_H
#define PAGES_SHIFT_H

#include "web/reply.h"

/*
 * GET /shifts, ?before= and ?event= of the last row: what comes, what is
 * offered, what is over; further pages of what is over.
 */
void shift_list(struct request *rq, struct reply *rs);

/* GET /shifts/:id: one of theirs, or one that is offered; else 404. */
void shift_show(struct request *rq, struct reply *rs);

/* POST /shifts/:id: one of the buttons (pages/shift_press.h). */
void shift_press(struct request *rq, struct reply *rs);

/* GET /shifts/:id/decline: asks before it is said that they cannot come. */
void shift_decline(struct request *rq, struct reply *rs);

/* POST /shifts/:id/offer and /withdraw: to fellow members, and not any more. */
void shift_offer(struct request *rq, struct reply *rs);
void shift_withdraw(struct request *rq, struct reply *rs);

/* POST /shifts/:id/take, anyway=yes when an overlap was shown before. */
void shift_take(struct request *rq, struct reply *rs);

#endif
