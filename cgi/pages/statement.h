/*
 * The standing pages (member program): help, privacy, accessibility.
 */
#ifndef PAGES_STATEMENT_H
#define PAGES_STATEMENT_H

#include "web/reply.h"

/* GET /help, /privacy, /accessibility: for anyone, signed in or not. */
void statement_help(struct request *rq, struct reply *rs);
void statement_privacy(struct request *rq, struct reply *rs);
void statement_accessibility(struct request *rq, struct reply *rs);

#endif
