/*
 * Whether an installation can work.  Must not print a value of a setting.
 */
#include "jobs/check.h"

#include "base/secret.h"
#include "jobs/render.h"
#include "query/ready.h"
#include "view/mustache.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int say(FILE *out, bool good, const char *part, struct str what)
{
	fprintf(out, "%-9s %-10s %.*s\n", good ? "well" : "NOT WELL", part,
		STR_ARG(what));
	return good ? 0 : 1;
}

static int check_mail(FILE *out, const struct config *config)
{
	if (config->smtp_url.n == 0)
		return say(out, false, "mail",
			   STR("SMTP_URL is missing: set it to "
			       "smtp://HOST:PORT"));
	if (config->mail_from.n == 0)
		return say(out, false, "mail",
			   STR("MAIL_FROM is missing: set it to the address "
			       "that mail comes from"));
	return say(out, true, "mail",
		   STR("SMTP_URL and MAIL_FROM are set; try them with "
		       "send-test"));
}

static int check_keys(FILE *out, struct arena *a, const struct config *config)
{
	struct secret_keys *keys = ARENA_NEW(a, struct secret_keys);
	struct str why = STR("there is no source of random bytes");

	if (!secret_init() ||
	    !secret_keys_read(a, config->keys_file, keys, &why))
		return say(out, false, "keys", why);
	return say(out, true, "keys",
		   str_printf(a, "%d, of which key %d signs", keys->count,
			      keys->keys[0].id));
}

static int check_templates(FILE *out, struct arena *a,
			   const struct config *config)
{
	struct template_error error;
	const struct template_set *set =
		template_set_read(a, str_z(a, config->templates_dir), &error);
	const char *lack;

	if (set && !render_check(set, &lack))
		return say(out, false, "templates", str_of(lack));
	if (set)
		return say(out, true, "templates", STR("all compile"));
	return say(out, false, "templates", template_error_text(a, &error));
}

static int check_database(FILE *out, struct arena *a, struct db *db)
{
	struct rows *rows = query_database_ready(db, a);
	bool ready = db_run(db) == DB_OK && query_database_ready_ready(rows, 0);
	struct str state = str_copy(a, db_sqlstate(db));

	db_reset(db);
	if (ready)
		return say(out, true, "database",
			   STR("reached as rollcall_ctl, and has our schema"));
	if (state.n > 0)
		return say(out, false, "database",
			   str_printf(a,
				      "reached, but it answers %.*s: is "
				      "the schema deployed?",
				      STR_ARG(state)));
	return say(out, false, "database", STR("cannot be reached"));
}

/*
 * DATABASE_URL as sqitch takes it: with the owner as its user, and a socket
 * below our directory seen from sql/.
 */
static struct str sqitch_target(struct arena *a, struct str url)
{
	const struct str cwd = STR("/proc/self/cwd/");
	struct buf out = buf_init(a, url.n + 64);
	struct str rest = str_from(url, str_find_str(url, STR("://")) + 3);
	ptrdiff_t at;

	buf_add(&out, STR("db:pg://rollcall_owner@"));
	while ((at = str_find_str(rest, cwd)) >= 0) {
		buf_add(&out, str_first(rest, at + cwd.n));
		buf_add(&out, STR("../"));
		rest = str_from(rest, at + cwd.n);
	}
	buf_add(&out, rest);
	return buf_str(&out);
}

/* The exit status of a quiet command; -1 when it could not be started. */
static int run_quietly(char *const *words)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int status = 0;
	bool started;

	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd <= 2; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null",
						 fd ? O_WRONLY : O_RDONLY, 0);
	started =
		posix_spawnp(&pid, words[0], &files, NULL, words, environ) == 0;
	posix_spawn_file_actions_destroy(&files);
	if (!started || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == 127)
		return -1;
	return WEXITSTATUS(status);
}

static int check_schema(FILE *out, struct arena *a, const struct config *config)
{
	char *words[] = {
		str_z(a, STR("sqitch")),
		str_z(a, STR("-C")),
		str_z(a, STR("sql")),
		str_z(a, STR("check")),
		str_z(a, STR("--target")),
		str_z(a, sqitch_target(a, config->database_url)),
		NULL,
	};
	int status;

	if (access("sql/sqitch.plan", R_OK) != 0)
		return 0;
	status = run_quietly(words);
	if (status < 0)
		return 0;
	if (status == 0)
		return say(out, true, "schema",
			   STR("sqitch check finds it as sql/ describes it"));
	return say(out, false, "schema",
		   STR("sqitch check finds a difference: see "
		       "`sqitch -C sql check`"));
}

int check_run(FILE *out, struct arena *a, const struct config *config,
	      struct db *db)
{
	int bad = say(out, true, "settings", STR("read"));

	bad += check_mail(out, config);
	bad += check_keys(out, a, config);
	bad += check_templates(out, a, config);
	bad += check_database(out, a, db);
	bad += check_schema(out, a, config);
	return bad;
}
