/*
 * A calendar's own zones as POSIX says them, in the shapes that programs
 * write.  Prints TAP.
 */
#include "base/calendar_zone.h"

#include "base/buf.h"

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

#define ZONE(name, parts)                                                      \
	"BEGIN:VTIMEZONE\r\nTZID:" name "\r\n" parts "END:VTIMEZONE\r\n"
#define PART(kind, start, from, to, more)                                      \
	"BEGIN:" kind "\r\nDTSTART:" start "\r\nTZOFFSETFROM:" from            \
	"\r\nTZOFFSETTO:" to "\r\n" more "END:" kind "\r\n"
#define YEARLY(rule) "RRULE:FREQ=YEARLY;" rule "\r\n"

#define BERLIN                                                                 \
	PART("DAYLIGHT", "19810329T020000", "+0100", "+0200",                  \
	     "TZNAME:CEST\r\n" YEARLY("BYMONTH=3;BYDAY=-1SU"))                 \
	PART("STANDARD", "19961027T030000", "+0200", "+0100",                  \
	     "TZNAME:CET\r\n" YEARLY("BYMONTH=10;BYDAY=-1SU"))
#define BERLIN_SAID "<+01>-1<+02>-2,M3.5.0/2,M10.5.0/3"

static const char *said_of(const char *text, const char *local)
{
	const struct calendar_zone *zone =
		calendar_zone_read(&arena, str_of(text));
	struct str said;

	if (!zone)
		return "(no zone)";
	said = calendar_zone_text(&arena, zone, str_of(local));
	return str_is_absent(said) ? "(cannot be said)" : str_z(&arena, said);
}

