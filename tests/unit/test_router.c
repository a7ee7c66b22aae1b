/*
 * What the router enforces before a handler runs, by literal requests and a
 * table of its own.  Prints TAP.
 */
#include "unit/web_world.h"

#include "web/page.h"
#include "web/session.h"

#define COOKIE "__Host-rollcall=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define FORM "application/x-www-form-urlencoded"

static int calls;

static void show(struct request *rq, struct reply *rs)
{
	calls++;
	reply_plain(rs, STR("shown"));
	for (int i = 0; i < REQUEST_PARAMS_MAX && rq->params[i].p; i++) {
		buf_add_byte(&rs->body, ' ');
		buf_add(&rs->body, rq->params[i]);
	}
	if (!str_is_absent(rq->session))
		buf_add(&rs->body, STR(" with a session"));
}

static void ask(struct request *rq, struct reply *rs)
{
	calls++;
	if (page_run(rq, rs))
		reply_page(rq, rs, 200, "page", NULL);
}

static void refuse(struct request *rq, struct reply *rs)
{
	calls++;
	reply_problem(rq, rs, 404, STR(""));
}

static const struct route routes[] = {
	{METHOD_GET, "/", WHO_ANYONE, CSRF_NONE, show},
	{METHOD_GET, "/r/:token", WHO_LINK, CSRF_NONE, show},
	{METHOD_POST, "/r/:token", WHO_LINK, CSRF_TOKEN, show},
	{METHOD_GET, "/x/:token", WHO_LINK, CSRF_NONE, refuse},
	{METHOD_POST, "/u/:token", WHO_LINK, CSRF_ONE_CLICK, show},
	{METHOD_GET, "/open", WHO_ANYONE, CSRF_NONE, ask},
	{METHOD_GET, "/events", WHO_SESSION, CSRF_NONE, ask},
	{METHOD_GET, "/events/:id", WHO_SESSION, CSRF_NONE, ask},
	{METHOD_POST, "/events/:id/:verb", WHO_SESSION, CSRF_SESSION, show},
	{METHOD_POST, "/file", WHO_SESSION, CSRF_FILE, show},
	{0},
};

static int before(void **state)
{
	calls = 0;
	return web_set_up(state);
}

static struct str get(const char *path)
{
	struct request rq = web_request(METHOD_GET, path, NULL);

	return web_answer(routes, &rq);
}

/* A browser's own post of a form. */
static struct request post(const char *path, const char *body)
{
	struct request rq = web_request(METHOD_POST, path, body);

	rq.content_type = STR(FORM);
	rq.sec_fetch_site = STR("same-origin");
	return rq;
}

static int status_of(struct request *rq)
{
	return web_status(web_answer(routes, rq));
}

static void finds_the_handler(void **state)
{
	struct request rq = web_request(METHOD_GET, "/r/abc?x=/y", NULL);

	(void)state;
	assert_str(web_body(get("/")), "shown");
	assert_str(web_body(web_answer(routes, &rq)), "shown abc");
	assert_string_equal(rq.route->pattern, "/r/:token");
}

static void decodes_params(void **state)
{
	(void)state;
	assert_str(web_body(get("/r/a%2Fb")), "shown a/b");
	assert_str(web_body(get("/r/a+b%20c")), "shown a+b c");
	assert_str(web_body(get("/r/%252e")), "shown %2e");
}

static void one_404_for_all(void **state)
{
	static const char *const unknown[] = {
		"/nope",    "/r",	 "/r/",	    "/r/a/b",
		"//",	    "/r//",	 "/R/abc",  "/r/a%00",
		"/r/%ff",   "/r/%",	 "/r/abc/", "/%72/abc",
		"*",	    "/x/abc",	 "/r/a%2",  "/healthz/other",
		"/readyz/", "/healthz/", "/..",	    "/r/../events"};
	struct str first = get("/nope");

	(void)state;
	assert_int_equal(web_status(first), 404);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		struct str answer = get(unknown[i]);

		if (!str_equal(answer, first))
			fail_msg("%s: %.*s", unknown[i], STR_ARG(answer));
	}
}

static void a_cookie_changes_no_404(void **state)
{
	struct request rq = web_request(METHOD_GET, "/x/abc", NULL);

	(void)state;
	rq.cookie = STR(COOKIE);
	assert_true(str_equal(web_answer(routes, &rq), get("/nope")));
}

