/*
 * A person's own account (member program): who they are here, in which
 * organisations, and where they are signed in.
 */
#ifndef PAGES_ME_H
#define PAGES_ME_H

#include "web/reply.h"

/* GET /me: all of it, with the ways to what can be set. */
void me_show(struct request *rq, struct reply *rs);

/* POST /me/sessions/:id/end, CSRF_SESSION: signs one of them out. */
void me_session_end(struct request *rq, struct reply *rs);

/* GET and POST /me/name. */
void me_name(struct request *rq, struct reply *rs);
void me_name_save(struct request *rq, struct reply *rs);

#endif