static const struct {
	const char *what, *text, *local, *wanted;
} shapes[] = {
	{"Google and Apple", ZONE("Europe/Berlin", BERLIN),
	 "2026-11-20T18:30:00", BERLIN_SAID},
	{"Outlook",
	 ZONE("W. Europe Standard Time",
	      PART("STANDARD", "16010101T030000", "+0200", "+0100",
		   YEARLY("INTERVAL=1;BYDAY=-1SU;BYMONTH=10"))
		      PART("DAYLIGHT", "16010101T020000", "+0100", "+0200",
			   YEARLY("INTERVAL=1;BYDAY=-1SU;BYMONTH=3"))),
	 "2026-07-01T12:00:00", BERLIN_SAID},
	{"Notes, which says the time of day twice",
	 ZONE("W. Europe",
	      PART("STANDARD", "19501029T020000", "+0200", "+0100",
		   YEARLY("BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=10"))
		      PART("DAYLIGHT", "19500326T020000", "+0100", "+0200",
			   YEARLY("BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=3"))),
	 "2026-07-01T12:00:00", "<+01>-1<+02>-2,M3.5.0/2,M10.5.0/2"},
	{"another time of day than the start's",
	 ZONE("W. Europe",
	      PART("STANDARD", "19501029T020000", "+0200", "+0100",
		   YEARLY("BYHOUR=3;BYDAY=-1SU;BYMONTH=10"))
		      PART("DAYLIGHT", "19500326T020000", "+0100", "+0200",
			   YEARLY("BYDAY=-1SU;BYMONTH=3"))),
	 "2026-07-01T12:00:00", "(cannot be said)"},
	{"winter as daylight time, as Ireland has it by law",
	 ZONE("Europe/Dublin",
	      PART("STANDARD", "19810329T010000", "+0000", "+0100",
		   YEARLY("BYDAY=-1SU;BYMONTH=3"))
		      PART("DAYLIGHT", "19961027T020000", "+0100", "+0000",
			   YEARLY("BYDAY=-1SU;BYMONTH=10"))),
	 "2026-07-01T12:00:00", "<+01>-1<+00>0,M10.5.0/2,M3.5.0/1"},
	{"without summer time",
	 ZONE("Tokyo Standard Time",
	      PART("STANDARD", "16010101T000000", "+0900", "+0900", "")),
	 "2026-07-01T12:00:00", "<+09>-9"},
	{"both alike",
	 ZONE("India", PART("STANDARD", "16010101T000000", "+0530", "+0530",
			    YEARLY("BYDAY=1SU;BYMONTH=1"))
			       PART("DAYLIGHT", "16010101T000000", "+0530",
				    "+0530", YEARLY("BYDAY=1SU;BYMONTH=6"))),
	 "2026-07-01T12:00:00", "<+0530>-5:30"},
	{"the south",
	 ZONE("Australia/Sydney",
	      PART("DAYLIGHT", "20081005T020000", "+1000", "+1100",
		   YEARLY("BYMONTH=10;BYDAY=1SU"))
		      PART("STANDARD", "20080406T030000", "+1100", "+1000",
			   YEARLY("BYMONTH=4;BYDAY=1SU"))),
	 "2026-01-20T18:30:00", "<+10>-10<+11>-11,M10.1.0/2,M4.1.0/3"},
	{"the west, half hours",
	 ZONE("America/St_Johns",
	      PART("DAYLIGHT", "20070311T020000", "-0330", "-0230",
		   YEARLY("BYMONTH=3;BYDAY=2SU"))
		      PART("STANDARD", "20071104T020000", "-0230", "-0330",
			   YEARLY("BYMONTH=11;BYDAY=1SU"))),
	 "2026-01-20T18:30:00", "<-0330>3:30<-0230>2:30,M3.2.0/2,M11.1.0/2"},
	{"the Sunday from the 9th on",
	 ZONE("America/Santiago",
	      PART("STANDARD", "19700405T000000", "-0300", "-0400",
		   YEARLY("BYMONTH=4;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU"))
		      PART("DAYLIGHT", "19700906T000000", "-0400", "-0300",
			   YEARLY("BYMONTH=9;BYDAY=SU;"
				  "BYMONTHDAY=2,3,4,5,6,7,8"))),
	 "2026-01-20T18:30:00", "<-04>4<-03>3,M9.1.6/24,M4.1.6/24"},
	{"weeks as days of the month",
	 ZONE("US/Eastern",
	      PART("DAYLIGHT", "20070311T020000", "-0500", "-0400",
		   YEARLY("BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU"))
		      PART("STANDARD", "20071028T020000", "-0400", "-0500",
			   YEARLY("BYMONTH=10;BYDAY=SU;"
				  "BYMONTHDAY=25,26,27,28,29,30,31"))),
	 "2026-01-20T18:30:00", "<-05>5<-04>4,M3.2.0/2,M10.5.0/2"},
	/* Apple, and Outlook's Moscow: the old ways stand before the new */
	{"old rules, now",
	 ZONE("Europe/Istanbul",
	      PART("DAYLIGHT", "20070325T030000", "+0200", "+0300",
		   YEARLY("UNTIL=20130331T010000Z;BYMONTH=3;BYDAY=-1SU"))
		      PART("STANDARD", "20071028T040000", "+0300", "+0200",
			   YEARLY("UNTIL=20131027T010000Z;BYMONTH=10;"
				  "BYDAY=-1SU"))
			      PART("STANDARD", "20160907T000000", "+0300",
				   "+0300", "")),
	 "2026-01-20T18:30:00", "<+03>-3"},
	{"old rules, then",
	 ZONE("Europe/Istanbul",
	      PART("DAYLIGHT", "20070325T030000", "+0200", "+0300",
		   YEARLY("UNTIL=20130331T010000Z;BYMONTH=3;BYDAY=-1SU"))
		      PART("STANDARD", "20071028T040000", "+0300", "+0200",
			   YEARLY("UNTIL=20131027T010000Z;BYMONTH=10;"
				  "BYDAY=-1SU"))),
	 "2014-01-20T18:30:00", "<+02>-2"},
	/* Thunderbird: one day each, by RDATE */
	{"days named one by one",
	 ZONE("/mozilla.org/20071231_1/Africa/Casablanca",
	      PART("STANDARD", "20250406T030000", "+0000", "+0100",
		   "RDATE:20250406T030000,20260322T030000\r\n")
		      PART("DAYLIGHT", "20250223T030000", "+0100", "+0000",
			   "RDATE:20250223T030000\r\n"
			   "RDATE:20260215T030000\r\n")),
	 "2026-03-01T18:30:00", "<+00>0"},
	{"and after the last of them",
	 ZONE("Africa/Casablanca",
	      PART("STANDARD", "20250406T030000", "+0000", "+0100",
		   "RDATE:20250406T030000,20260322T030000\r\n")
		      PART("DAYLIGHT", "20250223T030000", "+0100", "+0000",
			   "RDATE:20260215T030000\r\n")),
	 "2026-11-01T18:30:00", "<+01>-1"},
	/* Exchange and new Google: the zone begins with the event's year */
	{"from this year on, before its first change",
	 ZONE("Europe/Berlin",
	      PART("DAYLIGHT", "20260329T020000", "+0100", "+0200",
		   YEARLY("BYMONTH=3;BYDAY=-1SU"))
		      PART("STANDARD", "20261025T030000", "+0200", "+0100",
			   YEARLY("BYMONTH=10;BYDAY=-1SU"))),
	 "2026-02-01T18:30:00", BERLIN_SAID},
	{"before all that the zone says",
	 ZONE("X", PART("STANDARD", "20261025T030000", "+0200", "+0100", "")),
	 "2026-02-01T18:30:00", "<+02>-2"},
	{"folded, quoted, in lower case",
	 "begin:vtimezone\r\ntzid;x=\"a:b\":(UTC+01:00) Amsterdam\\, Ber\r\n"
	 " lin\r\nbegin:standard\r\ndtstart:19700101T000000\r\n"
	 "tzoffset\r\n from:+0100\r\ntzoffsetto:+0\r\n 100\r\n"
	 "end:standard\r\nend:vtimezone\r\n",
	 "2026-02-01T18:30:00", "<+01>-1"},
	{"seconds", /* as in old local mean times */
	 ZONE("X",
	      PART("STANDARD", "18000101T000000", "+001930", "+001930", "")),
	 "2026-02-01T18:30:00", "<+0019>-0:19:30"},
	{"a rule that POSIX has no words for",
	 ZONE("X", PART("DAYLIGHT", "19810329T020000", "+0100", "+0200",
			YEARLY("BYMONTH=3;BYDAY=-2SU"))
			   PART("STANDARD", "19961027T030000", "+0200", "+0100",
				YEARLY("BYMONTH=10;BYDAY=-1SU"))),
	 "2026-02-01T18:30:00", "(cannot be said)"},
	{"every second year",
	 ZONE("X", PART("DAYLIGHT", "19810329T020000", "+0100", "+0200",
			YEARLY("INTERVAL=2;BYMONTH=3;BYDAY=-1SU"))
			   PART("STANDARD", "19961027T030000", "+0200", "+0100",
				YEARLY("BYMONTH=10;BYDAY=-1SU"))),
	 "2026-02-01T18:30:00", "(cannot be said)"},
	{"summers without winters",
	 ZONE("X", PART("DAYLIGHT", "19810329T020000", "+0100", "+0200",
			YEARLY("BYMONTH=3;BYDAY=-1SU"))),
	 "2026-02-01T18:30:00", "(cannot be said)"},
	{"no name", "BEGIN:VTIMEZONE\r\n" BERLIN "END:VTIMEZONE\r\n",
	 "2026-02-01T18:30:00", "(no zone)"},
	{"nothing in it", ZONE("X", ""), "2026-02-01T18:30:00", "(no zone)"},
	{"an offset that is none",
	 ZONE("X", PART("STANDARD", "19961027T030000", "+0200", "+9900", "")),
	 "2026-02-01T18:30:00", "(no zone)"},
	{"month 13",
	 ZONE("X", PART("STANDARD", "19961327T030000", "+0200", "+0100", "")),
	 "2026-02-01T18:30:00", "(no zone)"},
	{"controls", ZONE("X", "\x01\xff:\n \n\n:::;;;\"\n"),
	 "2026-02-01T18:30:00", "(no zone)"},
};

