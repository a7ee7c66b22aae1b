/*
 * Calendar files as import_events() gets them: one row an event, local times
 * and zones as the file has them, and what is refused before.  Prints TAP.
 */
#include "data/entries.h"

#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)256 << 20)

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

#define FROM "2026-11-01T00:00:00"
#define TO "2027-11-15T00:00:00"
#define BEFORE "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n"
#define AFTER "END:VCALENDAR\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\nUID:u\r\n" lines "END:VEVENT\r\n"

static struct entries read(const char *text)
{
	struct entries entries;
	struct str why;

	if (!entries_read(&arena, str_of(text), STR(FROM), STR(TO), &entries,
			  &why))
		fail_msg("unreadable: %.*s", STR_ARG(why));
	return entries;
}

static void assert_json(const char *text, const char *part)
{
	struct entries entries = read(text);

	if (str_find_str(entries.json, str_of(part)) < 0)
		fail_msg("no %s in %.*s", part, STR_ARG(entries.json));
}

static void assert_refused(const char *text, const char *part)
{
	struct entries entries = read(text);

	assert_int_equal(entries.count, 1);
	assert_string_equal(str_z(&arena, entries.json), "[]");
	assert_string_equal(str_z(&arena, entries.verdicts[0].result),
			    "refused");
	if (str_find_str(entries.verdicts[0].why, str_of(part)) < 0)
		fail_msg("refused for %.*s", STR_ARG(entries.verdicts[0].why));
}

#define BERLIN                                                                 \
	"BEGIN:VTIMEZONE\r\nTZID:Own\r\n"                                      \
	"BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nTZOFFSETFROM:+0100\r\n"  \
	"TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"       \
	"END:DAYLIGHT\r\n"                                                     \
	"BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\n"  \
	"TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"      \
	"END:STANDARD\r\nEND:VTIMEZONE\r\n"
#define OWN ",\"zone\":\"Own\",\"rule\":\"<+01>-1<+02>-2,M3.5.0/2,M10.5.0/3\"}"
#define ZONED "DTSTART;TZID=Own:20261120T183000\r\n"

static void test_times(void **state)
{
	(void)state;
	assert_json(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n")
			    AFTER,
		    "[{\"line\":4,\"uid\":\"u\",\"sequence\":0,\"title\":\"A\","
		    "\"cancelled\":false,\"starts\":{\"local\":"
		    "\"2026-11-20T18:30:00\",\"zone\":\"UTC\"}}]");
	assert_json(BEFORE EVENT("DTSTART;TZID=Europe/Berlin:20261120T183000"
				 "\r\nDTEND;TZID=Europe/London:20261120T193000"
				 "\r\n") AFTER,
		    "\"starts\":{\"local\":\"2026-11-20T18:30:00\","
		    "\"zone\":\"Europe/Berlin\"},"
		    "\"ends\":{\"local\":\"2026-11-20T19:30:00\","
		    "\"zone\":\"Europe/London\"}");
	assert_json(BEFORE BERLIN EVENT(ZONED) AFTER,
		    "\"starts\":{\"local\":\"2026-11-20T18:30:00\"" OWN);
	assert_json(BEFORE "X-WR-TIMEZONE:Asia/Tokyo\r\n" EVENT(
			    "DTSTART:20261120T183000\r\n") AFTER,
		    "\"zone\":\"Asia/Tokyo\"");
	assert_json(BEFORE EVENT("DTSTART;VALUE=DATE:20261120\r\n"
				 "DTEND;VALUE=DATE:20261122\r\n") AFTER,
		    "\"starts\":{\"local\":\"2026-11-20T00:00:00\","
		    "\"date\":true},"
		    "\"ends\":{\"local\":\"2026-11-22T00:00:00\","
		    "\"date\":true}");
	assert_json(BEFORE EVENT("DTSTART:20261120T183000Z\r\n"
				 "DURATION:P1DT2H\r\n") AFTER,
		    "\"duration\":{\"days\":1,\"seconds\":7200}");
	assert_json(BEFORE EVENT("DTSTART:20261120T183000Z\r\n"
				 "STATUS:CANCELLED\r\n") AFTER,
		    "\"cancelled\":true");
}

