/*
 * Settings: from where, which shapes, and what the operator is told.  Prints
 * TAP.
 */
#include "base/config.h"
#include "unit/text.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char path[] = "/tmp/test_config.XXXXXX";

static const char *const names[] = {
	"ROLLCALL_CONFIG", "DATABASE_URL",     "BASE_URL",	"SMTP_URL",
	"MAIL_FROM",	   "PUSH_URL",	       "MIRROR_URL",	"LIVE_URL",
	"HEARTBEAT_URL",   "KEYS_FILE",	       "TEMPLATES_DIR", "CONTACT",
	"BOUNCE_ADDRESS",  "SMTP_CONNECTIONS",
};

/* Nothing set but what is needed. */
static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
	(void)setenv("DATABASE_URL", "postgresql:///rollcall?host=/run", 1);
	(void)setenv("BASE_URL", "https://rollcall.example", 1);
	(void)setenv("KEYS_FILE", "var/keys", 1);
	arena_reset(&arena);
	return 0;
}

static void write_file(const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(close(fd), 0);
	(void)setenv("ROLLCALL_CONFIG", path, 1);
}

static struct config expect_good(void)
{
	struct config config;
	struct str why = STR_ABSENT;

	if (!config_read(&arena, &config, &why))
		fail_msg("refused: %.*s", STR_ARG(why));
	return config;
}

/* The sentence, which must hold part. */
static struct str expect_wrong(const char *part)
{
	struct config config;
	struct str why = STR_ABSENT;

	if (config_read(&arena, &config, &why))
		fail_msg("taken, without '%s'", part);
	if (str_find_str(why, str_of(part)) < 0)
		fail_msg("'%.*s' does not say '%s'", STR_ARG(why), part);
	assert_true(str_ends(why, STR(".")));
	return why;
}

static void the_environment_alone_is_enough(void **state)
{
	struct config config = expect_good();

	(void)state;
	assert_str(config.database_url, "postgresql:///rollcall?host=/run");
	assert_str(config.base_url, "https://rollcall.example");
	assert_str(config.keys_file, "var/keys");
	assert_str(config.templates_dir, "templates");
	assert_true(str_is_absent(config.smtp_url));
	assert_true(str_is_absent(config.live_url));
	/* set to nothing is not set */
	(void)setenv("SMTP_URL", "", 1);
	config = expect_good();
	assert_true(str_is_absent(config.smtp_url));
}

static void what_is_needed_and_not_set_is_named(void **state)
{
	static const char *const needed[] = {"DATABASE_URL", "BASE_URL",
					     "KEYS_FILE"};

	for (size_t i = 0; i < 3; i++) {
		(void)set_up(state);
		(void)unsetenv(needed[i]);
		(void)expect_wrong(needed[i]);
		(void)setenv(needed[i], "", 1);
		(void)expect_wrong(needed[i]);
	}
}

static void the_file_is_read_and_the_environment_wins(void **state)
{
	static const char text[] = "# settings\n"
				   "\n"
				   "  SMTP_URL = smtp://127.0.0.1:2525 \r\n"
				   "MAIL_FROM=rollcall@example.org\n"
				   "KEYS_FILE=from/file\n"
				   "PUSH_URL=\n"
				   "TEMPLATES_DIR=a=b # c";
	struct config config;

	(void)state;
	write_file(text, sizeof(text) - 1);
	config = expect_good();
	assert_str(config.smtp_url, "smtp://127.0.0.1:2525");
	assert_str(config.mail_from, "rollcall@example.org");
	assert_str(config.keys_file, "var/keys");
	assert_str(config.templates_dir, "a=b # c");
	assert_true(str_is_absent(config.push_url));
	(void)unsetenv("KEYS_FILE");
	config = expect_good();
	assert_str(config.keys_file, "from/file");
}

