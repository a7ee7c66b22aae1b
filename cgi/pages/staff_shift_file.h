/*
 * Shifts that an admin brings in by a file.  Handlers of routes.
 */
#ifndef PAGES_STAFF_SHIFT_FILE_H
#define PAGES_STAFF_SHIFT_FILE_H

#include "web/router.h"

void staff_shift_file(struct request *rq, struct reply *rs);
void staff_shift_file_look(struct request *rq, struct reply *rs);

#endif