static void test_repeats(void **state)
{
	(void)state;
	assert_json(BEFORE BERLIN EVENT(
			    ZONED "RRULE:FREQ=MONTHLY;UNTIL=20270101T000000Z;"
				  "BYDAY=3FR\r\n"
				  "EXDATE:20261218T183000\r\n"
				  "EXDATE;VALUE=DATE:20261219\r\n") AFTER,
		    "\"repeats\":{\"rule\":\"FREQ=MONTHLY;BYDAY=3FR\","
		    "\"until\":{\"local\":\"2027-01-01T00:00:00\",\"zone\":"
		    "\"UTC\"},\"dates\":[\"2026-11-20T18:30:00\","
		    "\"2026-12-18T18:30:00\"],\"to\":\"" TO "\","
		    "\"except\":[{\"local\":\"2026-12-18T18:30:00\"" OWN
		    ",{\"local\":\"2026-12-19T18:30:00\"" OWN "]}");
	assert_json(BEFORE EVENT("DTSTART:20261120T183000Z\r\n"
				 "RDATE;VALUE=PERIOD:20261127T183000Z/PT1H,"
				 "20261128T183000Z/20261128T203000Z\r\n") AFTER,
		    "\"repeats\":{\"dates\":[],\"to\":\"" TO "\","
		    "\"extra\":[{\"local\":\"2026-11-27T18:30:00\",\"zone\":"
		    "\"UTC\",\"duration\":{\"days\":0,\"seconds\":3600}},"
		    "{\"local\":\"2026-11-28T18:30:00\",\"zone\":\"UTC\","
		    "\"ends\":{\"local\":\"2026-11-28T20:30:00\",\"zone\":"
		    "\"UTC\"}}]}");
	/* each hour, but for one day only */
	assert_json(BEFORE EVENT("DTSTART:20261120T220000Z\r\n"
				 "RRULE:FREQ=HOURLY;UNTIL=20261121\r\n") AFTER,
		    "\"2026-11-21T23:00:00\"");
	/* an instance says when it would have been, and repeats nothing */
	assert_json(BEFORE EVENT(ZONED "RECURRENCE-ID;TZID=Asia/Tokyo:"
				       "20261120T173000\r\n"
				       "RRULE:FREQ=DAILY\r\n") AFTER,
		    "\"recurrence\":{\"local\":\"2026-11-20T17:30:00\","
		    "\"zone\":\"Asia/Tokyo\"}}]");
}

static void test_no_zone(void **state)
{
	struct entries entries = read(
		BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000\r\n") AFTER);

	(void)state;
	assert_int_equal(str_find_str(entries.json, STR("\"zone\"")), -1);
	assert_int_equal(str_find_str(entries.json, STR("\"ends\"")), -1);
	assert_int_equal(str_find_str(entries.json, STR("\"duration\"")), -1);
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				    "RRULE:FREQ=SECONDLY\r\n") AFTER,
		       "every second");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				    "RRULE:FREQ=HOURLY\r\n") AFTER,
		       "more than 1,500");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				    "RRULE:FREQ=YEARLY;BYMONTH=2;"
				    "BYMONTHDAY=30\r\n") AFTER,
		       "no day fits");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261320T183000Z\r\n")
			       AFTER,
		       "DTSTART");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				    "DTSTART:20261121T183000Z\r\n") AFTER,
		       "DTSTART stands twice");
	assert_refused(BEFORE EVENT("SUMMARY:A\\nBcc: b@c\r\n"
				    "DTSTART:20261120T183000Z\r\n") AFTER,
		       "line break");
	assert_refused(BEFORE
		       "BEGIN:VEVENT\r\nSUMMARY:A\r\n"
		       "DTSTART:20261120T183000Z\r\nEND:VEVENT\r\n" AFTER,
		       "UID");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\n") AFTER, "");
}

/* The worst of files: all of it is series, counted from long ago. */
static void test_series_are_bounded(void **state)
{
	static const struct {
		const char *rule;
		ptrdiff_t most; /* that may be taken */
	} worst[] = {
		{"DTSTART:19010101T000000\nRRULE:FREQ=DAILY;COUNT=10000;"
		 "BYMONTH=2;BYMONTHDAY=29\n",
		 600},
		{"DTSTART:20261101T000000\nRRULE:FREQ=DAILY\n", 600},
		{"DTSTART:20261101T000000\nRRULE:FREQ=YEARLY\n", 50000},
		/* late in a year of many moments, all of them before it */
		{"DTSTART:20271114T235800\nRRULE:FREQ=YEARLY;"
		 "BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;"
		 "BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19;"
		 "UNTIL=20271114T235859\n",
		 1500},
		/* one day in 28 years */
		{"DTSTART:20270301T000000\nRRULE:FREQ=YEARLY;BYMONTH=2;"
		 "BYMONTHDAY=29;BYDAY=FR\n",
		 1500},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		struct buf b = buf_init(&arena, CALENDAR_FILE_MAX);
		struct entries entries;
		struct arena own;
		struct str why;
		ptrdiff_t taken = 0;
		int64_t began = clock_ms();

		arena_init(&own, (size_t)448 << 20);
		buf_add(&b, STR("BEGIN:VCALENDAR\n"));
		for (int n = 0; n < CALENDAR_EVENTS_MAX; n++)
			buf_printf(&b, "BEGIN:VEVENT\nUID:%d\n%sEND:VEVENT\n",
				   n, worst[i].rule);
		buf_add(&b, STR("END:VCALENDAR\n"));
		assert_true(entries_read(&own, buf_str(&b), STR(FROM), STR(TO),
					 &entries, &why));
		for (ptrdiff_t n = 0; n < entries.count; n++)
			taken += str_is_absent(entries.verdicts[n].result);
		assert_in_range(taken, 400, worst[i].most);
		if (taken < entries.count)
			assert_true(
				str_find_str(
					entries.verdicts[entries.count - 1].why,
					STR("too much in all")) >= 0);
		assert_true(clock_ms() - began < 20000);
		arena_release(&own);
	}
}

