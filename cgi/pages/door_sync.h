/*
 * What a device at the door sends when it reaches us, and gets back (staff
 * program).
 */
#ifndef PAGES_DOOR_SYNC_H
#define PAGES_DOOR_SYNC_H

#include "web/reply.h"

/*
 * POST /staff/:org/events/:id/door/sync, CSRF_SESSION: a form with the device,
 * the contact it holds, whether it wants the whole list, and its attempts as a
 * JSON array.  The reply is JSON.
 */
void door_sync(struct request *rq, struct reply *rs);

#endif
