/*
 * Where staff begin.  Must not know what their pages do.
 */
#include "pages/staff.h"

#include "query/staff.h"
#include "query/staff_shift.h"
#include "view/rows.h"
#include "web/page.h"

void staff_choose(struct request *rq, struct reply *rs)
{
	struct rows *orgs =
		query_staff_org_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"orgs", rows_value(orgs)},
		{.name = NULL},
	};
	if (rows_count(orgs) == 0)
		page_absent(rq, rs);
	else if (rows_count(orgs) == 1)
		reply_see(
			rq, rs,
			str_printf(rq->arena, "/staff/%.*s%s",
				   STR_ARG(query_staff_org_list_slug(orgs, 0)),
				   query_staff_org_list_only_responds(orgs, 0)
					   ? "/watch"
					   : ""));
	else
		reply_page(rq, rs, 200, "staff_choose", page);
}

void staff_home(struct request *rq, struct reply *rs)
{
	struct rows *events = query_staff_next_events(
		rq->app->db, rq->arena, rq->session, page_org(rq));
	struct rows *waiting = query_staff_waiting(rq->app->db, rq->arena,
						   rq->session, page_org(rq));
	struct rows *shifts = query_staff_shift_next(rq->app->db, rq->arena,
						     rq->session, page_org(rq));
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"shifts", rows_value(shifts)},
		{"has_shifts", value_bool(rows_count(shifts) > 0)},
		{"waiting", row_value(waiting, 0)},
		{"events", rows_value(events)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_home", page);
}
