/*
 * Calendar files: what is handed on, what is wrong with an event, what is no
 * calendar at all.  Prints TAP.
 */
#include "base/buf.h"
#include "base/calendar.h"
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

/* The only event of a file with these lines in it. */
static struct calendar_event event_with(const char *lines)
{
	struct calendar *calendar =
		read_good(str_printf(&arena,
				     "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
				     "BEGIN:VEVENT\r\n%s\r\nEND:VEVENT\r\n"
				     "END:VCALENDAR\r\n",
				     lines));

	assert_int_equal(calendar->count, 1);
	assert_int_equal(calendar->events[0].line, 3);
	return calendar->events[0];
}

#define GOOD "UID:u@x\r\nDTSTART:20261120T183000Z\r\n"

static void assert_time(struct calendar_time t, enum calendar_kind kind,
			const char *local, const char *tzid)
{
	assert_int_equal(t.kind, kind);
	assert_str(t.local, local);
	assert_str(t.tzid, tzid);
}

static void a_whole_event(void **state)
{
	struct calendar_event e = event_with(
		"UID:u@x\r\n"
		"SEQUENCE:3\r\n"
		"SUMMARY;LANGUAGE=nl:Vergadering\\, Zo\xc3\xab \\; "
		"\xe6\x97\xa5\r\n"
		" \xe6\x9c\xac\r\n"
		"DESCRIPTION:one\\ntwo\\Nthree\r\n"
		"LOCATION:Room 1\\nHigh Street\r\n"
		"URL;VALUE=URI:https://example.org/a?b=c\r\n"
		"DTSTART;TZID=Europe/Amsterdam:20261120T183000\r\n"
		"DTEND;TZID=\"Europe/London\":20261120T193000\r\n"
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\n"
		"SUMMARY:not this\r\nDTSTART:20200101T000000Z\r\n"
		"END:VALARM");

	(void)state;
	assert_str(e.wrong, NULL);
	assert_str(e.uid, "u@x");
	assert_int_equal(e.sequence, 3);
	assert_str(e.summary,
		   "Vergadering, Zo\xc3\xab ; \xe6\x97\xa5\xe6\x9c\xac");
	assert_str(e.description, "one\ntwo\nthree");
	assert_str(e.location, "Room 1, High Street");
	assert_str(e.url, "https://example.org/a?b=c");
	assert_time(e.start, CALENDAR_ZONED, "2026-11-20T18:30:00",
		    "Europe/Amsterdam");
	assert_time(e.end, CALENDAR_ZONED, "2026-11-20T19:30:00",
		    "Europe/London");
	assert_time(e.recurrence, CALENDAR_NONE, NULL, NULL);
	assert_false(e.duration.is_there);
	assert_false(e.cancelled);
	assert_str(e.rule, NULL);
	assert_int_equal(e.extra_count, 0);
	assert_str(e.zone, NULL);
}

