/*
 * The question after an event, at the mailed link /r/TOKEN (answer program).
 */
#ifndef PAGES_PROMPT_H
#define PAGES_PROMPT_H

#include "pages/link.h"
#include "web/form.h"

/* The form behind the three buttons: status. */
extern const struct form_field prompt_fields[];

/*
 * GET /r/:token: the question, the saved answer, when it is asked again, or
 * why it is not asked.  GET /r/:token/later, which a reload may ask for, is
 * the same page.
 */
void prompt_show(struct request *rq, struct reply *rs);

/* POST /r/:token, CSRF_TOKEN: saves the answer (field status). */
void prompt_answer(struct request *rq, struct reply *rs);

/*
 * POST /r/:token/later, CSRF_TOKEN, no fields: asks again at nine in the
 * morning.  303 to the link, which says when.
 */
void prompt_snooze(struct request *rq, struct reply *rs);

/* Queues what prompt_reply() shows. */
struct rows *prompt_queue(struct request *rq, const struct link *link);

/*
 * The page for the link's state, or the one 404 when there is no row.  status
 * 0 is the state's own; another one says that something was refused, for the
 * reason in wrong, and asks the question while it is open.
 */
void prompt_reply(struct request *rq, struct reply *rs, const struct link *link,
		  const struct rows *prompt, int status, struct str wrong);

/* The link's path, /r/TOKEN, with what comes after it. */
struct str prompt_path(struct request *rq, const struct link *link,
		       const char *after);

#endif
