/*
 * A person's own answer about one event: given, changed, added to, and who
 * sees it (member program).
 */
#ifndef PAGES_ANSWER_H
#define PAGES_ANSWER_H

#include "web/reply.h"

/*
 * GET /history/:event: the answer, or the question while it is open and not
 * answered, or asked again (?change=1).
 */
void answer_show(struct request *rq, struct reply *rs);
/* POST /history/:event, CSRF_SESSION: saves the answer (field status). */
void answer_give(struct request *rq, struct reply *rs);

/* GET /history/:event/feedback: how it was, filled with what was said. */
void answer_feedback(struct request *rq, struct reply *rs);
/* POST, CSRF_SESSION: saves it, as feedback_give() does. */
void answer_feedback_give(struct request *rq, struct reply *rs);

/*
 * POST /history/:event/sharing, CSRF_SESSION: the two switches, on when their
 * fields show_on_profile and show_to_other_orgs came with the form.
 */
void answer_share(struct request *rq, struct reply *rs);

#endif