static void the_kinds_of_time(void **state)
{
	static const struct {
		const char *property;
		enum calendar_kind kind;
		const char *local, *tzid;
	} cases[] = {
		{"DTSTART:20261120T183000Z", CALENDAR_UTC,
		 "2026-11-20T18:30:00", NULL},
		{"DTSTART:20261120T183000", CALENDAR_FLOATING,
		 "2026-11-20T18:30:00", NULL},
		{"DTSTART;VALUE=DATE:20261120", CALENDAR_DATE,
		 "2026-11-20T00:00:00", NULL},
		{"DTSTART:20261120", CALENDAR_DATE, "2026-11-20T00:00:00",
		 NULL},
		{"DTSTART;TZID=Europe/Paris;VALUE=DATE:20261120", CALENDAR_DATE,
		 "2026-11-20T00:00:00", NULL},
		{"DTSTART;TZID=Europe/Paris:20261120T183000Z", CALENDAR_UTC,
		 "2026-11-20T18:30:00", NULL},
		{"DTSTART;TZID=W. Europe Standard Time:20261120T183000",
		 CALENDAR_ZONED, "2026-11-20T18:30:00",
		 "W. Europe Standard Time"},
		{"DTSTART;TZID=../../../etc/hostname:20261120T183000",
		 CALENDAR_ZONED, "2026-11-20T18:30:00",
		 "../../../etc/hostname"},
		/* in no zone's gap can we look: that is PostgreSQL's */
		{"DTSTART;TZID=Europe/Paris:20260329T023000", CALENDAR_ZONED,
		 "2026-03-29T02:30:00", "Europe/Paris"},
		{"DTSTART:20240229T000000", CALENDAR_FLOATING,
		 "2024-02-29T00:00:00", NULL},
		{"DTSTART:20261231T235960Z", CALENDAR_UTC,
		 "2026-12-31T23:59:59", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct calendar_event e = event_with(
			str_z(&arena, str_printf(&arena, "UID:u\r\n%s",
						 cases[i].property)));

		assert_str(e.wrong, NULL);
		assert_time(e.start, cases[i].kind, cases[i].local,
			    cases[i].tzid);
	}
}

static void times_that_do_not_exist_are_wrong(void **state)
{
	static const char *const bad[] = {
		"20261301T000000",
		"20260230T120000",
		"20250229T120000Z",
		"20260431",
		"20261120T250000",
		"20261120T240000",
		"20261120T126000",
		"20261120T120061",
		"00000101T000000",
		"20260001T000000",
		"20260100T000000",
		"2026112",
		"hello",
		"",
		"20261120T12",
		"99999999T999999",
		"2026-11-20T12:00",
		"-0010101T000000",
	};
	static const char *const names[] = {"DTSTART", "DTEND",
					    "RECURRENCE-ID"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t k = 0; k < 3; k++) {
			struct calendar_event e = event_with(
				str_z(&arena, str_printf(&arena, "%s%s:%s",
							 k ? GOOD : "UID:u\r\n",
							 names[k], bad[i])));

			if (str_is_absent(e.wrong))
				fail_msg("%s:%s was taken", names[k], bad[i]);
			assert_str(e.uid, k ? "u@x" : "u");
		}
	}
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int days, seconds;
	} good[] = {
		{"PT1H", 0, 3600},  {"PT1H30M", 0, 5400},    {"P1D", 1, 0},
		{"P2W", 14, 0},	    {"P1DT12H5S", 1, 43205}, {"PT0S", 0, 0},
		{"+PT15M", 0, 900},
	};
	static const char *const bad[] = {"-PT1H",	    "P99999D",
					  "PT1H90X",	    "1H",
					  "PT99999999999H", "P9999999W"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct calendar_event e = event_with(
			str_z(&arena, str_printf(&arena, GOOD "DURATION:%s",
						 good[i].text)));

		assert_str(e.wrong, NULL);
		assert_true(e.duration.is_there);
		assert_int_equal(e.duration.days, good[i].days);
		assert_int_equal(e.duration.seconds, good[i].seconds);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct calendar_event e = event_with(
			str_z(&arena,
			      str_printf(&arena, GOOD "DURATION:%s", bad[i])));

		if (str_is_absent(e.wrong))
			fail_msg("DURATION:%s was taken", bad[i]);
	}
}

