/*
 * Percent-encoding, form pairs and addresses of our own.  Prints TAP.
 */
#include "unit/web_world.h"

#include "web/url.h"

static void decodes(void **state)
{
	struct str out;

	(void)state;
	assert_true(
		url_decode(&web_arena, STR("a%20b+c%2Fd%c3%A9"), false, &out));
	assert_str(out, "a b+c/d\xc3\xa9");
	assert_true(url_decode(&web_arena, STR("a+b%2B"), true, &out));
	assert_str(out, "a b+");
	assert_true(url_decode(&web_arena, STR(""), true, &out));
	assert_int_equal(out.n, 0);
	assert_false(str_is_absent(out));
	assert_true(url_decode(&web_arena, STR("a%00b"), false, &out));
	assert_int_equal(out.n, 3);
	assert_int_equal(out.p[1], 0);
}

static void refuses_malformed(void **state)
{
	static const char *const bad[] = {"%",	  "%4",	  "%4g", "%g4",
					  "%%41", "a%-1", "% 4", "x%2"};
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(
			url_decode(&web_arena, str_of(bad[i]), true, &out));
}

static void does_not_decode_twice(void **state)
{
	struct str out;

	(void)state;
	assert_true(url_decode(&web_arena, STR("%252e%252f"), false, &out));
	assert_str(out, "%2e%2f");
}

static void encodes_back(void **state)
{
	char all[256];
	struct str text, out;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	text = url_encode(&web_arena, str_at(all, sizeof(all)));
	for (ptrdiff_t i = 0; i < text.n; i++)
		assert_true(text.p[i] > ' ' && text.p[i] <= '~');
	assert_true(url_decode(&web_arena, text, true, &out));
	assert_true(str_equal(out, str_at(all, sizeof(all))));
	assert_str(url_encode(&web_arena, STR("/a?b=c&d")), "%2Fa%3Fb%3Dc%26d");
	assert_str(url_encode(&web_arena, STR("A-z0._~")), "A-z0._~");
}

static void assert_pair(struct str *rest, const char *name, const char *value,
			bool is_bad)
{
	struct str got_name, got_value;
	bool bad;

	assert_true(
		url_next_pair(&web_arena, rest, &got_name, &got_value, &bad));
	assert_str(got_name, name);
	assert_str(got_value, value);
	assert_int_equal(bad, is_bad);
	assert_false(str_is_absent(got_value));
}

static void takes_pairs(void **state)
{
	struct str rest = STR("&a=1&&b&c=&=d&e=f=g+h&i%3D=%26&j=%zz&%=k&");
	struct str name, value;
	bool bad;

	(void)state;
	assert_pair(&rest, "a", "1", false);
	assert_pair(&rest, "b", "", false);
	assert_pair(&rest, "c", "", false);
	assert_pair(&rest, "", "d", false);
	assert_pair(&rest, "e", "f=g h", false);
	assert_pair(&rest, "i=", "&", false);
	assert_pair(&rest, "j", "%zz", true);
	assert_pair(&rest, "%", "k", true);
	assert_false(url_next_pair(&web_arena, &rest, &name, &value, &bad));
	rest = STR_ABSENT;
	assert_false(url_next_pair(&web_arena, &rest, &name, &value, &bad));
}

static void knows_its_own(void **state)
{
	static const char *const own[] = {"/", "/events", "/r/x?change=1",
					  "/a//b", "/a%0d"};
	static const char *const other[] = {"",
					    "events",
					    "//evil.example",
					    "/\\evil.example",
					    "/a\\b",
					    "https://evil.example",
					    "javascript:alert(1)",
					    " /events",
					    "/events ",
					    "/e\r\nSet-Cookie: x=y",
					    "/e\tx",
					    "/\xc3\xa9",
					    "/\x7f"};
	char *longest = arena_get(&web_arena, 2000);

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_true(url_is_own(str_of(own[i])));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(url_is_own(str_of(other[i])));
	assert_false(url_is_own(STR_ABSENT));
	memset(longest, '/', 1);
	memset(longest + 1, 'a', 1000);
	assert_true(url_is_own(str_at(longest, 1000)));
	assert_false(url_is_own(str_at(longest, 1001)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("percent-escapes are decoded", decodes),
		TEST("malformed escapes are refused", refuses_malformed),
		TEST("nothing is decoded twice", does_not_decode_twice),
		TEST("what is encoded comes back", encodes_back),
		TEST("form pairs are taken one by one", takes_pairs),
		TEST("only addresses of our own are our own", knows_its_own),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