static void the_shapes_that_programs_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const char *said = said_of(shapes[i].text, shapes[i].local);

		if (strcmp(said, shapes[i].wanted) != 0)
			fail_msg("%s: %s", shapes[i].what, said);
	}
}

static void names_as_events_write_them(void **state)
{
	const struct calendar_zone *zone = calendar_zone_read(
		&arena,
		STR("BEGIN:VTIMEZONE\r\nTZID:(UTC+01:00) Amsterdam\\, Berlin"
		    "\r\n" BERLIN "END:VTIMEZONE\r\n"));

	(void)state;
	assert_non_null(zone);
	assert_string_equal(str_z(&arena, calendar_zone_name(zone)),
			    "(UTC+01:00) Amsterdam, Berlin");
	assert_true(str_is_absent(
		calendar_zone_text(&arena, zone, STR("2026-02-30T00:00:00"))));
}

/* However often a line is folded, and without losing a blank at a fold. */
static void folded_lines(void **state)
{
	struct buf b = buf_init(&arena, 1 << 20);
	const struct calendar_zone *zone;

	(void)state;
	buf_add(&b, STR("BEGIN:VTIMEZONE\r\nTZID:Long \r\n Na\r\n\tme"
			"\r\nX-LONG:"));
	for (int i = 0; i < 60000; i++)
		buf_add(&b, STR("\r\n a"));
	buf_add(&b, STR("\r\n" BERLIN "END:VTIMEZONE\r\n"));
	zone = calendar_zone_read(&arena, buf_str(&b));
	assert_non_null(zone);
	assert_string_equal(str_z(&arena, calendar_zone_name(zone)),
			    "Long Name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_shapes_that_programs_write,
					  tear_down),
		cmocka_unit_test_teardown(names_as_events_write_them,
					  tear_down),
		cmocka_unit_test_teardown(folded_lines, tear_down),
	};
	int failed;

	arena_init(&arena, (size_t)64 << 20);
	failed =
		cmocka_run_group_tests_name("calendar_zone", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
