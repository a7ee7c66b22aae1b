/*
 * Fellow members: whom a person finds, and what those let them see (member
 * program).
 */
#ifndef PAGES_FELLOW_H
#define PAGES_FELLOW_H

#include "web/reply.h"

/*
 * GET /people: fellow members by name, 50 a page; ?q= those with words in their
 * names that begin so; ?after=ID goes on where one ended.
 */
void fellow_list(struct request *rq, struct reply *rs);

/* GET /people/:id: one person, and where they were, 50 a page. */
void fellow_show(struct request *rq, struct reply *rs);

#endif
