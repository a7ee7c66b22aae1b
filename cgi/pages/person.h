/*
 * The people of an organisation, and what its admins do about them (staff
 * program).
 */
#ifndef PAGES_PERSON_H
#define PAGES_PERSON_H

#include "web/reply.h"

/* GET /staff/:org/people?q=WORDS&after=ID */
void person_list(struct request *rq, struct reply *rs);

/* GET and POST /staff/:org/people/add */
void person_new(struct request *rq, struct reply *rs);
void person_add(struct request *rq, struct reply *rs);

/* GET /staff/:org/people/:id */
void person_show(struct request *rq, struct reply *rs);

/*
 * GET /staff/:org/people/:id/answers: where the door and they say they were,
 * 50 a page; ?before=..&event=.. goes on where one ended.  And as a file.
 */
void person_answers(struct request *rq, struct reply *rs);
void person_file(struct request *rq, struct reply *rs);

/* POST /staff/:org/people/:id/role, /responder, /remove and /mail */
void person_role(struct request *rq, struct reply *rs);
void person_responder(struct request *rq, struct reply *rs);
void person_remove(struct request *rq, struct reply *rs);
void person_mail(struct request *rq, struct reply *rs);

#endif
