/*
 * Finds a request's route and holds it to what the route's row says.  Must
 * not know what any handler does.
 */
#include "web/router.h"

#include "query/ready.h"
#include "web/page.h"
#include "web/session.h"
#include "web/url.h"

/* --- what every program answers --- */

static void probe_health(struct request *rq, struct reply *rs)
{
	(void)rq;
	reply_plain(rs, STR("ok\n"));
}

static void probe_ready(struct request *rq, struct reply *rs)
{
	(void)query_database_ready(rq->app->db, rq->arena);
	if (db_run(rq->app->db) == DB_OK) {
		reply_plain(rs, STR("ready\n"));
		return;
	}
	reply_plain(rs, STR("the database is away\n"));
	rs->status = 503;
	rs->retry_after = 5;
}

static void probe_named(struct request *rq, struct reply *rs,
			void (*probe)(struct request *rq, struct reply *rs))
{
	if (str_equal(rq->params[0], str_of(rq->app->name)))
		probe(rq, rs);
	else
		reply_problem(rq, rs, 404, STR(""));
}

static void probe_health_named(struct request *rq, struct reply *rs)
{
	probe_named(rq, rs, probe_health);
}

static void probe_ready_named(struct request *rq, struct reply *rs)
{
	probe_named(rq, rs, probe_ready);
}

/* nginx asks it before it takes megabytes from somebody. */
static void probe_gate(struct request *rq, struct reply *rs)
{
	if (!page_run(rq, rs))
		return;
	reply_plain(rs, STR("signed in\n"));
	if (rq->viewer && rows_count(rq->viewer) > 0)
		return;
	reply_plain(rs, STR("not signed in\n"));
	rs->status = 401;
}

static const struct route probes[] = {
	{METHOD_GET, "/gate", WHO_ANYONE, CSRF_NONE, probe_gate},
	{METHOD_GET, "/healthz", WHO_LINK, CSRF_NONE, probe_health},
	{METHOD_GET, "/healthz/:name", WHO_LINK, CSRF_NONE, probe_health_named},
	{METHOD_GET, "/readyz", WHO_LINK, CSRF_NONE, probe_ready},
	{METHOD_GET, "/readyz/:name", WHO_LINK, CSRF_NONE, probe_ready_named},
	{0},
};

/* --- matching --- */

/* A name that is no text cannot be what a handler looks for. */
static bool param_read(struct arena *a, struct str segment, struct str *out)
{
	return segment.n > 0 && url_decode(a, segment, false, out) &&
	       str_is_utf8(*out) && str_find(*out, 0) < 0;
}

/*
 * Compared segment by segment and decoded only then, so that %2F never
 * divides one.
 */
static bool path_matches(struct request *rq, const char *pattern)
{
	struct str want = str_of(pattern);
	struct str have = rq->path;
	int params = 0;

	while (!str_is_absent(want) && !str_is_absent(have)) {
		struct str name = str_cut(want, '/', &want);
		struct str segment = str_cut(have, '/', &have);

		if (!str_starts(name, STR(":"))) {
			if (!str_equal(name, segment))
				return false;
		} else if (params == REQUEST_PARAMS_MAX ||
			   !param_read(rq->arena, segment,
				       &rq->params[params++])) {
			return false;
		}
	}
	return str_is_absent(want) && str_is_absent(have);
}

static bool method_matches(enum method asked, enum method has)
{
	return asked == has || (asked == METHOD_HEAD && has == METHOD_GET);
}

/* The row for the request, or NULL; *known says that the path has others. */
static const struct route *route_find(const struct route *routes,
				      struct request *rq, bool *known)
{
	for (const struct route *r = routes; r->pattern; r++) {
		if (!path_matches(rq, r->pattern))
			continue;
		*known = true;
		if (method_matches(rq->method, r->method))
			return r;
	}
	return NULL;
}

static void allow_add(struct buf *out, const char *methods)
{
	if (str_find_str(buf_str(out), str_of(methods)) >= 0)
		return;
	if (out->n > 0)
		buf_add(out, STR(", "));
	buf_add(out, str_of(methods));
}

