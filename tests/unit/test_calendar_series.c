/*
 * What repeats in a calendar file, with the zones of the file's own: as it is
 * handed on and what is wrong with it.  Prints TAP.
 */
#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "unit/text.h"

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

static struct calendar *read_good(struct str text)
{
	struct str why = STR_ABSENT;
	struct calendar *calendar = calendar_read(&arena, text, &why);

	if (!calendar)
		fail_msg("refused: %.*s", STR_ARG(why));
	return calendar;
}

#define VBERLIN                                                                \
	"BEGIN:VTIMEZONE\r\nTZID:Own\r\n"                                      \
	"BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nTZOFFSETFROM:+0100\r\n"  \
	"TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"       \
	"END:DAYLIGHT\r\n"                                                     \
	"BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\n"  \
	"TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"      \
	"END:STANDARD\r\nEND:VTIMEZONE\r\n"
#define BERLIN_SAID "<+01>-1<+02>-2,M3.5.0/2,M10.5.0/3"

static struct calendar_event event_with(const char *lines)
{
	struct calendar *calendar = read_good(
		str_printf(&arena,
			   "BEGIN:VCALENDAR\r\n"
			   "BEGIN:VEVENT\r\nUID:u\r\n%s\r\nEND:VEVENT\r\n"
			   /* a zone may stand after who uses it */
			   VBERLIN "END:VCALENDAR\r\n",
			   lines));

	assert_int_equal(calendar->count, 1);
	return calendar->events[0];
}

static void assert_time(struct calendar_time t, enum calendar_kind kind,
			const char *local, const char *tzid, const char *rule)
{
	assert_int_equal(t.kind, kind);
	assert_str(t.local, local);
	assert_str(t.tzid, tzid);
	assert_str(t.rule, rule);
}

#define ZONED "DTSTART;TZID=Own:20261120T183000\r\n"
#define DAYS "DTSTART;VALUE=DATE:20261120\r\n"

