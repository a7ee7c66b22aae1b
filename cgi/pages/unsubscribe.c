/*
 * Stopping an organisation's questions, or a category of its other mail, signed
 * out.  Mail scanners open links: looking changes nothing, a press or a mail
 * provider's post does.
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

/* What stops: the questions, or a category. */
struct stop {
	struct link link;
	struct rows *row;
	bool is_category;
};

static bool read_stop(struct request *rq, struct reply *rs, struct stop *stop)
{
	if (!link_read_either(rq, rs, TOKEN_UNSUBSCRIBE, TOKEN_CATEGORY,
			      &stop->link))
		return false;
	stop->is_category = stop->link.purpose == TOKEN_CATEGORY;
	return true;
}

static bool is_stopped(const struct stop *stop)
{
	if (stop->is_category)
		return !query_stop_category_link_wanted(stop->row, 0);
	return str_equal(query_unsubscribe_link_frequency(stop->row, 0),
			 STR("none"));
}

static void reply_done(struct request *rq, struct reply *rs,
		       const struct stop *stop)
{
	reply_stop(rq, rs,
		   stop->is_category ? "unsubscribe_category_done"
				     : "unsubscribe_done",
		   stop->row);
}

void unsubscribe_show(struct request *rq, struct reply *rs)
{
	struct stop stop;

	if (!read_stop(rq, rs, &stop))
		return;
	stop.row = stop.is_category
			   ? query_stop_category_link(rq->app->db, rq->arena,
						      stop.link.row,
						      stop.link.generation)
			   : query_unsubscribe_link(rq->app->db, rq->arena,
						    stop.link.row,
						    stop.link.generation);
	if (!page_run(rq, rs))
		return;
	if (rows_count(stop.row) == 0)
		reply_problem(rq, rs, 404, STR(""));
	else if (is_stopped(&stop))
		reply_done(rq, rs, &stop);
	else
		reply_stop(rq, rs,
			   stop.is_category ? "unsubscribe_category"
					    : "unsubscribe_ask",
			   stop.row);
}

void unsubscribe_stop(struct request *rq, struct reply *rs)
{
	struct stop stop;

	if (!read_stop(rq, rs, &stop))
		return;
	stop.row = stop.is_category
			   ? query_stop_category(rq->app->db, rq->arena,
						 stop.link.row,
						 stop.link.generation)
			   : query_unsubscribe(rq->app->db, rq->arena,
					       stop.link.row,
					       stop.link.generation);
	if (!page_run(rq, rs))
		return;
	if (request_is_one_click(rq))
		reply_done(rq, rs, &stop);
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/u/%.*s",
				     STR_ARG(stop.link.text)));
}
