/*
 * The events a person was asked about, and what they said (member program).
 */
#ifndef PAGES_HISTORY_H
#define PAGES_HISTORY_H

#include "web/reply.h"

/*
 * GET /history: what waits to be answered, then own rows, 50 a page;
 * ?before=..&event=.. goes on where one ended.
 */
void history_list(struct request *rq, struct reply *rs);

#endif
