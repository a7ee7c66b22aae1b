/*
 * CSV as we write it: what spreadsheets make of cells.  Prints TAP.
 */
#include "view/csv_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)1 << 20)

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, TEST_MEMORY);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void expect_cell(struct str cell, const char *wanted)
{
	struct buf out = buf_init(&arena, 64);

	csv_file_row(&out, &cell, 1);
	assert_string_equal(
		str_z(&arena, buf_str(&out)),
		str_z(&arena, str_printf(&arena, "%s\r\n", wanted)));
}

static void quotes_what_needs_it(void **state)
{
	(void)state;
	expect_cell(STR("plain words, no"), "\"plain words, no\"");
	expect_cell(STR("plain"), "plain");
	expect_cell(STR("a\"b"), "\"a\"\"b\"");
	expect_cell(STR("two\nlines"), "\"two\nlines\"");
	expect_cell(STR("a;b"), "\"a;b\"");
	expect_cell(STR(" a"), "\" a\"");
	expect_cell(STR("J\xC3\xB6rg"), "J\xC3\xB6rg");
	expect_cell(STR(""), "");
	expect_cell(STR_ABSENT, "");
}

static void formulas_are_words(void **state)
{
	(void)state;
	expect_cell(STR("=1+2"), "'=1+2");
	expect_cell(STR("+1"), "'+1");
	expect_cell(STR("-1"), "'-1");
	expect_cell(STR("@SUM(A1)"), "'@SUM(A1)");
	expect_cell(STR("\t=1"), "\"'\t=1\"");
	expect_cell(STR("\r=1"), "\"'\r=1\"");
	expect_cell(STR("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
	expect_cell(STR("a=1"), "a=1");
	expect_cell(STR("1-2"), "1-2");
}

static void rows_have_their_cells(void **state)
{
	const struct str cells[] = {STR_INIT("a"), STR_INIT(""), STR_INIT("b")};
	static const char *const columns[] = {"name", "given_at", NULL};
	struct buf out = buf_init(&arena, 64);

	(void)state;
	csv_file_begin(&out, columns);
	csv_file_row(&out, cells, 3);
	csv_file_row(&out, cells, 0);
	assert_string_equal(str_z(&arena, buf_str(&out)),
			    "\xEF\xBB\xBFname,given_at\r\na,,b\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B8 cells are quoted where they must be",
		 quotes_what_needs_it, set_up, tear_down, NULL},
		{"R-B8 what would be a formula is a text", formulas_are_words,
		 set_up, tear_down, NULL},
		{"R-B8 a file begins with UTF-8's mark and names",
		 rows_have_their_cells, set_up, tear_down, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
