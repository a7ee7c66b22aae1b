/*
 * Responses: headers, pages, redirects, error pages.  Prints TAP.
 */
#include "unit/web_world.h"

#include "view/html.h"
#include "web/message.h"

static void begins_empty(void **state)
{
	struct request rq = web_request(METHOD_GET, "/", NULL);
	const struct reply rs = reply_init(&rq);

	(void)state;
	assert_str(reply_text(&rq, &rs),
		   "Status: 200 OK\r\nContent-Length: 0\r\n"
		   "Cache-Control: no-store\r\n\r\n");
}

static void renders_pages(void **state)
{
	struct request rq =
		web_request(METHOD_GET, "/a<b?note=signed_out", NULL);
	struct reply rs = reply_init(&rq);
	struct str x = STR("<x>");
	const struct value_field page[] = {{"x", value_text(&x)}, {NULL, {0}}};
	struct str text;

	(void)state;
	rq.csrf = STR("token");
	reply_page(&rq, &rs, 422, "page", page);
	text = reply_text(&rq, &rs);
	assert_int_equal(web_status(text), 422);
	assert_str(web_header(text, "Content-Type"),
		   "text/html; charset=utf-8");
	assert_str(web_body(text),
		   "[&lt;x&gt;|token|" WEB_REQUEST_ID "|" WEB_BASE_URL
		   "|/a&lt;b|You are signed out.|]");
	assert_str(web_header(text, "Content-Length"),
		   str_z(&web_arena,
			 str_printf(&web_arena, "%td", web_body(text).n)));
}

static void files_are_saved(void **state)
{
	struct request rq = web_request(METHOD_GET, "/", NULL);
	struct reply rs = reply_init(&rq);
	struct str text;

	(void)state;
	reply_file(&rs, STR("a\"b.csv"), STR("text/csv; charset=utf-8"));
	buf_add(&rs.body, STR("x\r\n"));
	text = reply_text(&rq, &rs);
	assert_str(web_header(text, "Content-Type"), "text/csv; charset=utf-8");
	assert_str(web_header(text, "Content-Disposition"),
		   "attachment; filename=\"ab.csv\"");
	assert_str(web_body(text), "x\r\n");
	reply_problem(&rq, &rs, 404, STR(""));
	text = reply_text(&rq, &rs);
	assert_true(str_is_absent(web_header(text, "Content-Disposition")));
}

static void the_page_has_the_last_word(void **state)
{
	struct request rq = web_request(METHOD_GET, "/", NULL);
	struct reply rs = reply_init(&rq);
	struct str own = STR("mine");
	const struct value_field page[] = {{"path", value_text(&own)},
					   {NULL, {0}}};

	(void)state;
	reply_page(&rq, &rs, 200, "page", page);
	assert_str(buf_str(&rs.body),
		   "[||" WEB_REQUEST_ID "|" WEB_BASE_URL "|mine||]");
	reply_page(&rq, &rs, 200, "page", NULL);
	assert_str(buf_str(&rs.body),
		   "[||" WEB_REQUEST_ID "|" WEB_BASE_URL "|/||]");
}

static void notes_are_only_ours(void **state)
{
	static const char *const paths[] = {
		"/?note=link_expired", "/?note=%3Cscript%3E",
		"/?note=", "/?note=form_old", "/?note=field_missing"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct request rq = web_request(METHOD_GET, paths[i], NULL);
		struct reply rs = reply_init(&rq);

		reply_page(&rq, &rs, 200, "page", NULL);
		assert_has(buf_str(&rs.body), "|/||]");
	}
}

static void head_has_no_body(void **state)
{
	struct request rq = web_request(METHOD_HEAD, "/", NULL);
	struct reply rs = reply_init(&rq);
	struct str text;

	(void)state;
	reply_plain(&rs, STR("hello"));
	text = reply_text(&rq, &rs);
	assert_int_equal(web_body(text).n, 0);
	assert_str(web_header(text, "Content-Length"), "5");
	assert_str(web_header(text, "Content-Type"),
		   "text/plain; charset=utf-8");
}

static void redirects_to_our_own(void **state)
{
	struct request rq = web_request(METHOD_POST, "/", "");
	struct reply rs = reply_init(&rq);
	struct str text;

	(void)state;
	buf_add(&rs.body, STR("left over"));
	reply_see(&rq, &rs, STR("/events/7?note=registered"));
	text = reply_text(&rq, &rs);
	assert_int_equal(web_status(text), 303);
	assert_str(web_header(text, "Location"), "/events/7?note=registered");
	assert_int_equal(web_body(text).n, 0);
}

static void refuses_other_redirects(void **state)
{
	static const char *const bad[] = {"/x\r\nSet-Cookie: a=b",
					  "/x\nLocation: https://evil.example",
					  "/x\r",
					  "//evil.example",
					  "https://evil.example",
					  "/\\evil.example",
					  "",
					  "x"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request rq = web_request(METHOD_POST, "/", "");
		struct reply rs = reply_init(&rq);
		struct str text;

		reply_see(&rq, &rs, str_of(bad[i]));
		text = reply_text(&rq, &rs);
		assert_int_equal(web_status(text), 500);
		assert_true(str_is_absent(web_header(text, "Location")));
		assert_true(str_is_absent(web_header(text, "Set-Cookie")));
		assert_has_not(text, "evil");
	}
}

static void headers_stay_one_line(void **state)
{
	struct request rq = web_request(METHOD_GET, "/", NULL);
	struct reply rs = reply_init(&rq);
	struct str text;

	(void)state;
	rs.location = STR("/x\r\nX-Evil: 1");
	rs.set_cookie = STR("a=b\nX-Evil: 2");
	rs.allow = STR("GET\rX-Evil: 3");
	text = reply_text(&rq, &rs);
	assert_has_not(text, "Evil");
	assert_true(str_is_absent(web_header(text, "Location")));
}

