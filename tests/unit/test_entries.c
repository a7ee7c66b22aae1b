/*
 * Calendar files as import_events() gets them: one row an event, local times
 * and zones as the file has them, and what is refused before.  Prints TAP.
 */
#include "data/entries.h"

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

static void test_times(void **state)
{
	(void)state;
	assert_json(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n")
			    AFTER,
		    "\"all_day\":false,\"starts_local\":\"2026-11-20T18:30:00\""
		    ",\"zone\":\"UTC\"");
	assert_json(BEFORE EVENT("SUMMARY:A\r\n"
				 "DTSTART;TZID=Europe/Berlin:20261120T183000"
				 "\r\n") AFTER,
		    "\"starts_local\":\"2026-11-20T18:30:00\","
		    "\"zone\":\"Europe/Berlin\"");
	assert_json(BEFORE "X-WR-TIMEZONE:Asia/Tokyo\r\n" EVENT(
			    "SUMMARY:A\r\nDTSTART:20261120T183000\r\n") AFTER,
		    "\"zone\":\"Asia/Tokyo\"");
	assert_json(BEFORE EVENT("SUMMARY:A\r\n"
				 "DTSTART;VALUE=DATE:20261120\r\n"
				 "DTEND;VALUE=DATE:20261122\r\n") AFTER,
		    "\"all_day\":true,\"starts_local\":\"2026-11-20T00:00:00\""
		    ",\"ends_local\":\"2026-11-22T00:00:00\"");
	assert_json(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				 "DURATION:P1DT2H\r\n") AFTER,
		    "\"duration_seconds\":93600");
	assert_json(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				 "STATUS:CANCELLED\r\n") AFTER,
		    "\"cancelled\":true");
}

static void test_no_zone(void **state)
{
	struct entries entries = read(
		BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000\r\n") AFTER);

	(void)state;
	assert_int_equal(str_find_str(entries.json, STR("\"zone\"")), -1);
	assert_int_equal(str_find_str(entries.json, STR("\"ends_local\"")), -1);
	assert_int_equal(
		str_find_str(entries.json, STR("\"duration_seconds\"")), -1);
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				    "RRULE:FREQ=DAILY\r\n") AFTER,
		       "repeating");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261320T183000Z\r\n")
			       AFTER,
		       "DTSTART");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\nDTSTART:20261120T183000Z\r\n"
				    "DTEND;TZID=Europe/Berlin:20261120T203000"
				    "\r\n") AFTER,
		       "another time zone");
	assert_refused(BEFORE EVENT("SUMMARY:A\\nBcc: b@c\r\n"
				    "DTSTART:20261120T183000Z\r\n") AFTER,
		       "line break");
	assert_refused(BEFORE
		       "BEGIN:VEVENT\r\nSUMMARY:A\r\n"
		       "DTSTART:20261120T183000Z\r\nEND:VEVENT\r\n" AFTER,
		       "UID");
	assert_refused(BEFORE EVENT("SUMMARY:A\r\n") AFTER, "");
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
