/*
 * Where the door and the people's own answers disagree, and what staff decide.
 */
#ifndef PAGES_MISMATCH_H
#define PAGES_MISMATCH_H

#include "web/reply.h"

/*
 * GET /staff/:org/mismatches?show=decided&event=ID: 50 a page, ?before=ID goes
 * on where one ended.
 */
void mismatch_list(struct request *rq, struct reply *rs);
/* GET /staff/:org/mismatches.csv?show=decided */
void mismatch_file(struct request *rq, struct reply *rs);
/* POST /staff/:org/mismatches/:id */
void mismatch_decide(struct request *rq, struct reply *rs);

#endif
