/*
 * Stopping an organisation's questions, signed out.  Mail scanners open links:
 * looking changes nothing, a press or a mail provider's post does.
 */
#include "pages/unsubscribe.h"

#include "pages/link.h"
#include "query/unsubscribe.h"
#include "view/rows.h"
#include "web/page.h"

static void reply_stop(struct request *rq, struct reply *rs,
		       const char *template, const struct rows *stop)
{
	const struct value_field page[] = {
		{"stop", row_value(stop, 0)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, template, page);
}

void unsubscribe_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_UNSUBSCRIBE, &link))
		return;
	struct rows *stop = query_unsubscribe_link(rq->app->db, rq->arena,
						   link.row, link.generation);
	if (!page_run(rq, rs))
		return;
	if (rows_count(stop) == 0)
		reply_problem(rq, rs, 404, STR(""));
	else if (str_equal(query_unsubscribe_link_frequency(stop, 0),
			   STR("none")))
		reply_stop(rq, rs, "unsubscribe_done", stop);
	else
		reply_stop(rq, rs, "unsubscribe_ask", stop);
}

void unsubscribe_stop(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_UNSUBSCRIBE, &link))
		return;
	struct rows *stop = query_unsubscribe(rq->app->db, rq->arena, link.row,
					      link.generation);
	if (!page_run(rq, rs))
		return;
	if (request_is_one_click(rq))
		reply_stop(rq, rs, "unsubscribe_done", stop);
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/u/%.*s", STR_ARG(link.text)));
}
