/*
 * What a reminder to check in opens.  Looking changes nothing; only a pressed
 * button does.  Must not know which links still work: the SQL functions do.
 */
#include "pages/checkin_link.h"

#include "pages/link.h"
#include "query/checkin.h"
#include "view/rows.h"
#include "web/page.h"

static void reply_watch(struct request *rq, struct reply *rs,
			const struct link *link)
{
	struct rows *watch =
		query_checkin_link(rq->app->db, rq->arena, link->row,
				   link->generation, link->expires);

	if (!page_run(rq, rs))
		return;
	if (rows_count(watch) == 0) {
		page_absent(rq, rs);
		return;
	}
	struct str to = str_printf(rq->arena, "/k/%.*s", STR_ARG(link->text));
	const struct value_field page[] = {
		{"watch", row_value(watch, 0)},
		{"link", value_text(&to)},
		{.name = NULL},
	};
	reply_page(rq, rs, query_checkin_link_is_open(watch, 0) ? 200 : 410,
		   "checkin_link", page);
}

void checkin_link_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (link_read(rq, rs, TOKEN_CHECK_IN, &link))
		reply_watch(rq, rs, &link);
}

void checkin_link_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct link link;

	if (!link_read(rq, rs, TOKEN_CHECK_IN, &link))
		return;
	query_checkin_by_link(rq->app->db, rq->arena, link.row, link.generation,
			      link.expires);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_watch(rq, rs, &link);
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/k/%.*s?note=checked_in",
				     STR_ARG(link.text)));
}