static void rules_without_their_end(void **state)
{
	static const struct {
		const char *lines, *rule;
		enum calendar_kind kind;
		const char *until;
	} cases[] = {
		{ZONED "RRULE:FREQ=WEEKLY;UNTIL=20261231T173000Z;BYDAY=FR",
		 "FREQ=WEEKLY;BYDAY=FR", CALENDAR_UTC, "2026-12-31T17:30:00"},
		{ZONED "RRULE:FREQ=WEEKLY;UNTIL=20261231T173000", "FREQ=WEEKLY",
		 CALENDAR_ZONED, "2026-12-31T17:30:00"},
		/* the whole of that day */
		{ZONED "RRULE:UNTIL=20261231;FREQ=WEEKLY", "FREQ=WEEKLY",
		 CALENDAR_ZONED, "2026-12-31T23:59:59"},
		{DAYS "RRULE:FREQ=WEEKLY;UNTIL=20261231", "FREQ=WEEKLY",
		 CALENDAR_DATE, "2026-12-31T00:00:00"},
		{DAYS "RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z", "FREQ=WEEKLY",
		 CALENDAR_DATE, "2026-12-31T00:00:00"},
		{DAYS "RRULE:FREQ=WEEKLY;UNTIL=20261230T230000Z", "FREQ=WEEKLY",
		 CALENDAR_UTC, "2026-12-30T23:00:00"},
		{DAYS "RRULE:FREQ=WEEKLY;UNTIL=20261230T230000", "FREQ=WEEKLY",
		 CALENDAR_DATE, "2026-12-30T00:00:00"},
		{DAYS "RRULE:FREQ=DAILY;BYHOUR=9,10;BYMINUTE=5;BYSECOND=1",
		 "FREQ=DAILY", CALENDAR_NONE, NULL},
		{ZONED "RRULE:FREQ=MONTHLY;COUNT=5;INTERVAL=2;BYDAY=1MO,-1FR;"
		       "BYSETPOS=1;WKST=SU",
		 "FREQ=MONTHLY;COUNT=5;INTERVAL=2;BYDAY=1MO,-1FR;BYSETPOS=1;"
		 "WKST=SU",
		 CALENDAR_NONE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct calendar_event e = event_with(cases[i].lines);
		bool zoned = cases[i].kind == CALENDAR_ZONED;

		assert_str(e.wrong, NULL);
		assert_str(e.rule, cases[i].rule);
		assert_time(e.until, cases[i].kind, cases[i].until,
			    zoned ? "Own" : NULL, zoned ? BERLIN_SAID : NULL);
	}
	assert_time(event_with(ZONED).start, CALENDAR_ZONED,
		    "2026-11-20T18:30:00", "Own", BERLIN_SAID);
}

static void days_added_and_left_out(void **state)
{
	struct calendar_event e = event_with(
		ZONED "RDATE:20261127T183000Z,20261128T183000Z\r\n"
		      "RDATE;TZID=Own:20261129T183000\r\n"
		      "RDATE;VALUE=DATE:20261130\r\n"
		      "RDATE;VALUE=PERIOD;TZID=Own:20261201T180000/PT3H,"
		      "20261202T180000/20261202T190000\r\n"
		      "EXDATE;TZID=Own:20261204T183000,20261211T183000\r\n"
		      "EXDATE:20261218T173000Z\r\n"
		      "EXDATE;VALUE=DATE:20261225");
	static const struct {
		enum calendar_kind kind;
		const char *local, *tzid;
	} extra[] =
		{
			{CALENDAR_UTC, "2026-11-27T18:30:00", NULL},
			{CALENDAR_UTC, "2026-11-28T18:30:00", NULL},
			{CALENDAR_ZONED, "2026-11-29T18:30:00", "Own"},
			{CALENDAR_DATE, "2026-11-30T00:00:00", NULL},
			{CALENDAR_ZONED, "2026-12-01T18:00:00", "Own"},
			{CALENDAR_ZONED, "2026-12-02T18:00:00", "Own"},
		},
	  except[] = {
		  {CALENDAR_ZONED, "2026-12-04T18:30:00", "Own"},
		  {CALENDAR_ZONED, "2026-12-11T18:30:00", "Own"},
		  {CALENDAR_UTC, "2026-12-18T17:30:00", NULL},
		  {CALENDAR_DATE, "2026-12-25T00:00:00", NULL},
	  };

	(void)state;
	assert_str(e.wrong, NULL);
	assert_int_equal(e.extra_count, 6);
	for (int i = 0; i < 6; i++)
		assert_time(e.extra[i].start, extra[i].kind, extra[i].local,
			    extra[i].tzid, extra[i].tzid ? BERLIN_SAID : NULL);
	assert_false(e.extra[0].duration.is_there);
	assert_true(e.extra[4].duration.is_there);
	assert_int_equal(e.extra[4].duration.seconds, 10800);
	assert_time(e.extra[5].end, CALENDAR_ZONED, "2026-12-02T19:00:00",
		    "Own", BERLIN_SAID);
	assert_int_equal(e.except_count, 4);
	for (int i = 0; i < 4; i++)
		assert_time(e.except[i], except[i].kind, except[i].local,
			    except[i].tzid,
			    except[i].tzid ? BERLIN_SAID : NULL);
}

static void what_makes_a_series_wrong(void **state)
{
	static const char *const bad[][2] = {
		{"RRULE:FREQ=SECONDLY", "it repeats every second"},
		{"RRULE:FREQ=MINUTELY", "it repeats every minute"},
		{"RRULE:FREQ=DAILY;COUNT=100000", "it repeats more than"},
		{"RRULE:FREQ=WEEKLY\r\nRRULE:FREQ=DAILY", "RRULE stands twice"},
		{"RRULE:FREQ=WEEKLY;UNTIL=20261301T000000Z", "UNTIL is no"},
		{"RRULE:FREQ=WEEKLY;UNTIL=soon", ""},
		{"RRULE:FREQ=WEEKLY;BYDAY=XX", ""},
		{"RRULE:FREQ=WEEKLY;BYDAY=1FR", "its RRULE has BYDAY with"},
		{"RRULE:", ""},
		{"EXDATE:20261301T000000Z", "EXDATE is no"},
		{"EXDATE:often", "EXDATE cannot be read"},
		{"RDATE:20260230T000000Z", "RDATE is no"},
		{"RDATE;VALUE=PERIOD:20261120T000000Z/-PT1H", "RDATE is below"},
		{"RECURRENCE-ID;RANGE=THISANDFUTURE:20261120T183000Z",
		 "RECURRENCE-ID changes all later"},
		{"DTSTART;TZID=Own:20261121T183000", "DTSTART stands twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct calendar_event e = event_with(str_z(
			&arena, str_printf(&arena, ZONED "%s", bad[i][0])));

		if (str_is_absent(e.wrong) ||
		    !str_starts(e.wrong, str_of(bad[i][1])))
			fail_msg("%s: '%.*s'", bad[i][0], STR_ARG(e.wrong));
	}
	/* found by fuzzing: an end relative to no start */
	assert_time(event_with("DTSTART:20261301T000000\r\n"
			       "RRULE:FREQ=WEEKLY;UNTIL=20270101T000000")
			    .until,
		    CALENDAR_NONE, NULL, NULL, NULL);
	assert_str(event_with(DAYS "RRULE:FREQ=HOURLY;COUNT=2").wrong,
		   "RRULE repeats every hour what takes whole days");
}