static void problems_have_their_words(void **state)
{
	static const int statuses[] = {400, 403, 404, 405, 409, 410, 413,
				       415, 422, 425, 429, 500, 503};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct request rq = web_request(METHOD_GET, "/", NULL);
		struct reply rs = reply_init(&rq);
		struct message_problem words = message_problem(statuses[i]);
		struct buf sentence = buf_init(&web_arena, 256);
		struct str text;

		html_escape(&sentence, words.sentence);
		reply_problem(&rq, &rs, statuses[i], STR(""));
		text = reply_text(&rq, &rs);
		assert_int_equal(web_status(text), statuses[i]);
		assert_has_not(str_first(text, 40), " Status\r");
		assert_true(words.title.n > 0);
		assert_has(web_body(text),
			   str_z(&web_arena, buf_str(&sentence)));
		if (statuses[i] != 500)
			assert_false(str_equal(words.sentence,
					       message_problem(500).sentence));
		assert_int_equal(str_is_absent(web_header(text, "Retry-After")),
				 statuses[i] != 503 && statuses[i] != 429);
	}
}

/* As a request that has what `known` says. */
static struct str answer_tagged(const char *known, enum method method)
{
	struct request rq = web_request(method, "/", NULL);
	struct reply rs = reply_init(&rq);

	rq.if_none_match = str_of(known);
	buf_add(&rs.body, STR("body"));
	reply_tagged(&rq, &rs, STR("\"tag\""));
	return reply_text(&rq, &rs);
}

static void tagged_replies_are_sent_once(void **state)
{
	static const char *const had[] = {"\"tag\"", "W/\"tag\"",
					  "\"a\", W/\"tag\"", "*"};
	static const char *const other[] = {NULL,    "",	 "tag",
					    "\"tag", "\"tagg\"", "W/\"a\""};
	struct request rq = web_request(METHOD_GET, "/", NULL);
	struct reply rs = reply_init(&rq);
	struct str text;

	(void)state;
	for (size_t i = 0; i < sizeof(had) / sizeof(had[0]); i++)
		assert_str(answer_tagged(had[i], METHOD_GET),
			   "Status: 304 Not Modified\r\n"
			   "Cache-Control: private, no-cache\r\n"
			   "ETag: \"tag\"\r\n\r\n");
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		text = answer_tagged(other[i], METHOD_GET);
		assert_int_equal(web_status(text), 200);
		assert_str(web_body(text), "body");
		assert_str(web_header(text, "ETag"), "\"tag\"");
	}
	assert_str(web_body(answer_tagged(NULL, METHOD_HEAD)), "");
	reply_tagged(&rq, &rs, STR("\"tag\""));
	reply_problem(&rq, &rs, 404, STR(""));
	text = reply_text(&rq, &rs);
	assert_true(str_is_absent(web_header(text, "ETag")));
	assert_str(web_header(text, "Cache-Control"), "no-store");
}

static void problems_say_why(void **state)
{
	struct request rq = web_request(METHOD_GET, "/secret", NULL);
	struct reply rs = reply_init(&rq);

	(void)state;
	rs.location = STR("/elsewhere");
	reply_problem(&rq, &rs, 410, STR("event_over"));
	assert_has(buf_str(&rs.body), "|This event is over.|");
	assert_true(str_is_absent(rs.location));
	reply_problem(&rq, &rs, 410, STR("no_such_key"));
	assert_has(buf_str(&rs.body),
		   str_z(&web_arena, message_problem(410).sentence));
	/* what is missing must not be told apart */
	reply_problem(&rq, &rs, 404, STR("event_over"));
	assert_has_not(buf_str(&rs.body), "This event is over.");
	/* nothing of the request but its id */
	assert_has_not(buf_str(&rs.body), "secret");
	assert_has(buf_str(&rs.body), "||" WEB_REQUEST_ID);
}

static void sentences_fill_their_blanks(void **state)
{
	const struct message_blanks blanks = {
		.label = STR_INIT("{most} & more"), .least = -3, .most = 12};

	(void)state;
	assert_str(message_fill(&web_arena, STR("field_number"), &blanks),
		   "Please give a whole number from -3 to 12 for “{most} & "
		   "more”.");
	assert_true(str_is_absent(message_find(STR(""))));
	assert_true(str_is_absent(message_find(STR_ABSENT)));
	assert_str(message_find(STR("signed_out")), "You are signed out.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a reply begins as an empty 200, never stored",
		     begins_empty),
		TEST("pages see their fields and the common ones",
		     renders_pages),
		TEST("a file has its name, and an error page none",
		     files_are_saved),
		TEST("a page's own field goes before a common one",
		     the_page_has_the_last_word),
		TEST("an address shows none but our notes",
		     notes_are_only_ours),
		TEST("HEAD has the headers and no body", head_has_no_body),
		TEST("what is tagged is sent once, and asked about",
		     tagged_replies_are_sent_once),
		TEST("redirects lead to our own paths", redirects_to_our_own),
		TEST("redirects elsewhere, and CR or LF, are refused",
		     refuses_other_redirects),
		TEST("a header value never begins another line",
		     headers_stay_one_line),
		TEST("each error page has its words",
		     problems_have_their_words),
		TEST("an error page says why, and nothing of the request",
		     problems_say_why),
		TEST("sentences fill their blanks",
		     sentences_fill_their_blanks),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