static void what_makes_an_event_wrong(void **state)
{
	static const char *const bad[][2] = {
		{"DTSTART:20261120T183000Z", "UID is missing"},
		{"UID:\r\nDTSTART:20261120T183000Z", "UID is missing"},
		{"UID:u", "DTSTART is missing"},
		{GOOD "DTSTART:20261121T183000Z", "DTSTART stands twice"},
		{GOOD "UID:v", "UID stands twice"},
		{GOOD "SUMMARY:a\r\nSUMMARY:b", "SUMMARY stands twice"},
		{GOOD "SUMMARY:a\\nBcc: x@y", "SUMMARY holds"},
		{GOOD "SUMMARY:a\x1b[1m", "SUMMARY holds"},
		{GOOD "SUMMARY:a\xe2\x80\xa8", "SUMMARY holds"},
		{"UID:a\\nb\r\nDTSTART:20261120T183000Z", "UID holds"},
		{GOOD "DTEND:20261120T193000Z\r\nDURATION:PT1H",
		 "DURATION stands beside DTEND"},
		{GOOD "RRULE:FREQ=SOMETIMES", "RRULE cannot be read"},
		{GOOD "SUMMARY:\xff", "its text is not UTF-8"},
		{"UID:u\r\nDTSTART;VALUE=INTEGER:5", "DTSTART cannot be read"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct calendar_event e = event_with(bad[i][0]);

		if (!str_starts(e.wrong, str_of(bad[i][1])))
			fail_msg("%zu: '%.*s', not '%s'", i, STR_ARG(e.wrong),
				 bad[i][1]);
	}
}

static void forgiven(void **state)
{
	struct calendar_event e;

	(void)state;
	e = event_with(GOOD "SEQUENCE:abc\r\nno colon here\r\nX-A:b\r\n"
			    "NOT-KNOWN;X=1:c\r\n:\r\n;\r\n");
	assert_str(e.wrong, NULL);
	assert_int_equal(e.sequence, 0);
	e = event_with(GOOD "SEQUENCE:-4\r\nURL:javascript:alert(1)");
	assert_str(e.wrong, NULL);
	assert_int_equal(e.sequence, 0);
	assert_str(e.url, NULL);
	e = event_with(GOOD "DESCRIPTION:a\x0b\x62\r\nLOCATION: \r\nSUMMARY:");
	assert_str(e.wrong, NULL);
	assert_str(e.description, "a b");
	assert_str(e.location, NULL);
	assert_str(e.summary, NULL);
	/* lower case, no folding of names */
	e = event_with("uid:u\r\ndtstart;tzid=Asia/Tokyo:20261120T183000");
	assert_str(e.wrong, NULL);
	assert_time(e.start, CALENDAR_ZONED, "2026-11-20T18:30:00",
		    "Asia/Tokyo");
}

static void cancelled(void **state)
{
	struct calendar *calendar;

	(void)state;
	assert_true(event_with(GOOD "STATUS:CANCELLED").cancelled);
	assert_false(event_with(GOOD "STATUS:CONFIRMED").cancelled);
	assert_time(event_with(GOOD "RECURRENCE-ID;TZID=Europe/Paris:"
				    "20261120T183000")
			    .recurrence,
		    CALENDAR_ZONED, "2026-11-20T18:30:00", "Europe/Paris");
	calendar = read_good(STR("BEGIN:VCALENDAR\nMETHOD:CANCEL\n"
				 "BEGIN:VEVENT\nUID:u\nDTSTART:20261120\n"
				 "END:VEVENT\nEND:VCALENDAR\n"));
	assert_true(calendar->events[0].cancelled);
}

static void zones_of_several_calendars_in_one_file(void **state)
{
	struct calendar *calendar = read_good(
		STR("\xef\xbb\xbf"
		    "BEGIN:VCALENDAR\n"
		    "X-WR-TIMEZONE;VALUE=TEXT:Europe/Brussels\n"
		    "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\n"
		    "DTSTART:19701025T030000\nEND:STANDARD\nEND:VTIMEZONE\n"
		    "BEGIN:VEVENT\nUID:1\nDTSTART:20261120T183000\nEND:VEVENT\n"
		    "BEGIN:VEVENT\nUID:2\nDTSTART:20261120T183000\nEND:VEVENT\n"
		    "END:VCALENDAR\n\n"
		    "begin:vcalendar\n"
		    "begin:vevent\nUID:3\nDTSTART:20261120T183000\nend:vevent\n"
		    "BEGIN:VTODO\nUID:4\nBEGIN:VEVENT\nUID:5\nEND:VEVENT\n"
		    "END:VTODO\n"
		    "X-WR-Timezone:Asia/Tokyo\n"
		    "END:VCALENDAR"));

	(void)state;
	assert_int_equal(calendar->count, 3);
	assert_str(calendar->events[0].zone, "Europe/Brussels");
	assert_int_equal(calendar->events[0].line, 9);
	assert_str(calendar->events[1].zone, "Europe/Brussels");
	assert_int_equal(calendar->events[1].line, 13);
	assert_str(calendar->events[2].uid, "3");
	assert_str(calendar->events[2].zone, "Asia/Tokyo");
	assert_int_equal(calendar->events[2].line, 20);
	assert_str(calendar->events[2].wrong, NULL);
}

static void one_wrong_event_does_not_spoil_the_others(void **state)
{
	struct calendar *calendar = read_good(
		STR("BEGIN:VCALENDAR\n"
		    "BEGIN:VEVENT\nUID:1\nDTSTART:20261120\nEND:VEVENT\n"
		    "BEGIN:VEVENT\nUID:2\nDTSTART:20260230\nEND:VEVENT\n"
		    "BEGIN:VEVENT\n\xff\xfe\nEND:VEVENT\n"
		    "BEGIN:VEVENT\nEND:VEVENT\n"
		    "BEGIN:VEVENT\nUID:3\nDTSTART:20261120\nEND:VEVENT\n"
		    "END:VCALENDAR\n"));
	static const bool wrong[] = {false, true, true, true, false};
	static const int lines[] = {2, 6, 10, 13, 15};

	(void)state;
	assert_int_equal(calendar->count, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(!str_is_absent(calendar->events[i].wrong),
				 wrong[i]);
		assert_int_equal(calendar->events[i].line, lines[i]);
	}
}

static void a_file_that_is_no_calendar_says_where(void **state)
{
	static const struct {
		struct str text;
		const char *why;
	} bad[] = {
		{STR_INIT(""), "line 1: this is no calendar"},
		{STR_INIT("\n\n"), "line 1: this is no calendar"},
		{STR_INIT("\xef\xbb\xbf"), "line 1: this is no calendar"},
		{STR_INIT("hello"), "line 1: this is no calendar"},
		{STR_INIT("\xff\xfe"
			  "B\0E\0"),
		 "line 1: this is UTF-16"},
		{STR_INIT("\xfe\xff\0B\0E"), "line 1: this is UTF-16"},
		{STR_INIT("\n\n<html>\n"), "line 3: this is no calendar"},
		{STR_INIT("email,name\n"), "line 1: this is no calendar"},
		{STR_INIT("BEGIN:VEVENT\nEND:VEVENT\n"),
		 "line 1: this is no calendar"},
		{STR_INIT("BEGIN:VCALENDAR\n"), "line 1: what begins here"},
		{STR_INIT("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n"),
		 "line 2: what begins here"},
		{STR_INIT("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n"),
		 "line 3: END does not fit the BEGIN of line 2"},
		{STR_INIT("BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR\n"),
		 "line 2: END does not fit"},
		{STR_INIT("END:VCALENDAR\n"), "line 1: END without"},
		{STR_INIT("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR"),
		 "line 3: END without"},
		{STR_INIT("BEGIN:VCALENDAR\nBEGIN:VCALENDAR\n"),
		 "line 2: a calendar inside"},
		{STR_INIT("BEGIN:VCALENDAR\nEND:VCALENDAR\ntail\n"),
		 "line 3: this is no calendar"},
		{STR_INIT("BEGIN:VCALENDAR\nX:\0\nEND:VCALENDAR\n"),
		 "line 2: this is no calendar: it holds a NUL"},
		{STR_INIT("BEGIN:VCALENDAR\nBEGIN:A\nBEGIN:A\nBEGIN:A\n"
			  "BEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\n"),
		 "line 9: nested too deep"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str why = STR_ABSENT;

		if (calendar_read(&arena, bad[i].text, &why))
			fail_msg("%zu was taken", i);
		if (!str_starts(why, str_of(bad[i].why)))
			fail_msg("%zu: '%.*s', not '%s'", i, STR_ARG(why),
				 bad[i].why);
	}
	assert_int_equal(
		read_good(STR("BEGIN:VCALENDAR\nEND:VCALENDAR"))->count, 0);
}

static void sizes_are_bounded(void **state)
{
	struct buf b = buf_init(&arena, CALENDAR_FILE_MAX + 1);
	struct str why = STR_ABSENT;

	(void)state;
	buf_add(&b, STR("BEGIN:VCALENDAR\n"));
	for (int i = 0; i < CALENDAR_EVENTS_MAX; i++)
		buf_add(&b, STR("BEGIN:VEVENT\nEND:VEVENT\n"));
	buf_add(&b, STR("END:VCALENDAR\n"));
	assert_int_equal(read_good(buf_str(&b))->count, CALENDAR_EVENTS_MAX);
	b.n -= 14;
	buf_add(&b, STR("BEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n"));
	assert_null(calendar_read(&arena, buf_str(&b), &why));
	assert_true(str_find_str(why, STR("50,000 events")) >= 0);
	b.n = 0;
	memset(buf_grow(&b, 262145), 'x', 262145);
	assert_null(calendar_read(&arena, buf_str(&b), &why));
	assert_true(str_starts(why, STR("line 1: over 256 KiB")));
	b.n = 0;
	memset(buf_grow(&b, CALENDAR_FILE_MAX + 1), '\n',
	       CALENDAR_FILE_MAX + 1);
	assert_null(calendar_read(&arena, buf_str(&b), &why));
	assert_true(str_find_str(why, STR("16 MiB")) >= 0);
}

/* The arena that the header asks for is enough for the worst files. */
static void the_worst_files_fit_the_promised_memory(void **state)
{
	static const char *const shapes[][2] = {
		{"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20261120\n"
		 "LOCATION:",
		 "\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\n "},
		{"BEGIN:VCALENDAR\n", "X:y\n"},
	};
	static const char *const ends[] = {"\nEND:VEVENT\nEND:VCALENDAR\n",
					   "END:VCALENDAR\n"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct arena own, text;
		struct buf b;
		struct str why = STR_ABSENT;

		arena_init(&text, (size_t)2 * CALENDAR_FILE_MAX);
		arena_init(&own, (size_t)192 * 1024 * 1024);
		b = buf_init(&text, CALENDAR_FILE_MAX);
		buf_add(&b, str_of(shapes[i][0]));
		while (b.n < CALENDAR_FILE_MAX - 60)
			buf_add(&b, str_of(shapes[i][1]));
		buf_add(&b, str_of(ends[i]));
		assert_non_null(calendar_read(&own, buf_str(&b), &why));
		arena_release(&own);
		arena_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_whole_event, tear_down),
		cmocka_unit_test_teardown(the_kinds_of_time, tear_down),
		cmocka_unit_test_teardown(times_that_do_not_exist_are_wrong,
					  tear_down),
		cmocka_unit_test_teardown(durations, tear_down),
		cmocka_unit_test_teardown(what_makes_an_event_wrong, tear_down),
		cmocka_unit_test_teardown(forgiven, tear_down),
		cmocka_unit_test_teardown(cancelled, tear_down),
		cmocka_unit_test_teardown(
			zones_of_several_calendars_in_one_file, tear_down),
		cmocka_unit_test_teardown(
			one_wrong_event_does_not_spoil_the_others, tear_down),
		cmocka_unit_test_teardown(a_file_that_is_no_calendar_says_where,
					  tear_down),
		cmocka_unit_test_teardown(sizes_are_bounded, tear_down),
		cmocka_unit_test_teardown(
			the_worst_files_fit_the_promised_memory, tear_down),
	};
	int failed;

	arena_init(&arena, (size_t)192 * 1024 * 1024);
	failed = cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
