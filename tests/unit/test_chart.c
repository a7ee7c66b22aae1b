/*
 * Charts: where bars begin, and how long they are.  Prints TAP.
 */
#include "view/chart.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void expect_member(struct value of, struct str name, const char *wanted)
{
	struct value member;

	assert_true(value_member(of, name, &arena, &member));
	assert_string_equal(str_z(&arena, value_as_text(member)), wanted);
}

static struct value bar(struct value chart, ptrdiff_t i)
{
	struct value bars;

	assert_true(value_member(chart, STR("bars"), &arena, &bars));
	return bars.kind->item(bars, i);
}

static void the_longest_leaves_room(void **state)
{
	const struct chart_bar bars[] = {
		{.label = STR("Asked"), .beside = STR("40"), .amount = 40},
		{.beside = STR("10"), .amount = 10, .hatched = true},
		{.label = STR("Answered"), .beside = STR("0"), .amount = 0},
	};
	struct value chart = chart_bars(&arena, bars, 3);
	struct value label;

	(void)state;
	expect_member(bar(chart, 0), STR("width"), "65.00");
	expect_member(bar(chart, 1), STR("width"), "16.25");
	expect_member(bar(chart, 2), STR("width"), "0.00");
	expect_member(bar(chart, 0), STR("label"), "Asked");
	assert_true(value_member(bar(chart, 1), STR("label"), &arena, &label));
	assert_false(value_is_true(label));
	expect_member(bar(chart, 1), STR("hatched"), "true");
	expect_member(bar(chart, 0), STR("bar_y"), "1.35");
	expect_member(bar(chart, 1), STR("bar_y"), "2.65");
	expect_member(bar(chart, 2), STR("bar_y"), "5.75");
	expect_member(chart, STR("height"), "7.05");
}

static void nothing_is_no_length(void **state)
{
	const struct chart_bar bars[] = {{.label = STR("Asked"), .amount = 0}};

	(void)state;
	expect_member(bar(chart_bars(&arena, bars, 1), 0), STR("width"),
		      "0.00");
	expect_member(chart_bars(&arena, bars, 0), STR("height"), "0.00");
}

static void much_is_no_overflow(void **state)
{
	const struct chart_bar bars[] = {
		{.label = STR("a"), .amount = INT64_MAX},
		{.label = STR("b"), .amount = INT64_MAX / 2}};

	(void)state;
	expect_member(bar(chart_bars(&arena, bars, 2), 1), STR("width"),
		      "32.50");
}

static void words_stand_clear_of_the_line(void **state)
{
	const struct {
		int64_t percent;
		const char *y, *beside;
	} cases[] = {{100, "1.70", "1.10"},
		     {86, "2.82", "4.12"},
		     {50, "5.70", "5.10"},
		     {0, "9.70", "9.10"}};
	struct value dots;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct chart_point point = {.amount = cases[i].percent,
						  .known = true};

		assert_true(value_member(chart_line(&arena, &point, 1, 100),
					 STR("dots"), &arena, &dots));
		expect_member(dots.kind->item(dots, 0), STR("y"), cases[i].y);
		expect_member(dots.kind->item(dots, 0), STR("beside_y"),
			      cases[i].beside);
	}
}

static void weeks_begin_on_mondays(void **state)
{
	const struct chart_day days[] = {
		{STR("6"), STR_ABSENT, 5, true},
		{STR("7"), STR_ABSENT, 6, false},
		{STR("8"), STR("L2"), 0, false},
	};
	struct value calendar = chart_calendar(&arena, days, 3);
	struct value list;

	(void)state;
	expect_member(calendar, STR("height"), "7.60");
	assert_true(value_member(calendar, STR("days"), &arena, &list));
	assert_int_equal(list.kind->count(list), 3);
	expect_member(list.kind->item(list, 0), STR("x"), "78.57");
	expect_member(list.kind->item(list, 1), STR("number_y"), "2.50");
	expect_member(list.kind->item(list, 2), STR("x"), "7.14");
	expect_member(list.kind->item(list, 2), STR("number_y"), "5.50");
	expect_member(list.kind->item(list, 2), STR("beside"), "L2");
	calendar = chart_calendar(&arena, days, 0);
	expect_member(calendar, STR("height"), "4.60");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B8 bars begin at zero, the longest leaves room beside it",
		 the_longest_leaves_room, set_up, tear_down, NULL},
		{"R-B8 nothing has no length", nothing_is_no_length, set_up,
		 tear_down, NULL},
		{"R-B8 no line goes through what stands beside a dot",
		 words_stand_clear_of_the_line, set_up, tear_down, NULL},
		{"R-D1 a calendar has a line a week, from Monday on",
		 weeks_begin_on_mondays, set_up, tear_down, NULL},
		{"R-B8 much is no overflow", much_is_no_overflow, set_up,
		 tear_down, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
