/*
 * Strings: comparing, cutting, numbers and UTF-8.  Prints TAP.
 */
#include "base/str.h"
#include "unit/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static void absent_and_empty_differ(void **state)
{
	(void)state;
	assert_true(str_is_absent(STR_ABSENT));
	assert_true(str_is_absent(str_of(NULL)));
	assert_false(str_is_absent(STR("")));
	assert_false(str_is_absent(str_copy(&arena, STR(""))));
	assert_true(str_is_absent(str_copy(&arena, STR_ABSENT)));
	assert_true(str_is_absent(str_lower(&arena, STR_ABSENT)));
	assert_true(str_equal(STR_ABSENT, STR("")));
	assert_string_equal(str_z(&arena, STR_ABSENT), "");
	assert_true(str_is_utf8(STR_ABSENT));
	assert_false(str_has_control(STR_ABSENT, false));
	assert_int_equal(str_trim(STR_ABSENT).n, 0);
	assert_int_equal(str_find(STR_ABSENT, 'a'), -1);
}

static void comparing(void **state)
{
	(void)state;
	assert_true(str_equal(STR("a\0b"), STR("a\0b")));
	assert_false(str_equal(STR("a\0b"), STR("a\0c")));
	assert_false(str_equal(STR("a"), STR("ab")));
	assert_true(str_equal_nocase(STR("X-wr"), STR("x-WR")));
	assert_false(str_equal_nocase(STR("["), STR("{")));
	assert_false(str_equal_nocase(STR("\xc3\x89"), STR("\xc3\xa9")));
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("ab"), STR("abc")));
	assert_true(str_ends(STR("abc"), STR("bc")));
	assert_false(str_ends(STR("bc"), STR("abc")));
	assert_true(str_ends(STR("abc"), STR("")));
}

static void finding_and_cutting(void **state)
{
	struct str rest;

	(void)state;
	assert_int_equal(str_find(STR("abcb"), 'b'), 1);
	assert_int_equal(str_find(STR("abc"), 'z'), -1);
	assert_int_equal(str_find_str(STR("ababc"), STR("abc")), 2);
	assert_int_equal(str_find_str(STR("ab"), STR("abc")), -1);
	assert_int_equal(str_find_str(STR("ab"), STR("")), 0);
	assert_str(str_from(STR("abc"), 2), "c");
	assert_str(str_from(STR("abc"), 9), "");
	assert_str(str_first(STR("abc"), 2), "ab");
	assert_str(str_first(STR("abc"), 9), "abc");
	assert_str(str_trim(STR(" \t\r\n a b \r\n")), "a b");
	assert_str(str_trim(STR(" \t ")), "");
	assert_str(str_cut(STR("a=b=c"), '=', &rest), "a");
	assert_str(rest, "b=c");
	assert_str(str_cut(STR("a="), '=', &rest), "a");
	assert_str(rest, "");
	assert_str(str_cut(STR("abc"), '=', &rest), "abc");
	assert_true(str_is_absent(rest));
	assert_str(str_lower(&arena, STR("AbZ[\xc3\x89")), "abz[\xc3\x89");
	assert_str(str_printf(&arena, "%d-%s", 7, "x"), "7-x");
	assert_str(str_printf(&arena, "%s", ""), "");
}

static void integers_at_their_edges(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {
		{"0", 0},
		{"7", 7},
		{"-1", -1},
		{"10", 10},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN},
		{"-9223372036854775807", -INT64_MAX},
	};
	static const char *const bad[] = {
		"",
		"-",
		"+1",
		"00",
		"01",
		"-0",
		"-01",
		" 1",
		"1 ",
		"1.0",
		"1e3",
		"0x10",
		"--1",
		"1-",
		"a",
		"\xd9\xa1",
		"9223372036854775808",
		"-9223372036854775809",
		"18446744073709551616",
		"99999999999999999999999999999999",
		"-99999999999999999999",
		"9223372036854775810",
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		v = 42;
		assert_true(str_read_int(str_of(good[i].text), &v));
		assert_true(v == good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = 42;
		if (str_read_int(str_of(bad[i]), &v) || v != 42)
			fail_msg("'%s' was taken for a number", bad[i]);
	}
	assert_false(str_read_int(STR("1\0"), &v));
	assert_false(str_read_int(STR_ABSENT, &v));
}

