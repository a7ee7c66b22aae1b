/*
 * Calendars that admins hand in (staff program); pages/upload.h goes on.
 */
#ifndef PAGES_IMPORT_H
#define PAGES_IMPORT_H

#include "web/reply.h"

/* GET /staff/:org/import: the form, and what waits or was imported lately. */
void import_show(struct request *rq, struct reply *rs);

/*
 * POST /staff/:org/import, CSRF_FILE: reads the file, tries it out and keeps
 * it; to its page.  A file that is no calendar: 422, with the line.
 */
void import_look(struct request *rq, struct reply *rs);

#endif