static void other_methods_get_405(void **state)
{
	struct request rq = web_request(METHOD_OTHER, "/r/abc", "");
	struct str answer = web_answer(routes, &rq);

	(void)state;
	assert_int_equal(web_status(answer), 405);
	assert_str(web_header(answer, "Allow"), "GET, HEAD, POST");
	rq = post("/", "");
	answer = web_answer(routes, &rq);
	assert_int_equal(web_status(answer), 405);
	assert_str(web_header(answer, "Allow"), "GET, HEAD");
	answer = get("/u/abc");
	assert_int_equal(web_status(answer), 405);
	assert_str(web_header(answer, "Allow"), "POST");
	rq = post("/healthz", "");
	answer = web_answer(routes, &rq);
	assert_str(web_header(answer, "Allow"), "GET, HEAD");
	assert_int_equal(calls, 0);
}

static void get_answers_head(void **state)
{
	struct request rq = web_request(METHOD_HEAD, "/r/abc", NULL);
	struct str answer = web_answer(routes, &rq);

	(void)state;
	assert_int_equal(web_status(answer), 200);
	assert_str(web_header(answer, "Content-Length"), "9");
	assert_int_equal(web_body(answer).n, 0);
	rq = web_request(METHOD_HEAD, "/u/abc", NULL);
	assert_int_equal(status_of(&rq), 405);
}

static void large_bodies_get_413(void **state)
{
	static char large[REQUEST_BODY_MAX + 2];
	struct request rq;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	rq = post("/r/abc", large);
	assert_int_equal(status_of(&rq), 413);
	rq = post("/u/abc", large);
	assert_int_equal(status_of(&rq), 413);
	assert_int_equal(calls, 0);
	rq = post("/r/abc", large + 1);
	assert_int_equal(status_of(&rq), 200);
}

#define FILE_TYPE "multipart/form-data; boundary=XyZ"

/* A source that must not be asked. */
static ptrdiff_t read_never(void *with, char *p, ptrdiff_t n)
{
	(void)p;
	*(int *)with += (int)n;
	return 0;
}

static struct request post_file(int *read)
{
	struct request rq = post("/file", "");

	rq.content_type = STR(FILE_TYPE);
	rq.source = (struct request_source){
		.read = read_never, .with = read, .left = 5000000};
	return rq;
}

static void files_are_read_for_nobody_unknown(void **state)
{
	int read = 0;
	struct request rq = post_file(&read);
	struct str answer = web_answer(routes, &rq);

	(void)state;
	/* signed out */
	assert_int_equal(web_status(answer), 303);
	assert_str(web_header(answer, "Location"), "/signin");
	/* from elsewhere, and as another kind of form */
	rq = post_file(&read);
	rq.sec_fetch_site = STR("cross-site");
	assert_int_equal(status_of(&rq), 403);
	rq = post_file(&read);
	rq.content_type = STR(FORM);
	assert_int_equal(status_of(&rq), 415);
	/* with a cookie that the database cannot judge */
	rq = post_file(&read);
	rq.cookie = STR(COOKIE);
	assert_int_equal(status_of(&rq), 503);
	assert_int_equal(read, 0);
	assert_int_equal(calls, 0);
}

static void files_come_by_their_routes_only(void **state)
{
	struct request rq = post("/r/abc", "--XyZ--");

	(void)state;
	rq.content_type = STR(FILE_TYPE);
	assert_int_equal(status_of(&rq), 415);
	rq = post("/events/7/join", "--XyZ--");
	rq.content_type = STR(FILE_TYPE);
	assert_int_equal(status_of(&rq), 415);
	assert_int_equal(calls, 0);
}

static void the_gate_lets_nobody_unknown_in(void **state)
{
	struct request rq = web_request(METHOD_GET, "/gate", NULL);

	(void)state;
	assert_int_equal(status_of(&rq), 401);
	rq.cookie = STR("__Host-rollcall=nonsense");
	assert_int_equal(status_of(&rq), 401);
	/* one that the database cannot judge */
	rq.cookie = STR(COOKIE);
	assert_int_equal(status_of(&rq), 503);
}

