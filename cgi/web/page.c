/*
 * The one round trip of a page, and what becomes of it when it fails.  Must
 * not know what the page asked.
 */
#include "web/page.h"

#include "query/session.h"
#include "web/router.h"
#include "web/url.h"

static void reply_sign_in(struct request *rq, struct reply *rs)
{
	struct str to = STR("/signin");
	struct str from = rq->path;

	if (!str_is_absent(rq->query))
		from = str_printf(rq->arena, "%.*s?%.*s", STR_ARG(rq->path),
				  STR_ARG(rq->query));
	if (rq->method != METHOD_POST && url_is_own(from))
		to = str_printf(rq->arena, "/signin?next=%.*s",
				STR_ARG(url_encode(rq->arena, from)));
	if (!url_is_own(to))
		to = STR("/signin");
	rs->set_cookie = STR_ABSENT;
	reply_see(rq, rs, to);
}

bool page_begin(struct request *rq, struct reply *rs)
{
	bool must = rq->route->who == WHO_SESSION;

	if (must && str_is_absent(rq->session)) {
		reply_sign_in(rq, rs);
		return false;
	}
	if (!str_is_absent(rq->session))
		rq->viewer = query_viewer(rq->app->db, rq->arena, rq->session);
	return true;
}

bool page_number(struct request *rq, struct reply *rs, int64_t *out)
{
	if (request_number(rq, 0, out))
		return true;
	reply_problem(rq, rs, 404, STR(""));
	return false;
}

bool page_run(struct request *rq, struct reply *rs)
{
	enum db_outcome outcome = db_run(rq->app->db);
	const struct db_refusal *refusal = db_refusal(rq->app->db);

	if (outcome == DB_AWAY)
		reply_problem(rq, rs, 503, STR(""));
	else if (outcome == DB_REFUSED && refusal->status != 401)
		reply_problem(rq, rs, refusal->status, refusal->key);
	else if (outcome == DB_REFUSED ||
		 (rq->route->who == WHO_SESSION && rows_count(rq->viewer) == 0))
		reply_sign_in(rq, rs);
	else
		return true;
	return false;
}

static const struct db_refusal *refusal_keep(struct arena *a,
					     const struct db_refusal *refusal)
{
	struct db_refusal *kept = ARENA_NEW(a, struct db_refusal);

	kept->status = refusal->status;
	kept->key = str_copy(a, refusal->key);
	kept->field = str_copy(a, refusal->field);
	return kept;
}

static bool is_for_handler(int status)
{
	return status == 409 || status == 410 || status == 422 || status == 425;
}

bool page_post(struct request *rq, struct reply *rs,
	       const struct db_refusal **refusal)
{
	struct db *db = rq->app->db;

	*refusal = NULL;
	if (db_run(db) != DB_REFUSED || !is_for_handler(db_refusal(db)->status))
		return page_run(rq, rs);
	*refusal = refusal_keep(rq->arena, db_refusal(db));
	rs->set_cookie = STR_ABSENT;
	db_reset(db);
	if (rq->viewer)
		rq->viewer = query_viewer(db, rq->arena, rq->session);
	return true;
}
