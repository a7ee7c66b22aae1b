/*
 * On which days rules fall: worked out by hand and compared with dateutil's.
 * Prints TAP.
 */
#include "base/calendar.h"
#include "base/clock.h"
#include "base/date.h"

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

/* The starts with a space between, or "!" and why not. */
static const char *repeat(const char *rule, const char *starts,
			  const char *from, const char *to)
{
	struct str why = STR_ABSENT;
	const struct calendar_repeats *repeats =
		calendar_repeat(&arena, str_of(rule), str_of(starts),
				str_of(from), str_of(to), &why);
	struct str all = STR("");

	if (!repeats)
		return str_z(&arena, str_printf(&arena, "!%.*s", STR_ARG(why)));
	for (ptrdiff_t i = 0; i < repeats->count; i++)
		all = str_printf(&arena, "%.*s%s%.*s", STR_ARG(all),
				 i ? " " : "", STR_ARG(repeats->starts[i]));
	return str_z(&arena, all);
}

#define FROM "2026-11-01T00:00:00"
#define TO "2027-11-01T00:00:00"
#define AT "T18:30:00"

/*
 * A year's last week goes on into the next one's January, and keeps its number
 * there: by ISO 8601 the 2nd of January of 2022 and 2039 is in week 52, which
 * dateutil takes for 53.
 */
static void weeks_go_on_into_january(void **state)
{
	(void)state;
	assert_string_equal(repeat("FREQ=YEARLY;BYWEEKNO=52;BYDAY=SU",
				   "2021-12-26" AT, "2021-12-27T00:00:00",
				   "2022-01-10T00:00:00"),
			    "2022-01-02" AT);
	assert_string_equal(repeat("FREQ=YEARLY;BYWEEKNO=52;BYDAY=SA,SU",
				   "2022-01-01" AT, "2038-12-27T00:00:00",
				   "2039-01-10T00:00:00"),
			    "2039-01-01" AT " 2039-01-02" AT);
	assert_string_equal(repeat("FREQ=YEARLY;BYWEEKNO=53;BYDAY=WE,SU",
				   "2026-12-30" AT, "2026-12-20T00:00:00",
				   "2032-01-01T00:00:00"),
			    "2026-12-30" AT " 2027-01-03" AT);
}