static void a_wrong_line_is_told_with_its_number(void **state)
{
	static const char *const wrong[][2] = {
		{"\nKEYS_FILES=x\n", "line 2: no setting"},
		{"KEYS_FILE\n", "line 1: write NAME=value"},
		{"=x\n", "line 1: no setting"},
		{"# a\n\nMAIL_FROM=a@b\nMAIL_FROM=a@b", "line 4: MAIL_FROM"},
		{"MAIL_FROM=hunter2", "line 1: MAIL_FROM"},
		{"ROLLCALL_CONFIG=x", "line 1: no setting"},
		{"keys_file=x", "line 1: no setting"},
		{"SMTP_URL=smtp://a\x1b[1m", "control characters"},
		{"SMTP_URL=smtp://a\xff", "control characters"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct str why;

		(void)set_up(state);
		write_file(wrong[i][0], strlen(wrong[i][0]));
		why = expect_wrong(wrong[i][1]);
		assert_true(str_starts(why, str_of(path)));
		assert_int_equal(str_find_str(why, STR("hunter2")), -1);
		assert_false(str_has_control(why, false));
	}
	(void)set_up(state);
	write_file("SMTP_URL=smtp://a\0b\n", 20);
	(void)expect_wrong("line 1");
}

static void a_file_that_cannot_be_read_is_no_silence(void **state)
{
	static char big[70000];

	(void)state;
	(void)setenv("ROLLCALL_CONFIG", "/nonexistent/settings", 1);
	(void)expect_wrong("/nonexistent/settings");
	(void)setenv("ROLLCALL_CONFIG", "/tmp", 1);
	(void)expect_wrong("/tmp");
	memset(big, '\n', sizeof(big));
	write_file(big, sizeof(big));
	(void)expect_wrong("64 KiB");
	(void)setenv("ROLLCALL_CONFIG", "", 1);
	(void)expect_good();
}

static void base_url_good(void **state)
{
	static const char *const good[][2] = {
		{"https://rollcall.example", "https://rollcall.example"},
		{"https://Rollcall.Example/", "https://rollcall.example"},
		{"https://rollcall.example:443", "https://rollcall.example"},
		{"https://rollcall.example:8443",
		 "https://rollcall.example:8443"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"http://127.0.0.1:80/", "http://127.0.0.1"},
		{"http://127.1.2.3", "http://127.1.2.3"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"https://[2001:db8::1]", "https://[2001:db8::1]"},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)set_up(state);
		(void)setenv("BASE_URL", good[i][0], 1);
		assert_str(expect_good().base_url, good[i][1]);
	}
}

static void base_url_neither_https_nor_loopback_is_refused(void **state)
{
	static const char *const bad[] = {
		"http://rollcall.example",
		"http://10.0.0.1",
		"http://127.0.0.1.example",
		"http://127.0.0.256",
		"http://127.0.0",
		"http://127.0.0.1.1",
		"http://0.0.0.0:8080",
		"http://localhost.example",
		"http://127.0.0.1@evil.example",
		"http://[::2]",
		"http://",
		"https://",
		"ftp://127.0.0.1",
		"rollcall.example",
		"//rollcall.example",
		"https:/x",
		"https://user@rollcall.example",
		"https://a b",
		"https://rollcall.example/base",
		"https://rollcall.example?x",
		"https://rollcall.example#x",
		"https://rollcall.example:",
		"https://rollcall.example:0",
		"https://rollcall.example:65536",
		"https://rollcall.example:x",
		"https://rollcall.example\r\nX: y",
		"https://r\xc3\xb6llcall.example",
		"https://:8080",
		"https://a_b",
		"https://[::1",
		"https://a/../b",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)set_up(state);
		(void)setenv("BASE_URL", bad[i], 1);
		(void)expect_wrong("BASE_URL: ");
	}
}

