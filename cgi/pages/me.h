/*
 * A person's own account (member program).
 */
#ifndef PAGES_ME_H
#define PAGES_ME_H

#include "web/reply.h"

/* GET /me: name, address, zone, and where the person is signed in. */
void me_show(struct request *rq, struct reply *rs);

/* POST /me/sessions/:id/end, CSRF_SESSION: signs one of them out. */
void me_session_end(struct request *rq, struct reply *rs);

#endif
