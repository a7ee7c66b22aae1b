/*
 * How somebody who agreed to check in is doing, and what they set about it.
 */
#ifndef PAGES_DASHBOARD_H
#define PAGES_DASHBOARD_H

#include "web/reply.h"

void dashboard_show(struct request *rq, struct reply *rs);
void dashboard_settings(struct request *rq, struct reply *rs);
void dashboard_settings_save(struct request *rq, struct reply *rs);
void dashboard_pause(struct request *rq, struct reply *rs);
void dashboard_resume(struct request *rq, struct reply *rs);
void dashboard_stop_ask(struct request *rq, struct reply *rs);
void dashboard_stop(struct request *rq, struct reply *rs);

#endif
