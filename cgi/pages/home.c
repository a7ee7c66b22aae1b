/*
 * What this is, for who comes without a link.
 */
#include "pages/home.h"

#include "web/page.h"

void home_show(struct request *rq, struct reply *rs)
{
	if (!page_run(rq, rs))
		return;
	if (rq->viewer && rows_count(rq->viewer) > 0)
		reply_see(rq, rs, STR("/events"));
	else
		reply_page(rq, rs, 200, "home_page", NULL);
}
