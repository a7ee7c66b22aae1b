/*
 * From CGI variables to a request.  Prints TAP.
 */
#include "unit/web_world.h"

static struct request request_of(const char *const *env)
{
	struct request rq = {.app = &web_app, .arena = &web_arena};
	char *copy[32] = {0};

	for (int i = 0; env[i]; i++)
		copy[i] = str_z(&web_arena, str_of(env[i]));
	request_read(&rq, copy);
	return rq;
}

static void reads_variables(void **state)
{
	const struct request rq = request_of((const char *const[]){
		"REQUEST_METHODX=HEAD", "REQUEST_METHOD=POST",
		"REQUEST_URI=/r/a%2Fb?x=1?y=2",
		"CONTENT_TYPE=application/x-www-form-urlencoded",
		"HTTP_COOKIE=a=b", "HTTP_ORIGIN=https://x.example",
		"HTTP_SEC_FETCH_SITE=same-origin", "HTTP_SEC_PURPOSE=prefetch",
		"HTTP_USER_AGENT=Agent", "REQUEST_ID=abc-123", NULL});

	(void)state;
	assert_int_equal(rq.method, METHOD_POST);
	assert_str(rq.path, "/r/a%2Fb");
	assert_str(rq.query, "x=1?y=2");
	assert_str(rq.content_type, "application/x-www-form-urlencoded");
	assert_str(rq.cookie, "a=b");
	assert_str(rq.origin, "https://x.example");
	assert_str(rq.sec_fetch_site, "same-origin");
	assert_str(rq.sec_purpose, "prefetch");
	assert_str(rq.user_agent, "Agent");
	assert_str(rq.id, "abc-123");
}

static void knows_methods(void **state)
{
	static const struct {
		const char *variable;
		enum method method;
	} cases[] = {
		{"REQUEST_METHOD=GET", METHOD_GET},
		{"REQUEST_METHOD=HEAD", METHOD_HEAD},
		{"REQUEST_METHOD=POST", METHOD_POST},
		{"REQUEST_METHOD=PUT", METHOD_OTHER},
		{"REQUEST_METHOD=get", METHOD_OTHER},
		{"REQUEST_METHOD=", METHOD_OTHER},
		{"OTHER=GET", METHOD_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(request_of((const char *const[]){
						    cases[i].variable, NULL})
					 .method,
				 cases[i].method);
}

static void absent_headers_are_absent(void **state)
{
	const struct request rq = request_of((const char *const[]){
		"REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_ORIGIN=", NULL});

	(void)state;
	assert_true(str_is_absent(rq.query));
	assert_true(str_is_absent(rq.cookie));
	assert_true(str_is_absent(rq.origin));
	assert_true(str_is_absent(rq.sec_fetch_site));
}

static void takes_path_info_instead(void **state)
{
	const struct request rq = request_of((const char *const[]){
		"PATH_INFO=/events", "QUERY_STRING=a=b", NULL});
	const struct request none = request_of((const char *const[]){NULL});

	(void)state;
	assert_str(rq.path, "/events");
	assert_str(rq.query, "a=b");
	assert_str(none.path, "/");
}

static void makes_an_id(void **state)
{
	static const char *const bad[] = {
		"REQUEST_ID=", "REQUEST_ID=a b", "REQUEST_ID=a\"b",
		"REQUEST_ID=a\nb",
		("REQUEST_ID=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
		 "fffffffffff1234")};
	struct str last = STR_ABSENT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct request rq =
			request_of((const char *const[]){bad[i], NULL});

		assert_int_equal(rq.id.n, 32);
		assert_false(str_equal(rq.id, last));
		last = rq.id;
	}
}

static void reads_lengths(void **state)
{
	static const struct {
		char variable[64];
		int64_t length;
	} cases[] = {
		{"CONTENT_LENGTH=0", 0},
		{"CONTENT_LENGTH=65536", 65536},
		{"CONTENT_LENGTH=", 0},
		{"CONTENT_LENGTH=-1", 0},
		{"CONTENT_LENGTH=+5", 0},
		{"CONTENT_LENGTH=5 ", 0},
		{"CONTENT_LENGTH=99999999999999999999", 0},
		{"CONTENT_LENGTH=9223372036854775807", INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *env[] = {str_z(&web_arena, str_of(cases[i].variable)),
			       NULL};

		assert_int_equal(request_length(env), cases[i].length);
	}
}

static void reads_numbers(void **state)
{
	struct request rq = web_request(METHOD_GET, "/", NULL);
	int64_t n = 7;

	(void)state;
	rq.params[0] = STR("42");
	assert_true(request_number(&rq, 0, &n));
	assert_int_equal(n, 42);
	rq.params[0] = STR("9223372036854775807");
	assert_true(request_number(&rq, 0, &n));
	n = 7;
	for (const char *const *bad =
		     (const char *const[]){"0", "-1", "", "042", "4x", " 4",
					   "9223372036854775808", NULL};
	     *bad; bad++) {
		rq.params[0] = str_of(*bad);
		assert_false(request_number(&rq, 0, &n));
	}
	assert_int_equal(n, 7);
}

static void finds_query_fields(void **state)
{
	struct request rq = web_request(
		METHOD_GET, "/?a=1&b=x+y&c=%ff&d=%00&e=%&a=2&f", NULL);

	(void)state;
	assert_str(request_query(&rq, "a"), "1");
	assert_str(request_query(&rq, "b"), "x y");
	assert_true(str_is_absent(request_query(&rq, "c")));
	assert_true(str_is_absent(request_query(&rq, "d")));
	assert_true(str_is_absent(request_query(&rq, "e")));
	assert_str(request_query(&rq, "f"), "");
	assert_true(str_is_absent(request_query(&rq, "g")));
	rq = web_request(METHOD_GET, "/", NULL);
	assert_true(str_is_absent(request_query(&rq, "a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("CGI variables become a request", reads_variables),
		TEST("methods are told apart", knows_methods),
		TEST("a header that was not sent is absent",
		     absent_headers_are_absent),
		TEST("PATH_INFO serves without REQUEST_URI",
		     takes_path_info_instead),
		TEST("an id that is no plain word is made anew", makes_an_id),
		TEST("only a number is a length", reads_lengths),
		TEST("only a number over 0 is a row's number", reads_numbers),
		TEST("query fields that are no text are absent",
		     finds_query_fields),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
