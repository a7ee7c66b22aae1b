/*
 * An organisation's events as its staff see them, and the steps of their life
 * that an admin takes.  Handlers of routes.
 */
#ifndef PAGES_STAFF_EVENT_H
#define PAGES_STAFF_EVENT_H

#include "web/router.h"

void staff_event_list(struct request *rq, struct reply *rs);
void staff_event_show(struct request *rq, struct reply *rs);
void staff_event_publish(struct request *rq, struct reply *rs);
void staff_event_resume(struct request *rq, struct reply *rs);
/* GET asks whether it is meant, POST does it. */
void staff_event_cancel_ask(struct request *rq, struct reply *rs);
void staff_event_cancel(struct request *rq, struct reply *rs);
void staff_event_delete_ask(struct request *rq, struct reply *rs);
void staff_event_delete(struct request *rq, struct reply *rs);

/* The path of an event's page, with a query behind it or "". */
struct str staff_event_path(struct request *rq, int64_t id, struct str query);

#endif
