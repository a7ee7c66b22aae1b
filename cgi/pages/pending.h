/*
 * The questions that wait for a person, answered on the spot (member program).
 */
#ifndef PAGES_PENDING_H
#define PAGES_PENDING_H

#include "web/reply.h"

/* GET /prompts: the questions, and nothing else. */
void pending_list(struct request *rq, struct reply *rs);

/*
 * POST /prompts/:id, CSRF_SESSION: saves the answer (field status).  303 to
 * the event's own page for who was there, which asks how it was, else back to
 * where it was pressed (field back: history, or the list).
 */
void pending_answer(struct request *rq, struct reply *rs);

/* POST /prompts/:id/later, CSRF_SESSION: asks again at nine in the morning. */
void pending_later(struct request *rq, struct reply *rs);

#endif
