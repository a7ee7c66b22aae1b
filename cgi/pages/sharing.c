/*
 * What a person lets fellow members see, organisation by organisation.  Must
 * not know what a switch does to an answer: the SQL functions do.
 */
#include "pages/sharing.h"

#include "query/sharing.h"
#include "view/rows.h"
#include "web/page.h"

void sharing_show(struct request *rq, struct reply *rs)
{
	struct rows *orgs =
		query_sharing_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"orgs", rows_value(orgs)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "sharing_page", page);
}

static void listed_set(struct request *rq, struct reply *rs, bool listed)
{
	int64_t org;

	if (!page_number(rq, rs, &org))
		return;
	query_sharing_listed(rq->app->db, rq->arena, rq->session, org, listed);
	if (page_run(rq, rs))
		reply_see(rq, rs,
			  listed ? STR("/me/privacy?note=listed")
				 : STR("/me/privacy?note=unlisted"));
}

void sharing_list(struct request *rq, struct reply *rs)
{
	listed_set(rq, rs, true);
}

void sharing_unlist(struct request *rq, struct reply *rs)
{
	listed_set(rq, rs, false);
}

static void all_set(struct request *rq, struct reply *rs, bool show)
{
	int64_t org;

	if (!page_number(rq, rs, &org))
		return;
	query_sharing_all(rq->app->db, rq->arena, rq->session, org, show);
	if (page_run(rq, rs))
		reply_see(rq, rs,
			  show ? STR("/me/privacy?note=answers_shown")
			       : STR("/me/privacy?note=answers_hidden"));
}

void sharing_show_all(struct request *rq, struct reply *rs)
{
	all_set(rq, rs, true);
}

void sharing_hide_all(struct request *rq, struct reply *rs)
{
	all_set(rq, rs, false);
}