/* Each calendar of a file has zones of its own, whatever their names. */
static void zones_belong_to_their_calendar(void **state)
{
	struct calendar *calendar = read_good(STR(
		"BEGIN:VCALENDAR\nX-WR-TIMEZONE:Own\n" VBERLIN
		"BEGIN:VEVENT\nUID:1\nDTSTART:20261120T183000\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:2\nDTSTART;TZID=\"Own\":20261120T183000\n"
		"END:VEVENT\n"
		"BEGIN:VEVENT\nUID:3\nDTSTART;TZID=own:20261120T183000\n"
		"END:VEVENT\n"
		"END:VCALENDAR\n"
		"BEGIN:VCALENDAR\n"
		"BEGIN:VTIMEZONE\nTZID:../../../etc/hostname\n"
		"BEGIN:STANDARD\nDTSTART:19700101T000000\n"
		"TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\n"
		"END:VTIMEZONE\n"
		"BEGIN:VEVENT\nUID:4\nDTSTART;TZID=Own:20261120T183000\n"
		"END:VEVENT\n"
		"BEGIN:VEVENT\nUID:5\n"
		"DTSTART;TZID=../../../etc/hostname:20261120T183000\n"
		"END:VEVENT\n"
		"END:VCALENDAR\n"));
	static const char *const rules[] = {BERLIN_SAID, BERLIN_SAID, NULL,
					    NULL, "<+03>-3"};

	(void)state;
	assert_int_equal(calendar->count, 5);
	for (int i = 0; i < 5; i++)
		assert_str(calendar->events[i].start.rule, rules[i]);
}

/* count of them, so many to a line, the lines folded. */
static struct calendar_event event_of_many(const char *name, int count,
					   int in_line)
{
	struct buf b = buf_init(&arena, 1 << 20);

	buf_add(&b, STR("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\n" ZONED));
	for (int i = 0; i < count; i++)
		buf_printf(&b, "%s20261120T%02d%02d%02dZ%s",
			   i % in_line ? "\n ," : name, i / 3600 % 24,
			   i / 60 % 60, i % 60,
			   i % in_line == in_line - 1 ? "\n" : "");
	buf_add(&b, STR("\nEND:VEVENT\nEND:VCALENDAR\n"));
	return read_good(buf_str(&b))->events[0];
}

