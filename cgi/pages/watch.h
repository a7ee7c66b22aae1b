/*
 * Responders' pages about those who are watched over.
 */
#ifndef PAGES_WATCH_H
#define PAGES_WATCH_H

#include "web/reply.h"

void watch_board(struct request *rq, struct reply *rs);
void watch_show(struct request *rq, struct reply *rs);
void watch_press(struct request *rq, struct reply *rs);

#endif
