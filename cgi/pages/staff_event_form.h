/*
 * The one form by which admins make, copy and change events.  Handlers of
 * routes.
 */
#ifndef PAGES_STAFF_EVENT_FORM_H
#define PAGES_STAFF_EVENT_FORM_H

#include "web/router.h"

void staff_event_new(struct request *rq, struct reply *rs);
void staff_event_copy(struct request *rq, struct reply *rs);
void staff_event_make(struct request *rq, struct reply *rs);
void staff_event_edit(struct request *rq, struct reply *rs);
void staff_event_change(struct request *rq, struct reply *rs);

#endif
