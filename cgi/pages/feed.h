/*
 * A person's calendar for other programs: its address at /me/calendar, and
 * what that opens (member program).
 */
#ifndef PAGES_FEED_H
#define PAGES_FEED_H

#include "web/reply.h"

/* GET /me/calendar: the address, or that there is none. */
void feed_show(struct request *rq, struct reply *rs);

/* POST /me/calendar: press=make, renew or revoke. */
void feed_press(struct request *rq, struct reply *rs);

/*
 * GET /feed/:token, which ends in .ics: the calendar, or 304 for who has it as
 * it is.
 */
void feed_read(struct request *rq, struct reply *rs);

#endif