static void add_days(struct buf *b, const char *zone)
{
	buf_printf(b, "RDATE;VALUE=PERIOD;TZID=%s:", zone);
	for (int i = 0; i < 500; i++)
		buf_printf(b, "%s20261201T101112/20261201T111213",
			   i > 0 ? "," : "");
	buf_add(b, STR("\n"));
}

/* Each of 100,000 dates may name a zone at length, twice. */
static void test_long_names_are_bounded(void **state)
{
	struct buf b = buf_init(&arena, CALENDAR_FILE_MAX);
	struct entries entries;
	struct arena own;
	struct str why;
	char zone[256] = {0};

	(void)state;
	arena_init(&own, (size_t)448 << 20);
	memset(zone, 'n', 255);
	buf_add(&b, STR("BEGIN:VCALENDAR\n"));
	for (int i = 0; i < 66; i++) {
		buf_printf(&b,
			   "BEGIN:VEVENT\nUID:%d\nDTSTART:20261201T100000Z\n",
			   i);
		add_days(&b, zone);
		add_days(&b, zone);
		add_days(&b, zone);
		buf_add(&b, STR("END:VEVENT\n"));
	}
	buf_add(&b, STR("END:VCALENDAR\n"));
	assert_true(entries_read(&own, buf_str(&b), STR(FROM), STR(TO),
				 &entries, &why));
	assert_in_range(entries.json.n, 40 << 20, 50 << 20);
	assert_string_equal(str_z(&own, entries.verdicts[65].why),
			    "the file holds too much in all: divide it");
	assert_true(str_is_absent(entries.verdicts[0].result));
	arena_release(&own);
}

static void test_one_bad_spoils_no_other(void **state)
{
	struct entries entries = read(BEFORE EVENT("SUMMARY:A\r\n") EVENT(
		"SUMMARY:B\r\nDTSTART:20261120T183000Z\r\n") AFTER);

	(void)state;
	assert_int_equal(entries.count, 2);
	assert_false(str_is_absent(entries.verdicts[0].result));
	assert_true(str_is_absent(entries.verdicts[1].result));
	assert_int_equal(entries.verdicts[1].line, 8);
	assert_true(str_find_str(entries.json, STR("\"title\":\"B\"")) > 0);
}

static void test_quotes(void **state)
{
	(void)state;
	assert_json(BEFORE EVENT("SUMMARY:say \"hi\"\\, you\r\n"
				 "DESCRIPTION:one\\ntwo\r\n"
				 "DTSTART:20261120T183000Z\r\n") AFTER,
		    "\"title\":\"say \\\"hi\\\", you\","
		    "\"description\":\"one\\ntwo\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"local times and zones stand as in the file", test_times,
		 set_up, tear_down, NULL},
		{"what repeats comes with its dates", test_repeats, set_up,
		 tear_down, NULL},
		{"what repeats takes bounded time and memory",
		 test_series_are_bounded, set_up, tear_down, NULL},
		{"long names of zones take bounded memory",
		 test_long_names_are_bounded, set_up, tear_down, NULL},
		{"what is not in the file is left out", test_no_zone, set_up,
		 tear_down, NULL},
		{"what cannot be taken is refused with its reason",
		 test_refused, set_up, tear_down, NULL},
		{"one bad event spoils no other", test_one_bad_spoils_no_other,
		 set_up, tear_down, NULL},
		{"texts reach JSON whole", test_quotes, set_up, tear_down,
		 NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
