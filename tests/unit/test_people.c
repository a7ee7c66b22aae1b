/*
 * People files: every shape a spreadsheet makes, and what is refused with its
 * line.  Prints TAP.
 */
#include "data/people.h"

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

static struct people read(struct str text)
{
	struct people people;
	struct str why;

	if (!people_read(&arena, text, &people, &why))
		fail_msg("unreadable: %.*s", STR_ARG(why));
	return people;
}

static void assert_json(struct str text, const char *json)
{
	struct people people = read(text);

	assert_string_equal(str_z(&arena, people.json), json);
}

static void assert_unreadable(struct str text, const char *expected)
{
	struct people people;
	struct str why = STR_ABSENT;

	assert_false(people_read(&arena, text, &people, &why));
	assert_string_equal(str_z(&arena, why), expected);
}

#define ADA                                                                    \
	"[{\"line\":2,\"email\":\"ada@example.org\",\"name\":\"Ada\","         \
	"\"timezone\":\"Europe/London\",\"role\":\"staff\"}]"

static void test_shapes(void **state)
{
	(void)state;
	assert_json(STR("email,name,timezone,role\n"
			"ada@example.org,Ada,Europe/London,staff\n"),
		    ADA);
	/* the last line without its end, CRLF, other order, other case */
	assert_json(STR("Role,NAME,Email,timezone\r\n"
			"staff,Ada,ada@example.org,Europe/London"),
		    ADA);
	/* byte order mark, semicolons, blanks around */
	assert_json(STR("\xef\xbb\xbf"
			"email;name;timezone;role\r\n"
			" ada@example.org ; Ada ;Europe/London;staff\r\n"),
		    ADA);
	assert_json(STR("email\tname\ttimezone\trole\n"
			"ada@example.org\tAda\tEurope/London\tstaff\n"),
		    ADA);
	assert_json(STR("\"email\",\"name\",\"timezone\",\"role\"\n"
			"\"ada@example.org\",\"Ada\",\"Europe/London\","
			"\"staff\"\n\n\n"),
		    ADA);
}

static void test_quotes(void **state)
{
	(void)state;
	assert_json(STR("email,name\na@b,\"Dara \"\"Dot\"\" O'Brien, PhD\"\n"),
		    "[{\"line\":2,\"email\":\"a@b\",\"name\":"
		    "\"Dara \\\"Dot\\\" O'Brien, PhD\"}]");
	assert_json(STR("email,name,role\na@b,A,\nc@d,C\n"),
		    "[{\"line\":2,\"email\":\"a@b\",\"name\":\"A\"},"
		    "{\"line\":3,\"email\":\"c@d\",\"name\":\"C\"}]");
}

static void assert_refusal(struct str text, int line, const char *why)
{
	struct people people = read(text);
	const struct verdict *last = &people.verdicts[people.count - 1];

	assert_int_equal(last->line, line);
	assert_string_equal(str_z(&arena, last->result), "refused");
	assert_string_equal(str_z(&arena, last->why), why);
	assert_string_equal(str_z(&arena, people.json), "[]");
}

static void test_refused_rows(void **state)
{
	(void)state;
	assert_refusal(STR("email,name\nnot one,A\n"), 2,
		       "this is not a mail address");
	assert_refusal(STR("email,name\n,A\n"), 2, "no address");
	assert_refusal(STR("email,name\na@b,\n"), 2, "no name");
	assert_refusal(STR("email,name\na@b\n"), 2, "no name");
	assert_refusal(STR("email,name\na@b,A,more\n"), 2,
		       "more fields than the first row");
	assert_refusal(STR("email,name\n\"a@b\",\"A\r\nBcc: c@d\"\n"), 2,
		       "a line break or control character in a field");
	assert_refusal(STR("email,name\n\"a@b\nRCPT TO:<c@d>\",A\n"), 2,
		       "a line break or control character in a field");
	assert_refusal(STR("email,name\n\n\na@b,A\x1b[2J\n"), 4,
		       "a line break or control character in a field");
}

static void test_lines_after_breaks(void **state)
{
	struct people people =
		read(STR("email,name\n\"a@b\",\"A\n\nB\"\nc@d,C\n"));

	(void)state;
	assert_int_equal(people.count, 2);
	assert_int_equal(people.verdicts[1].line, 5);
	assert_true(str_is_absent(people.verdicts[1].result));
}

static void test_unreadable(void **state)
{
	(void)state;
	assert_unreadable(STR(""), "the file is empty");
	assert_unreadable(STR("\n\n"), "the file is empty");
	assert_unreadable(STR("name\nA\n"),
			  "line 1: the first row must name the columns: "
			  "email, name, timezone, role");
	assert_unreadable(STR("email,nme\n"),
			  "line 1: column 2 is not known; the columns are "
			  "email, name, timezone and role");
	assert_unreadable(STR("email,name,email\n"),
			  "line 1: column 3 is there twice; the columns are "
			  "email, name, timezone and role");
	assert_unreadable(STR("email,name\na@b,A\nc@d,\"C\n"),
			  "line 3: a quoted field does not end");
	assert_unreadable(STR("email,name\na@b,\"A\"B\n"),
			  "line 2: text after a closing quote");
	assert_unreadable(STR("email,name\na@b,J\xf6rg\n"),
			  "line 2: not UTF-8 text; save the file as CSV in "
			  "UTF-8");
	assert_unreadable(str_at("email,name\na@b,A\0B\n", 18),
			  "line 2: not UTF-8 text; save the file as CSV in "
			  "UTF-8");
	assert_unreadable(STR("\xff\xfe"
			      "e"),
			  "line 1: not UTF-8 text; save the file as CSV in "
			  "UTF-8");
}

static void test_too_many_fields(void **state)
{
	char text[256] = "email,name\n";

	(void)state;
	memset(text + 11, ',', 200);
	assert_unreadable(str_of(text), "line 2: too many fields");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O4 commas, semicolons, tabs, BOM, CRLF, any order",
		 test_shapes, set_up, tear_down, NULL},
		{"R-O4 quotes, and fields that are not there", test_quotes,
		 set_up, tear_down, NULL},
		{"R-O4 a bad row is refused with its reason", test_refused_rows,
		 set_up, tear_down, NULL},
		{"R-O4 lines are counted through quoted breaks",
		 test_lines_after_breaks, set_up, tear_down, NULL},
		{"R-O4 a file that makes no sense names its line",
		 test_unreadable, set_up, tear_down, NULL},
		{"R-O4 a row without end is refused", test_too_many_fields,
		 set_up, tear_down, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
