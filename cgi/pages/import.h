/*
 * Calendars that admins hand in: looked at first, then imported or thrown
 * away (staff program).
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

/* GET /staff/:org/import/:id: what would become of it, or what became of it. */
void import_page(struct request *rq, struct reply *rs);

/*
 * POST /staff/:org/import/:id and /staff/:org/import/:id/discard,
 * CSRF_SESSION: does it, once, or throws it away.
 */
void import_confirm(struct request *rq, struct reply *rs);
void import_discard(struct request *rq, struct reply *rs);

#endif
