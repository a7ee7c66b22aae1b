/*
 * What staff are told about an event and about their organisation.
 */
#ifndef PAGES_REPORT_H
#define PAGES_REPORT_H

#include "web/reply.h"

/* GET /staff/:org/events/:id/report, and its table as a file */
void report_event(struct request *rq, struct reply *rs);
void report_event_file(struct request *rq, struct reply *rs);

/*
 * GET /staff/:org/events/:id/participants.csv?show=absent: whoever has that
 * word of the door, without one everybody.
 */
void report_people_file(struct request *rq, struct reply *rs);

/* GET /staff/:org/report?days=30, and each of its tables as a file */
void report_org(struct request *rq, struct reply *rs);
void report_trend_file(struct request *rq, struct reply *rs);
void report_answers_file(struct request *rq, struct reply *rs);
void report_events_file(struct request *rq, struct reply *rs);

#endif