/* Sec-Fetch-Site, Origin, what a post with both gets; NULL: not sent. */
static const struct {
	const char *site;
	const char *origin;
	int status;
} posts[] = {
	{"same-origin", NULL, 200},
	{"same-origin", WEB_BASE_URL, 200},
	{"same-origin", "null", 200},
	{"same-site", NULL, 403},
	{"same-site", WEB_BASE_URL, 403},
	{"cross-site", NULL, 403},
	{"cross-site", WEB_BASE_URL, 403},
	{"none", NULL, 403},
	{"none", WEB_BASE_URL, 403},
	{"Same-Origin", NULL, 403},
	{"same-origin, cross-site", NULL, 403},
	{NULL, NULL, 403},
	{NULL, WEB_BASE_URL, 200},
	{NULL, WEB_BASE_URL "/", 403},
	{NULL, WEB_BASE_URL ":443", 403},
	{NULL, WEB_BASE_URL ".evil.example", 403},
	{NULL, "http://rollcall.example", 403},
	{NULL, "https://evil.example", 403},
	{NULL, "null", 403},
};

static void posts_from_elsewhere_get_403(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
		struct request rq = post("/r/abc", "a=b");

		rq.sec_fetch_site = str_of(posts[i].site);
		rq.origin = str_of(posts[i].origin);
		calls = 0;
		assert_int_equal(status_of(&rq), posts[i].status);
		assert_int_equal(calls, posts[i].status == 200);
	}
}

static void one_click_needs_no_header(void **state)
{
	struct request rq = web_request(METHOD_POST, "/u/abc",
					"List-Unsubscribe=One-Click");

	(void)state;
	rq.content_type = STR("multipart/form-data; boundary=x");
	rq.cookie = STR(COOKIE);
	assert_str(web_body(web_answer(routes, &rq)), "shown abc");
	rq.sec_fetch_site = STR("cross-site");
	rq.origin = STR("https://evil.example");
	assert_int_equal(status_of(&rq), 200);
}

static void the_stop_button_needs_one(void **state)
{
	struct request rq = post("/u/abc", "");

	(void)state;
	assert_int_equal(status_of(&rq), 200);
	rq = post("/u/abc", "");
	rq.sec_fetch_site = STR("cross-site");
	assert_int_equal(status_of(&rq), 403);
	rq = post("/u/abc", "List-Unsubscribe=Later");
	rq.sec_fetch_site = STR_ABSENT;
	assert_int_equal(status_of(&rq), 403);
}

static void links_read_no_cookie(void **state)
{
	struct request rq = post("/r/abc", "");

	(void)state;
	rq.cookie = STR(COOKIE);
	assert_str(web_body(web_answer(routes, &rq)), "shown abc");
	assert_true(str_is_absent(rq.session));
	assert_null(rq.viewer);
	rq = web_request(METHOD_GET, "/", NULL);
	rq.cookie = STR(COOKIE);
	assert_str(web_body(web_answer(routes, &rq)), "shown with a session");
}

static void only_forms_are_read(void **state)
{
	static const struct {
		const char *type;
		int status;
	} types[] = {
		{FORM, 200},
		{FORM "; charset=UTF-8", 200},
		{"Application/X-WWW-Form-URLencoded ;a=b", 200},
		{"text/plain", 415},
		{"multipart/form-data; boundary=x", 415},
		{"application/json", 415},
		{FORM "x", 415},
		{NULL, 415},
	};
	struct request rq;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		rq = post("/r/abc", "a=b");
		rq.content_type = str_of(types[i].type);
		assert_int_equal(status_of(&rq), types[i].status);
	}
	rq = post("/r/abc", "");
	rq.content_type = STR_ABSENT;
	assert_int_equal(status_of(&rq), 200);
}

static void session_pages_lead_to_sign_in(void **state)
{
	struct str answer = get("/events/7?a=b&c=d");
	struct request rq = web_request(METHOD_HEAD, "/events", NULL);

	(void)state;
	assert_int_equal(web_status(answer), 303);
	assert_str(web_header(answer, "Location"),
		   "/signin?next=%2Fevents%2F7%3Fa%3Db%26c%3Dd");
	assert_str(web_header(web_answer(routes, &rq), "Location"),
		   "/signin?next=%2Fevents");
	rq.cookie = STR("__Host-rollcall=junk");
	assert_int_equal(status_of(&rq), 303);
	assert_int_equal(calls, 0);
}

static void the_way_back_is_our_own(void **state)
{
	char path[1200] = "/events/7?";

	(void)state;
	assert_str(web_header(get("/events?a=\xc3\xa9"), "Location"),
		   "/signin");
	assert_str(web_header(get("/events/a%5Cb"), "Location"),
		   "/signin?next=%2Fevents%2Fa%255Cb");
	memset(path + 10, 'a', sizeof(path) - 11);
	assert_str(web_header(get(path), "Location"), "/signin");
}