static struct str allow_text(const struct route *routes, struct request *rq)
{
	struct buf out = buf_init(rq->arena, 32);

	for (const struct route *r = routes; r->pattern; r++)
		if (path_matches(rq, r->pattern))
			allow_add(&out, r->method == METHOD_POST ? "POST"
								 : "GET, HEAD");
	return buf_str(&out);
}

/* --- what a row enforces --- */

static bool is_from_our_page(const struct request *rq)
{
	if (!str_is_absent(rq->sec_fetch_site))
		return str_equal(rq->sec_fetch_site, STR("same-origin"));
	return !str_is_absent(rq->origin) &&
	       str_equal(rq->origin, rq->app->config.base_url);
}

static bool carries_file(const struct route *route)
{
	return route->csrf == CSRF_FILE;
}

static bool is_form(const struct request *rq)
{
	struct str parameters;
	struct str type = str_cut(rq->content_type, ';', &parameters);

	if (carries_file(rq->route))
		return multipart_is(rq->content_type);
	if (rq->body.n == 0 && str_is_absent(rq->content_type))
		return true;
	return str_equal_nocase(str_trim(type),
				STR("application/x-www-form-urlencoded"));
}

static bool has_form_token(struct request *rq)
{
	struct request_fields at = request_fields(rq);
	struct str name, value;
	bool bad;

	while (request_next_field(rq, &at, &name, &value, &bad))
		if (!bad && str_equal(name, STR("csrf")))
			return session_csrf_ok(rq, value);
	return false;
}

static bool needs_form_token(const struct route *route)
{
	return route->csrf == CSRF_SESSION || carries_file(route);
}

/* 0 when the request may pass, else the status that says why not. */
static int guard(struct request *rq)
{
	const struct route *route = rq->route;
	int refused = 0;

	if (!carries_file(route))
		refused = request_take_body(rq, REQUEST_BODY_MAX);
	if (refused)
		return refused;
	if (route->method != METHOD_POST ||
	    (route->csrf == CSRF_ONE_CLICK && request_is_one_click(rq)))
		return 0;
	if (!is_from_our_page(rq))
		return 403;
	return is_form(rq) ? 0 : 415;
}

/*
 * Megabytes are read only once the database has said that this person may
 * send them.  False when a reply has been made.
 */
static bool file_take(struct request *rq, struct reply *rs)
{
	int refused;

	if (!page_run(rq, rs))
		return false;
	refused = request_take_body(rq, REQUEST_UPLOAD_MAX);
	if (!refused) {
		rq->parts =
			multipart_read(rq->arena, rq->content_type, rq->body);
		refused = rq->parts ? 0 : 400;
	}
	if (refused)
		reply_problem(rq, rs, refused,
			      refused == 413 ? STR("file_large") : STR(""));
	return !refused;
}

static void route_run(struct request *rq, struct reply *rs)
{
	const struct route *route = rq->route;
	int refused = guard(rq);

	if (refused) {
		reply_problem(rq, rs, refused, STR(""));
		return;
	}
	if (route->who != WHO_LINK)
		session_read(rq);
	if (!page_begin(rq, rs))
		return;
	if (carries_file(route) && !file_take(rq, rs))
		return;
	if (needs_form_token(route) && !has_form_token(rq)) {
		reply_problem(rq, rs, 403, STR("form_old"));
		return;
	}
	route->handler(rq, rs);
}

void router_run(const struct route *routes, struct request *rq,
		struct reply *rs)
{
	bool known = false;

	rq->route = route_find(probes, rq, &known);
	if (!rq->route)
		rq->route = route_find(routes, rq, &known);
	if (rq->route) {
		route_run(rq, rs);
	} else if (known) {
		reply_problem(rq, rs, 405, STR(""));
		rs->allow = allow_text(routes, rq);
		if (rs->allow.n == 0)
			rs->allow = allow_text(probes, rq);
	} else {
		reply_problem(rq, rs, 404, STR(""));
	}
}
