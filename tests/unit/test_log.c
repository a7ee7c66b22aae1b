/*
 * Log lines: always one whole line of JSON, whatever is in the fields and
 * however many processes write.  Prints TAP.
 */
#include "base/json.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILDREN 8
#define LINES 200

static struct arena arena;
static FILE *out;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)64 * 1024 * 1024);
	out = tmpfile();
	assert_non_null(out);
	log_open(out, "test");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)fclose(out);
	arena_release(&arena);
	return 0;
}

static struct str written(void)
{
	long n;
	char *p;

	assert_int_equal(fseek(out, 0, SEEK_END), 0);
	n = ftell(out);
	assert_true(n > 0);
	p = arena_get_text(&arena, (size_t)n);
	rewind(out);
	assert_int_equal(fread(p, 1, (size_t)n, out), n);
	return str_at(p, n);
}

/* The only line, parsed; freed by the caller. */
static struct json *line_read(void)
{
	struct str line = written();
	struct str why = STR_ABSENT;
	struct json *json;

	assert_true(str_ends(line, STR("\n")));
	line.n--;
	assert_int_equal(str_find(line, '\n'), -1);
	assert_true(line.n < 4000);
	json = json_read(&arena, line, &why);
	if (!json)
		fail_msg("%.*s: %.*s", STR_ARG(why), STR_ARG(line));
	return json;
}

static void assert_member(const struct json *json, const char *name,
			  const char *want)
{
	struct str got = json_text(&arena, json_member(json, str_of(name)));

	assert_string_equal(str_z(&arena, got), want);
}

static void a_line_has_its_head_and_fields(void **state)
{
	struct json *json;
	struct str stamp;

	(void)state;
	log_line(LOG_WARNING, "something", LOG_STR("word", STR("a")),
		 LOG_INT("number", INT64_MIN), LOG_BOOL("yes", true),
		 LOG_BOOL("no", false), LOG_STR("none", STR_ABSENT));
	json = line_read();
	assert_member(json, "level", "warning");
	assert_member(json, "program", "test");
	assert_member(json, "event", "something");
	assert_member(json, "word", "a");
	assert_member(json, "number", "-9223372036854775808");
	assert_true(json_is_true(json_member(json, STR("yes"))));
	assert_int_equal(json_type(json_member(json, STR("no"))), JSON_IS_BOOL);
	assert_int_equal(json_type(json_member(json, STR("none"))),
			 JSON_IS_NULL);
	stamp = json_text(&arena, json_member(json, STR("time")));
	assert_int_equal(stamp.n, 24);
	assert_true(stamp.p[4] == '-' && stamp.p[10] == 'T' &&
		    stamp.p[19] == '.' && stamp.p[23] == 'Z');
	json_free(json);
}

static void nothing_in_a_field_breaks_the_line(void **state)
{
	char all[256];
	struct json *json;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	/* as a whole, and NUL left out: JSON texts may not hold it here */
	log_line(LOG_INFO, "bytes", LOG_STR("all", str_at(all + 1, 255)),
		 LOG_STR("quote", STR("a\"b\\c\",\"level\":\"x")),
		 LOG_STR("lines", STR("a\nb\r\n\xe2\x80\xa8")),
		 LOG_STR("utf8", STR("Zo\xc3\xab \xf0\x9f\x91\x8d")));
	json = line_read();
	assert_member(json, "level", "info");
	assert_member(json, "quote", "a\"b\\c\",\"level\":\"x");
	assert_member(json, "utf8", "Zo\xc3\xab \xf0\x9f\x91\x8d");
	assert_int_equal(str_find(written(), '\x1b'), -1);
	json_free(json);
}

/* Every length of value, so that the cut falls at every place. */
static void a_long_line_is_cut_and_still_whole(void **state)
{
	char text[4200];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "\xe6\x97\xa5", 3);
	for (int n = 3600; n < 4200; n++) {
		struct json *json;

		(void)fclose(out);
		out = tmpfile();
		assert_non_null(out);
		log_open(out, "test");
		log_line(LOG_INFO, "long", LOG_STR("text", str_at(text, n)),
			 LOG_STR("quote", STR("\"\"\"\"\"")),
			 LOG_INT("after", 1234567890), LOG_BOOL("last", true));
		json = line_read();
		if (!json_member(json, STR("last")))
			assert_true(
				json_is_true(json_member(json, STR("cut"))));
		json_free(json);
		arena_reset(&arena);
	}
}

static void write_lines(int child)
{
	char text[900];

	memset(text, 'a' + child, sizeof(text));
	for (int i = 0; i < LINES; i++)
		log_line(LOG_INFO, "mix", LOG_INT("child", child),
			 LOG_STR("text", str_at(text, sizeof(text))));
}

static void lines_of_several_processes_do_not_mix(void **state)
{
	int ends[2];
	struct str rest;
	struct buf got = buf_init(&arena, 1 << 20);
	char piece[65536];
	ssize_t n;
	int lines = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int child = 0; child < CHILDREN; child++) {
		if (fork() == 0) {
			(void)close(ends[0]);
			log_open(fdopen(ends[1], "w"), "child");
			write_lines(child);
			_exit(0);
		}
	}
	(void)close(ends[1]);
	while ((n = read(ends[0], piece, sizeof(piece))) > 0)
		buf_add(&got, str_at(piece, n));
	(void)close(ends[0]);
	while (wait(NULL) > 0)
		;
	rest = buf_str(&got);
	while (rest.n > 0) {
		struct str why;
		struct json *json =
			json_read(&arena, str_cut(rest, '\n', &rest), &why);
		struct str text;

		assert_non_null(json);
		text = json_text(&arena, json_member(json, STR("text")));
		assert_int_equal(text.n, 900);
		for (ptrdiff_t i = 0; i < text.n; i++)
			assert_int_equal(text.p[i], text.p[0]);
		json_free(json);
		lines++;
	}
	assert_int_equal(lines, CHILDREN * LINES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_has_its_head_and_fields,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			nothing_in_a_field_breaks_the_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_long_line_is_cut_and_still_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			lines_of_several_processes_do_not_mix, set_up,
			tear_down),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
