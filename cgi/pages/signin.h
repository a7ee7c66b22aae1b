/*
 * Signing in by a mailed link, and out (member program).  The same link may
 * make its holder a member of an organisation.
 */
#ifndef PAGES_SIGNIN_H
#define PAGES_SIGNIN_H

#include "web/reply.h"

/*
 * What limits are counted by, so that no unknown address is kept: a keyed hash
 * of the address in small letters.
 */
struct str signin_address_hash(struct request *rq, struct str email);

/* GET /signin: asks for the address. */
void signin_form(struct request *rq, struct reply *rs);

/*
 * POST /signin, CSRF_TOKEN: asks for a link; the same reply for every address,
 * known or not.
 */
void signin_ask(struct request *rq, struct reply *rs);

/* GET /signin/:token: who signs in, and the button that does it. */
void signin_link(struct request *rq, struct reply *rs);

/* POST /signin/:token, CSRF_TOKEN: uses the link up and starts the session. */
void signin_use(struct request *rq, struct reply *rs);

/* POST /signout, CSRF_SESSION: ends this session. */
void signin_out(struct request *rq, struct reply *rs);

#endif
