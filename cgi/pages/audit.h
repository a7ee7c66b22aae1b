/*
 * The audit of an organisation's attendance, as its staff read it.
 */
#ifndef PAGES_AUDIT_H
#define PAGES_AUDIT_H

#include "web/reply.h"

/* Both are logged: who read the audit is known. */
void audit_show(struct request *rq, struct reply *rs);
void audit_file(struct request *rq, struct reply *rs);

#endif
