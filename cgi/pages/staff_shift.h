/*
 * An organisation's shifts as its staff see and fill them.  Handlers of
 * routes.
 */
#ifndef PAGES_STAFF_SHIFT_H
#define PAGES_STAFF_SHIFT_H

#include "web/router.h"

void staff_shift_list(struct request *rq, struct reply *rs);
void staff_shift_show(struct request *rq, struct reply *rs);
/* One button for one person: who came, went, is late, cannot come. */
void staff_shift_press(struct request *rq, struct reply *rs);
/* GET finds people, POST assigns those who are ticked. */
void staff_shift_pick(struct request *rq, struct reply *rs);
void staff_shift_assign(struct request *rq, struct reply *rs);
/* GET asks whether it is meant, POST does it. */
void staff_shift_cancel_ask(struct request *rq, struct reply *rs);
void staff_shift_cancel(struct request *rq, struct reply *rs);

/* The path of a shift's page, with a query behind it or "". */
struct str staff_shift_path(struct request *rq, int64_t id, const char *query);

#endif
