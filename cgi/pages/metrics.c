/*
 * What can be measured.  Must not be reached from outside: nginx hands it on
 * from a listener on this machine only.
 */
#include "pages/metrics.h"

#include "query/run.h"
#include "web/page.h"

void metrics_show(struct request *rq, struct reply *rs)
{
	struct rows *rows = query_metrics(rq->app->db, rq->arena);

	if (!page_run(rq, rs))
		return;
	reply_plain(rs, query_metrics_body(rows, 0));
	rs->content_type = STR("text/plain; version=0.0.4; charset=utf-8");
}
