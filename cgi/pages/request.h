/*
 * People whom the door has as absent and who say that they were there: staff
 * decide.
 */
#ifndef PAGES_REQUEST_H
#define PAGES_REQUEST_H

#include "web/reply.h"

void request_list(struct request *rq, struct reply *rs);
void request_show(struct request *rq, struct reply *rs);
void request_decide(struct request *rq, struct reply *rs);

#endif
