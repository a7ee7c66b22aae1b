/*
 * On which days random rules fall, as python3-dateutil has it; skipped without
 * it.  FULL=1: 4,500 rules, else 150.  Prints TAP.
 */
#include "base/buf.h"
#include "base/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NO_DATEUTIL 77

/* What rules.py prints; NULL when there is no dateutil. */
static FILE *make_rules(const char *count)
{
	FILE *out = tmpfile();
	int status = -1;
	pid_t pid;

	assert_non_null(out);
	pid = fork();
	if (pid == 0) {
		(void)dup2(fileno(out), 1);
		execlp("python3", "python3", "tests/unit/rules.py", count,
		       "20261120", (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_DATEUTIL) {
		fclose(out);
		return NULL;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	rewind(out);
	return out;
}

static struct str join(struct arena *a, const struct calendar_repeats *repeats)
{
	struct buf all = buf_init(a, 1 << 16);

	for (ptrdiff_t i = 0; i < repeats->count; i++) {
		if (i > 0)
			buf_add_byte(&all, ' ');
		buf_add(&all, repeats->starts[i]);
	}
	return buf_str(&all);
}

/* rule, first start, from, to and the starts, with tabs between. */
static void compare(struct arena *a, struct str line)
{
	struct str rest = line;
	struct str rule = str_cut(rest, '\t', &rest);
	struct str start = str_cut(rest, '\t', &rest);
	struct str from = str_cut(rest, '\t', &rest);
	struct str to = str_cut(rest, '\t', &rest);
	struct str why = STR_ABSENT, got;
	const struct calendar_repeats *repeats =
		calendar_repeat(a, rule, start, from, to, &why);

	got = repeats ? join(a, repeats) : why;
	if (!str_equal(got, rest))
		fail_msg("%.*s from %.*s:\n%.*s\ninstead of\n%.*s",
			 STR_ARG(rule), STR_ARG(start), STR_ARG(got),
			 STR_ARG(rest));
}

static void fall_where_dateutil_has_them(void **state)
{
	const char *wanted = getenv("FULL") ? "4500" : "150";
	FILE *rules = make_rules(wanted);
	char line[64 * 1024];
	struct arena a;
	int count = 0;

	(void)state;
	if (!rules)
		skip();
	arena_init(&a, (size_t)8 << 20);
	while (fgets(line, sizeof(line), rules)) {
		line[strcspn(line, "\n")] = 0;
		compare(&a, str_of(line));
		arena_reset(&a);
		count++;
	}
	fclose(rules);
	assert_true(str_equal(str_of(wanted), str_printf(&a, "%d", count)));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"random rules fall on the days that dateutil has",
		 fall_where_dateutil_has_them, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("calendar_random", tests, NULL,
					   NULL);
}