static void rules_fall_on_their_days(void **state)
{
	static const struct {
		const char *rule, *starts, *wanted;
	} cases[] = {
		/* the start is the first, whatever the rule says */
		{"FREQ=WEEKLY;COUNT=3;BYDAY=MO", "2026-11-20" AT,
		 "2026-11-20" AT " 2026-11-23" AT " 2026-11-30" AT},
		/* those before the window count */
		{"FREQ=WEEKLY;COUNT=4", "2026-10-16" AT, "2026-11-06" AT},
		{"FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", "2026-11-27" AT,
		 "2026-11-27" AT " 2026-12-25" AT " 2027-01-29" AT
		 " 2027-02-26" AT},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
		 "2026-11-30" AT,
		 "2026-11-30" AT " 2026-12-31" AT " 2027-01-29" AT},
		/* libical's iterator knows no BYSETPOS of weeks */
		{"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=4",
		 "2026-11-02" AT,
		 "2026-11-02" AT " 2026-11-04" AT " 2026-11-09" AT
		 " 2026-11-11" AT},
		/* nor BYWEEKNO by itself */
		{"FREQ=YEARLY;BYWEEKNO=1,2", "2026-12-29" AT,
		 "2026-12-29" AT " 2027-01-05" AT " 2027-01-12" AT},
		/* nor a start that is not of the first week's days */
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR;COUNT=4", "2026-11-03" AT,
		 "2026-11-03" AT " 2026-11-04" AT " 2026-11-06" AT
		 " 2026-11-18" AT},
		/* the two of RFC 5545 that WKST divides */
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
		 "2026-11-03" AT,
		 "2026-11-03" AT " 2026-11-08" AT " 2026-11-17" AT
		 " 2026-11-22" AT},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
		 "2026-11-03" AT,
		 "2026-11-03" AT " 2026-11-15" AT " 2026-11-17" AT
		 " 2026-11-29" AT},
		/* a day that a month lacks is left out, not moved */
		{"FREQ=MONTHLY;COUNT=4", "2026-12-31" AT,
		 "2026-12-31" AT " 2027-01-31" AT " 2027-03-31" AT
		 " 2027-05-31" AT},
		{"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2026-12-31" AT,
		 "2026-12-31" AT " 2027-01-31" AT " 2027-02-28" AT},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-11-13" AT,
		 "2026-11-13" AT " 2027-08-13" AT},
		{"FREQ=YEARLY;BYDAY=20MO", "2027-05-17" AT, "2027-05-17" AT},
		{"FREQ=YEARLY;BYYEARDAY=-1,1", "2026-12-31" AT,
		 "2026-12-31" AT " 2027-01-01" AT},
		{"FREQ=DAILY;INTERVAL=100;BYMONTH=11,6", "2026-11-20" AT,
		 "2026-11-20" AT " 2027-06-08" AT},
		{"FREQ=HOURLY;INTERVAL=8;COUNT=4", "2026-11-20T22:00:00",
		 "2026-11-20T22:00:00 2026-11-21T06:00:00 "
		 "2026-11-21T14:00:00 2026-11-21T22:00:00"},
		{"FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0,30;COUNT=3",
		 "2026-11-20T09:30:00",
		 "2026-11-20T09:30:00 2026-11-20T18:00:00 "
		 "2026-11-20T18:30:00"},
		/* no clock change moves the clock */
		{"FREQ=DAILY;COUNT=3", "2027-03-27T02:30:00",
		 "2027-03-27T02:30:00 2027-03-28T02:30:00 "
		 "2027-03-29T02:30:00"},
		/* as files write it */
		{"freq=weekly;interval=01;byday= fr ;count=+2;",
		 "2026-11-20" AT, "2026-11-20" AT " 2026-11-27" AT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got =
			repeat(cases[i].rule, cases[i].starts, FROM, TO);

		if (strcmp(got, cases[i].wanted) != 0)
			fail_msg("%s: %s", cases[i].rule, got);
	}
}

static void leap_days(void **state)
{
	(void)state;
	assert_string_equal(repeat("FREQ=YEARLY", "2024-02-29" AT,
				   "2024-01-01" AT, "2033-01-01" AT),
			    "2024-02-29" AT " 2028-02-29" AT " 2032-02-29" AT);
	assert_string_equal(repeat("FREQ=YEARLY", "1604-02-29" AT,
				   "2095-01-01" AT, "2105-01-01" AT),
			    "2096-02-29" AT " 2104-02-29" AT);
	/* none in the window is not never */
	assert_string_equal(repeat("FREQ=YEARLY", "2024-02-29" AT, FROM, TO),
			    "");
	assert_string_equal(repeat("FREQ=DAILY", "2028-02-29" AT, FROM, TO),
			    "");
}

