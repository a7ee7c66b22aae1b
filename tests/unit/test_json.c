/*
 * Reading and writing JSON.  Prints TAP.
 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct json *read_good(const char *text)
{
	struct str why = STR_ABSENT;
	struct json *json = json_read(&arena, str_of(text), &why);

	if (!json)
		fail_msg("'%s': %.*s", text, STR_ARG(why));
	return json;
}

static void assert_text(const struct json *json, const char *want)
{
	struct str got = json_text(&arena, json);

	assert_false(str_is_absent(got));
	assert_string_equal(str_z(&arena, got), want);
}

static void values_of_every_type(void **state)
{
	struct json *json = read_good(
		"{\"z\":null,\"t\":true,\"f\":false,\"n\":-12,\"r\":1.21,"
		"\"s\":\"a\\u00e9\\n\",\"a\":[1,\"two\"],\"o\":{\"in\":0}}");
	const struct json *list = json_member(json, STR("a"));
	struct str name;

	(void)state;
	assert_int_equal(json_type(json), JSON_IS_OBJECT);
	assert_int_equal(json_type(json_member(json, STR("z"))), JSON_IS_NULL);
	assert_int_equal(json_type(json_member(json, STR("t"))), JSON_IS_BOOL);
	assert_true(json_is_true(json_member(json, STR("t"))));
	assert_false(json_is_true(json_member(json, STR("f"))));
	assert_false(json_is_true(json_member(json, STR("n"))));
	assert_false(json_is_true(NULL));
	assert_text(json_member(json, STR("n")), "-12");
	assert_text(json_member(json, STR("r")), "1.21");
	assert_text(json_member(json, STR("s")), "a\xc3\xa9\n");
	assert_true(str_is_absent(json_text(&arena, list)));
	assert_int_equal(json_count(list), 2);
	assert_text(json_item(list, 1), "two");
	assert_null(json_item(list, 2));
	assert_null(json_item(list, -1));
	assert_null(json_member(json, STR("nowhere")));
	assert_null(json_member(list, STR("a")));
	assert_null(json_member(NULL, STR("a")));
	assert_int_equal(json_count(json), 0);
	assert_non_null(json_member_at(json, 6, &name));
	assert_string_equal(str_z(&arena, name), "a");
	assert_null(json_member_at(json, 8, &name));
	json_free(json);
}

static void numbers_are_short(void **state)
{
	static const char *const cases[][2] = {
		{"85", "85"},
		{"1.0", "1"},
		{"100.0", "100"},
		{"0.1", "0.1"},
		{"1.5e3", "1500"},
		{"-0.25", "-0.25"},
		{"9223372036854775807", "9223372036854775807"},
		{"0.30000000000000004", "0.30000000000000004"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json *json = read_good(cases[i][0]);

		assert_text(json, cases[i][1]);
		json_free(json);
	}
}

static void bad_json_is_refused_with_its_line(void **state)
{
	static const char *const bad[][2] = {
		{"", "line 1"},
		{"{", "line 1"},
		{"[1,\n2,\n}", "line 3"},
		{"{\"a\":1,\n\"a\":2}", "line 2"},
		{"[1] x", "line 1"},
		{"\"\\u0000\"", "line 1"},
		{"\"\xff\"", "line 1"},
		{"'a'", "line 1"},
		{"[01]", "line 1"},
		{"[1,]", "line 1"},
		{"99999999999999999999", "line 1"},
		{"1e999", "line 1"},
		{"nul", "line 1"},
	};
	struct str why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = STR_ABSENT;
		if (json_read(&arena, str_of(bad[i][0]), &why))
			fail_msg("'%s' was taken", bad[i][0]);
		if (!str_starts(why, str_of(bad[i][1])))
			fail_msg("'%s': %.*s", bad[i][0], STR_ARG(why));
	}
	assert_null(json_read(&arena, STR("[1]\0"), &why));
	assert_null(json_read(&arena, STR_ABSENT, &why));
}

static struct str nested(int depth)
{
	struct buf b = buf_init(&arena, 0);

	for (int i = 0; i < depth; i++)
		buf_add(&b, i % 2 ? STR("[") : STR("{\"[{\\\"\":"));
	buf_add(&b, STR("1"));
	for (int i = depth; i-- > 0;)
		buf_add(&b, i % 2 ? STR("]") : STR("}"));
	return buf_str(&b);
}

static void depth_is_bounded(void **state)
{
	struct str why;
	struct json *json = json_read(&arena, nested(64), &why);

	(void)state;
	assert_non_null(json);
	json_free(json);
	assert_null(json_read(&arena, nested(65), &why));
	assert_null(json_read(&arena, nested(100000), &why));
}

static void written_text_reads_back(void **state)
{
	char all[128];
	struct buf b = buf_init(&arena, 0);
	struct str why;
	struct json *json;

	(void)state;
	for (int i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	json_add_text(&b, str_at(all, 127));
	json = json_read(&arena, buf_str(&b), &why);
	assert_non_null(json);
	assert_true(str_equal(json_text(&arena, json), str_at(all, 127)));
	json_free(json);

	b = buf_init(&arena, 0);
	json_add_text(&b, STR("a\xff\xc3\xe6\x97\xa5\0"));
	assert_string_equal(str_z(&arena, buf_str(&b)),
			    "\"a\xef\xbf\xbd\xef\xbf\xbd\xe6\x97\xa5\\u0000\"");
	b = buf_init(&arena, 0);
	json_add_text(&b, STR_ABSENT);
	assert_string_equal(str_z(&arena, buf_str(&b)), "\"\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(values_of_every_type, tear_down),
		cmocka_unit_test_teardown(numbers_are_short, tear_down),
		cmocka_unit_test_teardown(bad_json_is_refused_with_its_line,
					  tear_down),
		cmocka_unit_test_teardown(depth_is_bounded, tear_down),
		cmocka_unit_test_teardown(written_text_reads_back, tear_down),
	};
	int failed;

	arena_init(&arena, (size_t)64 * 1024 * 1024);
	failed = cmocka_run_group_tests_name("json", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
