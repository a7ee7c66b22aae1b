/*
 * People whom a team brings in (staff program): by a file into the
 * organisation or to an event, or picked among the members for an event.
 */
#ifndef PAGES_ENROLL_H
#define PAGES_ENROLL_H

#include "web/reply.h"

/* /staff/:org/people/import: the file's form; CSRF_FILE: looks at it. */
void enroll_file(struct request *rq, struct reply *rs);
void enroll_file_look(struct request *rq, struct reply *rs);

/* /staff/:org/events/:id/people/import: the same, for an event. */
void enroll_event_file(struct request *rq, struct reply *rs);
void enroll_event_file_look(struct request *rq, struct reply *rs);

/* /staff/:org/events/:id/people/add: ticking members; registers them. */
void enroll_pick(struct request *rq, struct reply *rs);
void enroll_add(struct request *rq, struct reply *rs);

/* The numbers of those who are ticked, as a JSON array. */
struct str enroll_ticks(const struct request *rq);

#endif
