/*
 * The one form by which admins make and change shifts.  Handlers of routes.
 */
#ifndef PAGES_STAFF_SHIFT_FORM_H
#define PAGES_STAFF_SHIFT_FORM_H

#include "web/router.h"

void staff_shift_new(struct request *rq, struct reply *rs);
void staff_shift_make(struct request *rq, struct reply *rs);
void staff_shift_edit(struct request *rq, struct reply *rs);
void staff_shift_change(struct request *rq, struct reply *rs);

#endif
