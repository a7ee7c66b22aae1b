/*
 * The link of a shift's reminder, /s/TOKEN (answer program): its person can
 * say what there is to say without signing in.
 */
#ifndef PAGES_SHIFT_LINK_H
#define PAGES_SHIFT_LINK_H

#include "web/reply.h"

/* GET /s/:token: the shift and its buttons, or that it is over; or 404. */
void shift_link_show(struct request *rq, struct reply *rs);

/* GET /s/:token/decline: asks before it is said that they cannot come. */
void shift_link_decline(struct request *rq, struct reply *rs);

/* POST /s/:token, CSRF_TOKEN: one of the buttons (pages/shift_press.h). */
void shift_link_press(struct request *rq, struct reply *rs);

#endif