static void what_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{"FREQ=SECONDLY", "every second"},
		{"FREQ=MINUTELY;INTERVAL=5", "every minute"},
		{"FREQ=DAILY;COUNT=100000", "more than 10,000 times"},
		{"FREQ=HOURLY", "more than 1,500 times"},
		{"FREQ=DAILY;BYHOUR=1,2,3,4,5", "more than 1,500 times"},
		{"FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,1,2,3,4,5,6,7,8,9;"
		 "BYSECOND=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
		 "20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,"
		 "40,41,42,43,44,45,46,47,48,49,50,51",
		 "too often within a day"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no day fits"},
		{"FREQ=YEARLY;BYDAY=54MO", "BYDAY=54MO"},
		{"FREQ=MONTHLY;BYDAY=6FR", "no day fits"},
		{"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "no day fits"},
		{"FREQ=WEEKLY;BYDAY=1FR", "BYDAY with a number"},
		{"FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO"},
		{"FREQ=WEEKLY;INTERVAL=0", "INTERVAL=0"},
		{"FREQ=WEEKLY;COUNT=0", "COUNT=0"},
		{"FREQ=WEEKLY;COUNT=-1", "COUNT=-1"},
		{"FREQ=WEEKLY;BYMONTH=13", "BYMONTH=13"},
		{"FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"},
		{"FREQ=WEEKLY;BYDAY=", "BYDAY="},
		{"FREQ=WEEKLY;BYDAY", "BYDAY="},
		{"FREQ=WEEKLY;BYMONTHDAY=0", "BYMONTHDAY=0"},
		{"FREQ=WEEKLY;FREQ=DAILY", "FREQ twice"},
		{"FREQ=WEEKLY;SKIP=OMIT", "SKIP"},
		{"FREQ=SOMETIMES", "FREQ=SOMETIMES"},
		{"BYDAY=MO", "no FREQ"},
		{"", "no FREQ"},
		{"\xff=\x01;;;===", "not known"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *got = repeat(bad[i][0], "2026-11-20" AT, FROM, TO);

		if (got[0] != '!' || !strstr(got, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], got);
	}
	assert_string_equal(repeat("FREQ=DAILY", "2026-02-30" AT, FROM, TO),
			    "!its start is no time of a clock");
}

/* However far back it began and however little fits. */
static void none_takes_long(void **state)
{
	static const char *const rules[] = {
		"FREQ=DAILY;COUNT=10000;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=HOURLY;COUNT=10000;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=HOURLY;BYSETPOS=366;BYMONTHDAY=-31;BYYEARDAY=-366",
		"FREQ=YEARLY;COUNT=10000;BYDAY=53MO,53TU,53WE,-53TH",
		"FREQ=YEARLY;INTERVAL=100000;BYWEEKNO=53",
		"FREQ=MONTHLY;INTERVAL=99999",
		"FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=99999;COUNT=9999",
	};
	int64_t began = clock_ms();

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		(void)repeat(rules[i], "0001-01-01" AT, FROM, TO);
		(void)repeat(rules[i], "9998-12-31" AT, FROM, "9999-12-31" AT);
		(void)repeat(rules[i], "9998-12-31" AT, "9999-12-30" AT,
			     "9999-12-31" AT);
	}
	assert_true(clock_ms() - began < 2000);
}

static void every_day_has_its_number(void **state)
{
	int64_t first = date_to_days((struct date){1, 1, 1});
	int64_t last = date_to_days((struct date){9999, 12, 31});
	struct date before = {0, 12, 31};

	(void)state;
	assert_int_equal(date_to_days((struct date){1970, 1, 1}), 0);
	assert_int_equal(
		date_weekday(date_to_days((struct date){2026, 11, 20})), 4);
	for (int64_t day = first; day <= last; day++) {
		struct date date = date_of_days(day);
		bool next = date.day == before.day + 1 &&
			    date.month == before.month &&
			    date.year == before.year;
		bool turns = date.day == 1 && before.day >= 28 &&
			     date.month == before.month % 12 + 1 &&
			     date.year == before.year + (date.month == 1);

		if ((!next && !turns) || date_to_days(date) != day)
			fail_msg("day %ld", (long)day);
		before = date;
	}
	assert_int_equal(last - first, 3652058);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rules_fall_on_their_days, tear_down),
		cmocka_unit_test_teardown(weeks_go_on_into_january, tear_down),
		cmocka_unit_test_teardown(leap_days, tear_down),
		cmocka_unit_test_teardown(what_is_refused, tear_down),
		cmocka_unit_test_teardown(none_takes_long, tear_down),
		cmocka_unit_test(every_day_has_its_number),
	};
	int failed;

	arena_init(&arena, (size_t)64 << 20);
	failed = cmocka_run_group_tests_name("calendar_repeat", tests, NULL,
					     NULL);
	arena_release(&arena);
	return failed;
}
