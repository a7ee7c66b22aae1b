/*
 * An organisation's own page, and joining it there (member program).
 */
#ifndef PAGES_ORG_H
#define PAGES_ORG_H

#include "web/reply.h"

/*
 * GET /o/:slug: what it is and what is coming, for everybody while the
 * organisation is open, else for its members; 404 for others.
 */
void org_show(struct request *rq, struct reply *rs);

/*
 * POST /o/:slug, CSRF_TOKEN: mails a link to join; the same reply for every
 * address, known or not.
 */
void org_ask(struct request *rq, struct reply *rs);

/* POST /o/:slug/join, CSRF_SESSION: who is signed in joins at once. */
void org_join(struct request *rq, struct reply *rs);

#endif
