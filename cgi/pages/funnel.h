/*
 * What became of an event's questions, and what people said of it.
 */
#ifndef PAGES_FUNNEL_H
#define PAGES_FUNNEL_H

#include "data/db.h"
#include "view/value.h"
#include "web/reply.h"

void funnel_show(struct request *rq, struct reply *rs);
/* Each of its tables as a file. */
void funnel_answers_file(struct request *rq, struct reply *rs);
void funnel_ratings_file(struct request *rq, struct reply *rs);
void funnel_feedback_file(struct request *rq, struct reply *rs);

/*
 * What the report has of it too: where the words go on (funnel_comments);
 * absent: there are no more.
 */
struct str funnel_next(struct arena *a, const struct rows *comments);

#endif
