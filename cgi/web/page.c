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

/* What every page answers in the same way; true when it did not have to. */
static bool outcome_ok(struct request *rq, struct reply *rs,
		       enum db_outcome outcome, int refused)
{
	if (outcome == DB_AWAY) {
		reply_problem(rq, rs, 503, STR(""));
		return false;
	}
	if (refused == 401 ||
	    (outcome == DB_OK && rq->route->who == WHO_SESSION &&
	     rows_count(rq->viewer) == 0)) {
		reply_sign_in(rq, rs);
		return false;
	}
	return true;
}

bool page_run(struct request *rq, struct reply *rs)
{
	enum db_outcome outcome = db_run(rq->app->db);
	const struct db_refusal *refusal = NULL;

	if (outcome == DB_REFUSED)
		refusal = db_refusal(rq->app->db);
	if (!outcome_ok(rq, rs, outcome, refusal ? refusal->status : 0))
		return false;
	if (refusal) {
		reply_problem(rq, rs, refusal->status, refusal->key);
		return false;
	}
	return true;
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
	enum db_outcome outcome = db_run(rq->app->db);
	const struct db_refusal *kept = NULL;

	*refusal = NULL;
	if (outcome == DB_REFUSED)
		kept = refusal_keep(rq->arena, db_refusal(rq->app->db));
	if (!outcome_ok(rq, rs, outcome, kept ? kept->status : 0))
		return false;
	if (!kept)
		return true;
	if (!is_for_handler(kept->status)) {
		reply_problem(rq, rs, kept->status, kept->key);
		return false;
	}
	rs->set_cookie = STR_ABSENT;
	db_reset(rq->app->db);
	if (rq->viewer)
		rq->viewer = query_viewer(rq->app->db, rq->arena, rq->session);
	*refusal = kept;
	return true;
}
