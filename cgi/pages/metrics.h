/*
 * What can be measured of the installation (staff program, by a listener of
 * its own).
 */
#ifndef PAGES_METRICS_H
#define PAGES_METRICS_H

#include "web/reply.h"

/* GET /metrics: counts and times as Prometheus reads them. */
void metrics_show(struct request *rq, struct reply *rs);

#endif
