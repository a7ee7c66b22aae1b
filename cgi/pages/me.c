/*
 * A person's own account: who they are here, and where they are signed in.
 */
#include "pages/me.h"

#include "query/me.h"
#include "query/session.h"
#include "view/rows.h"
#include "web/page.h"

void me_show(struct request *rq, struct reply *rs)
{
	struct rows *sessions =
		query_session_list(rq->app->db, rq->arena, rq->session);
	struct rows *me = query_me_page(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"me", row_value(me, 0)},
		{"sessions", rows_value(sessions)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_page", page);
}

void me_session_end(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_session_end(rq->app->db, rq->arena, rq->session, id);
	if (page_run(rq, rs))
		reply_see(rq, rs, STR("/me?note=session_ended"));
}