static void dates_are_bounded(void **state)
{
	int64_t began = clock_ms();
	struct calendar_event e;

	(void)state;
	e = event_of_many("EXDATE:", 20000, 500);
	assert_str(e.wrong, NULL);
	assert_int_equal(e.except_count, 20000);
	e = event_of_many("EXDATE:", 101000, 500);
	assert_str(e.wrong, "EXDATE comes after 100,000 dates of this file: "
			    "divide it");
	e = event_of_many("RDATE:", 1500, 1);
	assert_int_equal(e.extra_count, 1500);
	e = event_of_many("RDATE:", 1501, 500);
	assert_str(e.wrong, "RDATE stands more than 1,500 times");
	/* libical reads the first 500 and says nothing */
	e = event_of_many("EXDATE:", 501, 501);
	assert_str(e.wrong, "EXDATE names over 500 days in one line");
	assert_true(clock_ms() - began < 10000);
}

static struct buf calendar_begin(void)
{
	struct buf b = buf_init(&arena, 1 << 16);

	buf_add(&b, STR("BEGIN:VCALENDAR\nVERSION:2.0\n"));
	return b;
}

static void add_many(struct buf *b, const char *line, int count)
{
	for (int i = 0; i < count; i++)
		buf_add(b, str_of(line));
}

/* libical would go through all other lines for each of them. */
static void unreadable_lines_are_bounded(void **state)
{
	int64_t began = clock_ms();
	struct buf b = calendar_begin();
	const struct calendar *calendar;

	(void)state;
	add_many(&b, "DTSTART:x\n", 100000);
	for (int i = 0; i < 3; i++) {
		buf_add(&b, STR("BEGIN:VEVENT\nUID:u\n"
				"DTSTART:20261120T183000Z\n"));
		add_many(&b, "DTSTART:x\n", i == 1 ? 100000 : 10);
		buf_add(&b, STR("END:VEVENT\n"));
	}
	buf_add(&b, STR("METHOD:CANCEL\nEND:VCALENDAR\n"));
	calendar = read_good(buf_str(&b));
	assert_int_equal(calendar->count, 3);
	assert_str(calendar->events[0].wrong, "DTSTART cannot be read");
	assert_true(calendar->events[0].cancelled);
	assert_str(calendar->events[1].wrong,
		   "it has too many lines, or those before it had: divide the "
		   "file");
	assert_true(clock_ms() - began < 5000);
}

/* A zone longer than any is not read; the name is what is left of it. */
static void zones_are_bounded(void **state)
{
	struct buf b = calendar_begin();
	const struct calendar *calendar;

	(void)state;
	buf_add(&b, STR("BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\n"
			"DTSTART:19700101T000000\nTZOFFSETFROM:+0100\n"
			"TZOFFSETTO:+0100\n"));
	add_many(&b, "RDATE:19700101T000000\n", 5000);
	buf_add(&b, STR("END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:u\n"
			"DTSTART;TZID=Own:20261120T183000\nEND:VEVENT\n"
			"END:VCALENDAR\n"));
	calendar = read_good(buf_str(&b));
	assert_str(calendar->events[0].wrong, NULL);
	assert_str(calendar->events[0].start.tzid, "Own");
	assert_str(calendar->events[0].start.rule, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rules_without_their_end, tear_down),
		cmocka_unit_test_teardown(days_added_and_left_out, tear_down),
		cmocka_unit_test_teardown(what_makes_a_series_wrong, tear_down),
		cmocka_unit_test_teardown(zones_belong_to_their_calendar,
					  tear_down),
		cmocka_unit_test_teardown(dates_are_bounded, tear_down),
		cmocka_unit_test_teardown(unreadable_lines_are_bounded,
					  tear_down),
		cmocka_unit_test_teardown(zones_are_bounded, tear_down),
	};
	int failed;

	arena_init(&arena, (size_t)192 << 20);
	failed = cmocka_run_group_tests_name("calendar_series", tests, NULL,
					     NULL);
	arena_release(&arena);
	return failed;
}
