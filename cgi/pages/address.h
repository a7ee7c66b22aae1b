/*
 * Another mail address for an account (member program).
 */
#ifndef PAGES_ADDRESS_H
#define PAGES_ADDRESS_H

#include "web/reply.h"

/* GET and POST /me/address: the reply is the same whoever has the address. */
void address_form(struct request *rq, struct reply *rs);
void address_ask(struct request *rq, struct reply *rs);

/* GET /address/:token, WHO_LINK: changes nothing.  410 past its time. */
void address_link(struct request *rq, struct reply *rs);

/* POST /address/:token, CSRF_TOKEN: the address is changed. */
void address_use(struct request *rq, struct reply *rs);

#endif
