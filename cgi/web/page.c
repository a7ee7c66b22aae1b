/*
 * The one round trip of a page, and what becomes of it when it fails.  Must
 * not know what the page asked.
 */
#include "web/page.h"

#include "query/session.h"
#include "query/staff.h"
#include "web/router.h"
#include "web/url.h"

#define RETRY_SECONDS_MAX 86400

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

/* The least role that the route asks for; absent when it asks for none. */
static struct str least_role(const struct request *rq)
{
	switch (rq->route->who) {
	case WHO_DOOR:
		return STR("door");
	case WHO_STAFF:
		return STR("staff");
	case WHO_ADMIN:
		return STR("admin");
	case WHO_RESPONDER:
		return STR("responder");
	case WHO_LINK:
	case WHO_ANYONE:
	case WHO_SESSION:
		break;
	}
	return STR_ABSENT;
}

static bool is_team_route(const struct request *rq)
{
	return !str_is_absent(least_role(rq));
}

static bool needs_session(const struct request *rq)
{
	return rq->route->who == WHO_SESSION || is_team_route(rq);
}

struct str page_org(const struct request *rq)
{
	return rq->params[0];
}

static void viewer_queue(struct request *rq)
{
	struct db *db = rq->app->db;

	if (str_is_absent(rq->session))
		return;
	rq->viewer = is_team_route(rq)
			     ? query_staff_viewer(db, rq->arena, rq->session,
						  page_org(rq), least_role(rq))
			     : query_viewer(db, rq->arena, rq->session);
}

bool page_begin(struct request *rq, struct reply *rs)
{
	if (needs_session(rq) && str_is_absent(rq->session)) {
		reply_sign_in(rq, rs);
		return false;
	}
	viewer_queue(rq);
	return true;
}

bool page_number(struct request *rq, struct reply *rs, int64_t *out)
{
	if (request_number(rq, is_team_route(rq) ? 1 : 0, out))
		return true;
	reply_problem(rq, rs, 404, STR(""));
	return false;
}

/* Nothing there, or the session is one but has not the route's role. */
static bool is_absent(const struct request *rq, enum db_outcome outcome)
{
	if (outcome == DB_REFUSED)
		return db_refusal(rq->app->db)->status == 404;
	return outcome == DB_OK && is_team_route(rq) &&
	       rows_count(rq->viewer) > 0 &&
	       !query_staff_viewer_allowed(rq->viewer, 0);
}

/* Of 429, the function may have said after how many seconds it is over. */
static void reply_refusal(struct request *rq, struct reply *rs,
			  const struct db_refusal *refusal)
{
	int64_t seconds = 0;
	bool told = refusal->status == 429 &&
		    str_read_int(refusal->field, &seconds) && seconds > 0 &&
		    seconds <= RETRY_SECONDS_MAX;

	reply_problem(rq, rs, refusal->status, refusal->key);
	if (told)
		rs->retry_after = (int)seconds;
}

bool page_run(struct request *rq, struct reply *rs)
{
	enum db_outcome outcome = db_run(rq->app->db);
	const struct db_refusal *refusal = db_refusal(rq->app->db);

	if (outcome == DB_AWAY)
		reply_problem(rq, rs, 503, STR(""));
	else if (is_absent(rq, outcome))
		page_absent(rq, rs);
	else if (outcome == DB_REFUSED && refusal->status != 401)
		reply_refusal(rq, rs, refusal);
	else if (outcome == DB_REFUSED ||
		 (needs_session(rq) && rows_count(rq->viewer) == 0))
		reply_sign_in(rq, rs);
	else
		return true;
	return false;
}

static void refusal_log(struct request *rq)
{
	struct db *db = rq->app->db;
	int64_t subject;
	bool numbered = request_number(rq, 1, &subject);

	db_reset(db);
	query_staff_log(db, rq->arena, rq->session, page_org(rq),
			STR("refused"), str_of(rq->route->pattern),
			numbered ? &subject : NULL, rq->id);
	(void)db_run(db);
}

void page_absent(struct request *rq, struct reply *rs)
{
	if (is_team_route(rq))
		refusal_log(rq);
	reply_problem(rq, rs, 404, STR(""));
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
	viewer_queue(rq);
	return true;
}