static void the_other_shapes(void **state)
{
	static const struct {
		const char *name, *value;
		bool good;
	} cases[] = {
		{"DATABASE_URL", "postgresql://db.example/rollcall", true},
		{"DATABASE_URL", "postgresql:///rollcall?host=/a@b", true},
		{"DATABASE_URL", "postgresql://rollcall_answer@/x", false},
		{"DATABASE_URL", "postgresql://a:secret@h/x", false},
		{"DATABASE_URL", "postgresql:///x?user=postgres", false},
		{"DATABASE_URL", "postgresql:///x?host=/r&user=a", false},
		{"DATABASE_URL", "dbname=rollcall", false},
		{"DATABASE_URL", "rollcall", false},
		{"SMTP_URL", "smtps://u:p@mail.example:465", true},
		{"SMTP_URL", "mail.example", false},
		{"SMTP_URL", "smtp://", false},
		{"SMTP_URL", "http://mail.example", false},
		{"SMTP_CONNECTIONS", "1", true},
		{"SMTP_CONNECTIONS", "64", true},
		{"SMTP_CONNECTIONS", "0", false},
		{"SMTP_CONNECTIONS", "65", false},
		{"SMTP_CONNECTIONS", "-1", false},
		{"SMTP_CONNECTIONS", "many", false},
		{"MAIL_FROM", "a@b.example", true},
		{"MAIL_FROM", "a.b+c@b.example", true},
		{"MAIL_FROM", "a", false},
		{"MAIL_FROM", "@b", false},
		{"MAIL_FROM", "a@", false},
		{"MAIL_FROM", "a@b@c", false},
		{"MAIL_FROM", "A <a@b>", false},
		{"MAIL_FROM", "a@b, c@d", false},
		{"MAIL_FROM", "a@b\r\nBcc: c@d", false},
		{"MAIL_FROM", "\xc3\xa9@b", false},
		{"PUSH_URL", "https://push.example/x", true},
		{"PUSH_URL", "http://127.0.0.1:8080/push", true},
		{"PUSH_URL", "http://localhost/push", true},
		{"PUSH_URL", "http://push.example/x", false},
		{"PUSH_URL", "http://127.0.0.1.push.example/x", false},
		{"PUSH_URL", "http://secret@push.example/x", false},
		{"PUSH_URL", "https://", false},
		{"PUSH_URL", "file:///etc/passwd", false},
		{"MIRROR_URL", "http://127.0.0.1/x", true},
		{"MIRROR_URL", "x", false},
		{"HEARTBEAT_URL", "https://hc.example/x", true},
		{"HEARTBEAT_URL", "https://", false},
		{"LIVE_URL", "unix:var/run/live.sock", true},
		{"LIVE_URL", "http://127.0.0.1:8081/publish", true},
		{"LIVE_URL", "unix:", false},
		{"KEYS_FILE", "var/keys", true},
		{"TEMPLATES_DIR", "t\nt", false},
		{"BOUNCE_ADDRESS", "bounce@b.example", true},
		{"BOUNCE_ADDRESS", "twenty.two.letters.xyz@b.example", true},
		{"BOUNCE_ADDRESS", "twenty.three.letters.xy@b.example", false},
		{"BOUNCE_ADDRESS", "bounce+x@b.example", false},
		{"BOUNCE_ADDRESS", "bounce", false},
		{"CONTACT", "help@b.example", true},
		{"CONTACT", "Help <help@b.example>", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)set_up(state);
		(void)setenv(cases[i].name, cases[i].value, 1);
		if (cases[i].good)
			(void)expect_good();
		else
			assert_int_equal(
				str_find_str(expect_wrong(cases[i].name),
					     STR("secret")),
				-1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_environment_alone_is_enough, set_up),
		cmocka_unit_test_setup(what_is_needed_and_not_set_is_named,
				       set_up),
		cmocka_unit_test_setup(
			the_file_is_read_and_the_environment_wins, set_up),
		cmocka_unit_test_setup(a_wrong_line_is_told_with_its_number,
				       set_up),
		cmocka_unit_test_setup(a_file_that_cannot_be_read_is_no_silence,
				       set_up),
		cmocka_unit_test_setup(base_url_good, set_up),
		cmocka_unit_test_setup(
			base_url_neither_https_nor_loopback_is_refused, set_up),
		cmocka_unit_test_setup(the_other_shapes, set_up),
	};
	int fd = mkstemp(path);
	int failed;

	if (fd < 0)
		return 1;
	(void)close(fd);
	arena_init(&arena, (size_t)64 * 1024 * 1024);
	failed = cmocka_run_group_tests_name("config", tests, NULL, NULL);
	arena_release(&arena);
	(void)unlink(path);
	return failed;
}
