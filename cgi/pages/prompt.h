/*
 * The question after an event, at the mailed link /r/TOKEN (answer program).
 */
#ifndef PAGES_PROMPT_H
#define PAGES_PROMPT_H

#include "web/reply.h"

/* GET /r/:token: the question, the saved answer, or why it is not asked. */
void prompt_show(struct request *rq, struct reply *rs);

/* POST /r/:token, CSRF_TOKEN: saves the answer (field status). */
void prompt_answer(struct request *rq, struct reply *rs);

#endif
