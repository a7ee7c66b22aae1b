/*
 * How it was: what people who were at an event say of it, behind the same
 * mailed link as the question (answer program).
 */
#ifndef PAGES_FEEDBACK_H
#define PAGES_FEEDBACK_H

#include "web/form.h"
#include "web/reply.h"

/* The form: rating (required, one digit) and feedback (a text). */
extern const struct form_field feedback_fields[];

/* The same form with what a row's feedback_rating and feedback_text say. */
struct form feedback_said(const struct rows *row);
/* The rating of a form that was read. */
int64_t feedback_rating(const struct form *form);

/*
 * GET /r/:token/feedback: the form with what was said before; for who may not
 * say it, the link's page as at /r/:token.
 */
void feedback_show(struct request *rq, struct reply *rs);

/*
 * POST /r/:token/feedback, CSRF_TOKEN: saves rating (1 to 5) and feedback (up
 * to 2,000 characters, may be empty) over what was there.
 */
void feedback_give(struct request *rq, struct reply *rs);

#endif