static void utf8_well_formed_and_not(void **state)
{
	static const struct str good[] = {
		STR_INIT(""),
		STR_INIT("abc"),
		STR_INIT("\0"),
		STR_INIT("\x7f"),
		STR_INIT("\xc2\x80"),
		STR_INIT("\xdf\xbf"),
		STR_INIT("\xe0\xa0\x80"),
		STR_INIT("\xed\x9f\xbf"),
		STR_INIT("\xee\x80\x80"),
		STR_INIT("\xef\xbf\xbf"),
		STR_INIT("\xf0\x90\x80\x80"),
		STR_INIT("\xf4\x8f\xbf\xbf"),
		STR_INIT("Zo\xc3\xab \xe6\x97\xa5 \xf0\x9f\x91\x8d"),
	};
	static const struct str bad[] = {
		STR_INIT("\x80"), /* a tail alone */
		STR_INIT("\xbf"),
		STR_INIT("\xc0\x80"), /* overlong NUL */
		STR_INIT("\xc1\xbf"),
		STR_INIT("\xe0\x80\x80"),
		STR_INIT("\xe0\x9f\xbf"),
		STR_INIT("\xf0\x80\x80\x80"),
		STR_INIT("\xf0\x8f\xbf\xbf"),
		STR_INIT("\xed\xa0\x80"), /* surrogates */
		STR_INIT("\xed\xbf\xbf"),
		STR_INIT("\xf4\x90\x80\x80"), /* over U+10FFFF */
		STR_INIT("\xf5\x80\x80\x80"),
		STR_INIT("\xfe"),
		STR_INIT("\xff"),
		STR_INIT("\xc3"), /* cut off */
		STR_INIT("\xe6\x97"),
		STR_INIT("\xf0\x9f\x91"),
		STR_INIT("a\xc3("), /* a tail that is none */
		STR_INIT("\xe6\x28\xa5"),
		STR_INIT("\xf0\x9f\x28\x8d"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!str_is_utf8(good[i]))
			fail_msg("good text %zu was refused", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_is_utf8(bad[i]))
			fail_msg("bad text %zu was taken", i);
	assert_int_equal(str_utf8_count(good[12]), 7);
	assert_int_equal(str_utf8_first(STR("\xe6\x97\xa5x")), 3);
	assert_int_equal(str_utf8_first(STR("\xe6\x97")), 0);
	assert_int_equal(str_utf8_first(STR("")), 0);
	/* nothing behind the end is read */
	assert_int_equal(str_utf8_first(str_at("\xe6\x97\xa5", 2)), 0);
}

static void controls(void **state)
{
	static const struct str always[] = {
		STR_INIT("\0"),		  STR_INIT("a\x1b"),
		STR_INIT("\x7f"),	  STR_INIT("\xc2\x80"),
		STR_INIT("\xc2\x9f"),	  STR_INIT("\xe2\x80\xa8"),
		STR_INIT("\xe2\x80\xa9"), STR_INIT("\x0b"),
		STR_INIT("\x0c"),
	};
	static const struct str lines[] = {STR_INIT("a\tb"), STR_INIT("a\nb"),
					   STR_INIT("a\r\n")};

	(void)state;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		assert_true(str_has_control(always[i], false));
		assert_true(str_has_control(always[i], true));
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(str_has_control(lines[i], false));
		assert_false(str_has_control(lines[i], true));
	}
	assert_false(str_has_control(STR("Zo\xc3\xab \xc2\xa0"), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_and_empty_differ),
		cmocka_unit_test(comparing),
		cmocka_unit_test(finding_and_cutting),
		cmocka_unit_test(integers_at_their_edges),
		cmocka_unit_test(utf8_well_formed_and_not),
		cmocka_unit_test(controls),
	};
	int failed;

	arena_init(&arena, (size_t)1024 * 1024);
	failed = cmocka_run_group_tests_name("str", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