static void session_posts_lead_to_sign_in(void **state)
{
	struct request rq = post("/events/7/register", "csrf=x");

	(void)state;
	assert_str(web_header(web_answer(routes, &rq), "Location"), "/signin");
	assert_int_equal(calls, 0);
}

static struct request post_signed_in(const char *body)
{
	struct request rq = post("/events/7/register", body);

	rq.cookie = STR(COOKIE);
	return rq;
}

static void session_posts_need_the_token(void **state)
{
	struct request rq = post_signed_in("");
	struct str good;

	(void)state;
	session_read(&rq);
	good = str_printf(&web_arena, "a=%%zz&csrf=%.*s", STR_ARG(rq.csrf));
	rq = post_signed_in(str_z(&web_arena, good));
	assert_str(web_body(web_answer(routes, &rq)),
		   "shown 7 register with a session");
	for (const char *const *bad =
		     (const char *const[]){
			     "", "csrf=", "csrf", "csrf=x", "csrf=%00",
			     "csrf=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
			     NULL};
	     *bad; bad++) {
		rq = post_signed_in(*bad);
		calls = 0;
		assert_int_equal(status_of(&rq), 403);
		assert_int_equal(calls, 0);
	}
	/* of two, the first counts */
	rq = post_signed_in(
		str_z(&web_arena,
		      str_printf(&web_arena, "csrf=x&%.*s", STR_ARG(good))));
	assert_int_equal(status_of(&rq), 403);
	/* the token alone does not help a post from elsewhere */
	rq = post_signed_in(str_z(&web_arena, good));
	rq.sec_fetch_site = STR("cross-site");
	assert_int_equal(status_of(&rq), 403);
}

static void without_a_database_it_is_503(void **state)
{
	struct request rq = web_request(METHOD_GET, "/events", NULL);
	struct str answer;

	(void)state;
	rq.cookie = STR(COOKIE);
	answer = web_answer(routes, &rq);
	assert_int_equal(web_status(answer), 503);
	assert_str(web_header(answer, "Retry-After"), "5");
	assert_int_equal(web_status(get("/open")), 200);
}

static void probes_answer(void **state)
{
	struct str answer = get("/readyz");

	(void)state;
	assert_str(web_body(get("/healthz")), "ok\n");
	assert_str(web_body(get("/healthz/member")), "ok\n");
	assert_int_equal(web_status(answer), 503);
	assert_str(web_header(answer, "Retry-After"), "5");
	assert_int_equal(web_status(get("/readyz/member")), 503);
}

#undef TEST
#define TEST(name, function)                                                   \
	{                                                                      \
		name, function, before, web_tear_down, NULL                    \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a path finds its handler", finds_the_handler),
		TEST("names are decoded once, a coded slash divides none",
		     decodes_params),
		TEST("R-A8 unknown paths and refused tokens get one 404",
		     one_404_for_all),
		TEST("R-A8 a cookie changes no 404", a_cookie_changes_no_404),
		TEST("other methods get 405 and what is allowed",
		     other_methods_get_405),
		TEST("GET answers HEAD", get_answers_head),
		TEST("bodies over the limit get 413", large_bodies_get_413),
		TEST("a file is read for nobody unknown",
		     files_are_read_for_nobody_unknown),
		TEST("the gate lets nobody unknown in",
		     the_gate_lets_nobody_unknown_in),
		TEST("files come by their routes only",
		     files_come_by_their_routes_only),
		TEST("posts from elsewhere get 403",
		     posts_from_elsewhere_get_403),
		TEST("one-click posts need no header",
		     one_click_needs_no_header),
		TEST("the stop page's own button needs one",
		     the_stop_button_needs_one),
		TEST("R-A8 links read no cookie", links_read_no_cookie),
		TEST("bodies that are no form get 415", only_forms_are_read),
		TEST("session pages lead to sign-in and back",
		     session_pages_lead_to_sign_in),
		TEST("the way back is an address of our own",
		     the_way_back_is_our_own),
		TEST("session posts without a cookie lead to sign-in",
		     session_posts_lead_to_sign_in),
		TEST("session posts need the session's token",
		     session_posts_need_the_token),
		TEST("without a database a page is 503",
		     without_a_database_it_is_503),
		TEST("every program tells how it is", probes_answer),
	};

	return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
