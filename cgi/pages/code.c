/*
 * Where the code of a registration leads.  Must not know who may open what:
 * the SQL function decides that.
 */
#include "pages/code.h"

#include "pages/link.h"
#include "query/code.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

static void reply_scanned(struct request *rq, struct reply *rs,
			  const struct rows *code, struct str token)
{
	struct str slug = query_code_page_org_slug(code, 0);
	long long event = query_code_page_event_id(code, 0);

	if (query_code_page_is_over(code, 0))
		reply_problem(rq, rs, 410, STR("code_over"));
	else if (!str_is_absent(slug))
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/events/%lld/door?q=%.*s",
				     STR_ARG(slug), event, STR_ARG(token)));
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/events/%lld/ticket%s", event,
				     query_code_page_is_old(code, 0)
					     ? "?note=code_old"
					     : ""));
}

static void reply_stranger(struct request *rq, struct reply *rs,
			   struct str token)
{
	const struct value_field page[] = {
		{"token", value_text(&token)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "code_page", page);
}

void code_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_QR, &link))
		return;
	/* Nobody is signed in, who may be anybody. */
	if (str_is_absent(rq->session)) {
		reply_stranger(rq, rs, link.text);
		return;
	}
	struct rows *code = query_code_page(rq->app->db, rq->arena, rq->session,
					    link.row, link.generation);
	if (!page_run(rq, rs))
		return;
	if (rows_count(rq->viewer) == 0)
		reply_stranger(rq, rs, link.text);
	else if (rows_count(code) == 0)
		page_absent(rq, rs);
	else
		reply_scanned(rq, rs, code, link.text);
}
