/*
 * data/shifts.h: what a CSV file of shifts says, and what it lacks.
 */
#include "data/shifts.h"

#include "base/buf.h"
#include "unit/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static bool read_text(const char *text, struct table *table, struct str *why)
{
	return shifts_read(&arena, str_of(text), table, why);
}

static void takes_columns_in_any_order(void **state)
{
	struct table table;
	struct str why;

	(void)state;
	assert_true(read_text("start;people;title;end\n"
			      "2026-11-27 18:00;a@b.example;Bar;22:00\n",
			      &table, &why));
	assert_int_equal(table.count, 1);
	assert_str(table.json,
		   "[{\"line\":2,\"title\":\"Bar\",\"start\":\"2026-11-27 "
		   "18:00\",\"end\":\"22:00\",\"people\":\"a@b.example\"}]");
	assert_str(table.verdicts[0].what, "Bar");
}

static void says_what_a_row_lacks(void **state)
{
	struct table table;
	struct str why;

	(void)state;
	assert_true(read_text("title,start,end\n"
			      ",2026-11-27 18:00,22:00\n"
			      "Bar,,22:00\nBar,2026-11-27 18:00\n"
			      "Bar,a,b,c\n\"Bar\nX-Injected: y\",a,b\n",
			      &table, &why));
	assert_str(table.json, "[]");
	assert_str(table.verdicts[0].why, "no title");
	assert_str(table.verdicts[1].why, "no start");
	assert_str(table.verdicts[2].why, "no end");
	assert_str(table.verdicts[3].why, "more fields than the first row");
	assert_str(table.verdicts[4].why,
		   "a line break or control character in a field");
}

static void says_why_a_file_cannot_be_read(void **state)
{
	struct table table;
	struct str why;

	(void)state;
	assert_false(read_text("title,start\nBar,18:00\n", &table, &why));
	assert_str(why, "line 1: the first row must name the columns: "
			"title, start, end, location, capacity, people");
	assert_false(read_text("title,start,end,colour\n", &table, &why));
	assert_str(why, "line 1: column 4 is not known; the columns are "
			"title, start, end, location, capacity and people");
	assert_false(read_text("title,start,end\nB\xff"
			       "r,a,b\n",
			       &table, &why));
	assert_str(why, "line 2: not UTF-8 text; save the file as CSV "
			"in UTF-8");
}

static void takes_no_more_than_it_says(void **state)
{
	struct buf text = buf_init(&arena, 100000);
	struct table table;
	struct str why;

	(void)state;
	buf_add(&text, STR("title,start,end\n"));
	for (int i = 0; i <= SHIFTS_MAX; i++)
		buf_add(&text, STR("Bar,a,b\n"));
	assert_false(shifts_read(&arena, buf_str(&text), &table, &why));
	assert_str(why, "it has more than 5000 shifts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_columns_in_any_order),
		cmocka_unit_test(says_what_a_row_lacks),
		cmocka_unit_test(says_why_a_file_cannot_be_read),
		cmocka_unit_test(takes_no_more_than_it_says),
	};
	int failed;

	arena_init(&arena, (size_t)8 << 20);
	failed = cmocka_run_group_tests_name("shifts", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
