/*
 * The operator's tool: a table of commands.  Must not hold rules; those are
 * SQL functions, called as rollcall_ctl.
 */
#include "base/address.h"
#include "base/calendar.h"
#include "base/date.h"
#include "base/log.h"
#include "data/entries.h"
#include "data/people.h"
#include "jobs/check.h"
#include "jobs/file.h"
#include "jobs/keys.h"
#include "jobs/test_mail.h"
#include "query/audit.h"
#include "query/import.h"
#include "query/org.h"
#include "query/own_data.h"
#include "send/smtp.h"
#include "web/message.h"

#include <inttypes.h>
#include <unistd.h>

enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1, /* some rows, or what was asked for */
	STATUS_USAGE = 2,   /* or a file that cannot be read */
	STATUS_NOT_NOW = 75
};

#define CTL_BYTES ((size_t)2 << 30)
#define STATEMENT_MS (10 * 60 * 1000)
#define WORDS_MAX 3

enum option {
	OPTION_ORG = 1,
	OPTION_TIMEZONE = 2,
	OPTION_DRY_RUN = 4,
	OPTION_SINCE = 8
};

struct ctl {
	struct arena *arena;
	struct config config;
	struct db *db;
	struct str org; /* absent when not given */
	struct str timezone;
	struct str since; /* absent: from the beginning */
	bool dry_run;
	int count;
	struct str words[WORDS_MAX]; /* what is no option */
};

static enum status say(enum status status, struct str what)
{
	fprintf(stderr, "rollcallctl: %.*s\n", STR_ARG(what));
	return status;
}

/* Runs what is queued; a refusal is told in the words people read. */
static enum status run(struct ctl *ctl)
{
	enum db_outcome outcome = db_run(ctl->db);
	const struct db_refusal *refusal;
	struct str words;

	if (outcome == DB_OK)
		return STATUS_DONE;
	if (outcome == DB_AWAY)
		return say(STATUS_NOT_NOW,
			   str_printf(ctl->arena,
				      "the database cannot be used now (%.*s)",
				      STR_ARG(db_sqlstate(ctl->db))));
	refusal = db_refusal(ctl->db);
	words = message_find(refusal->key);
	if (str_is_absent(words))
		words = refusal->key;
	return say(STATUS_REFUSED,
		   str_printf(ctl->arena, "%.*s%s%.*s", STR_ARG(refusal->field),
			      refusal->field.n > 0 ? ": " : "",
			      STR_ARG(words)));
}

/* --- organisations and people -------------------------------------------- */

static enum status org_add(struct ctl *ctl)
{
	enum status status;

	(void)query_org_add(ctl->db, ctl->arena, ctl->words[0], ctl->words[1],
			    ctl->timezone);
	status = run(ctl);
	if (status == STATUS_DONE)
		printf("Made the organisation %.*s.\n", STR_ARG(ctl->words[0]));
	return status;
}

/*
 * The keys, without which nobody is made: what a person stopped before they
 * were erased is known by hashes under them.
 */
static enum status read_keys(const struct ctl *ctl, struct secret_keys **keys)
{
	struct str why = STR("there is no source of random bytes");

	*keys = ARENA_NEW(ctl->arena, struct secret_keys);
	if (!secret_init() ||
	    !secret_keys_read(ctl->arena, ctl->config.keys_file, *keys, &why))
		return say(STATUS_NOT_NOW, why);
	return STATUS_DONE;
}

static enum status admin_add(struct ctl *ctl)
{
	struct secret_keys *keys;
	enum status status;

	if (!address_is_valid(ctl->words[0]))
		return say(STATUS_REFUSED, STR("this is not a mail address"));
	status = read_keys(ctl, &keys);
	if (status != STATUS_DONE)
		return status;
	(void)query_admin_add(ctl->db, ctl->arena, ctl->org, ctl->words[0],
			      ctl->words[1]);
	query_know_address(
		ctl->db, ctl->arena, ctl->words[0],
		secret_address_hashes(ctl->arena, keys, ctl->words[0]));
	status = run(ctl);
	if (status == STATUS_DONE)
		printf("Made an admin of %.*s.\n", STR_ARG(ctl->org));
	return status;
}

static enum status print_verdicts(const struct ctl *ctl,
				  struct verdict *verdicts, ptrdiff_t count)
{
	ptrdiff_t refused;

	for (ptrdiff_t i = 0; i < count; i++) {
		struct str words = message_find(verdicts[i].why);

		if (!str_is_absent(words))
			verdicts[i].why = words;
	}
	refused = verdict_print(stdout, verdicts, count, ctl->dry_run);
	return refused ? STATUS_REFUSED : STATUS_DONE;
}

/* Runs an import, whose rows are line, result and why; tells all verdicts. */
static enum status run_import(struct ctl *ctl, const struct rows *rows,
			      struct verdict *verdicts, ptrdiff_t count)
{
	enum status status = run(ctl);

	if (status != STATUS_DONE)
		return status;
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		verdict_set(
			verdicts, count,
			(int)rows_int(rows, i, rows_column(rows, STR("line"))),
			rows_named(rows, i, "result"),
			rows_named(rows, i, "why"));
	return print_verdicts(ctl, verdicts, count);
}

static enum status people_import(struct ctl *ctl)
{
	struct arena *a = ctl->arena;
	struct people people;
	struct str why;
	struct str text = file_read(a, ctl->words[0], PEOPLE_FILE_MAX, &why);

	struct secret_keys *keys;
	struct rows *rows;
	enum status status;

	if (str_is_absent(text) || !people_read(a, text, &people, &why))
		return say(STATUS_USAGE, why);
	status = read_keys(ctl, &keys);
	if (status != STATUS_DONE)
		return status;
	rows = query_import_people(ctl->db, a, ctl->org, people.json,
				   ctl->dry_run);
	if (!ctl->dry_run)
		query_know_addresses(ctl->db, a,
				     people_hashes(a, &people, keys));
	return run_import(ctl, rows, people.verdicts, people.count);
}

static enum status import_events(struct ctl *ctl)
{
	struct arena *a = ctl->arena;
	struct entries entries;
	struct rows *window;
	struct str why;
	struct str text = file_read(a, ctl->words[0], CALENDAR_FILE_MAX, &why);
	enum status status;

	if (str_is_absent(text))
		return say(STATUS_USAGE, why);
	window = query_import_window(ctl->db, a);
	status = run(ctl);
	if (status != STATUS_DONE)
		return status;
	if (!entries_read(a, text, query_import_window_starts(window, 0),
			  query_import_window_ends(window, 0), &entries, &why))
		return say(STATUS_USAGE, why);
	return run_import(ctl,
			  query_import_events(ctl->db, a, ctl->org,
					      entries.json, ctl->dry_run),
			  entries.verdicts, entries.count);
}

/* --- keys ----------------------------------------------------------------- */

static enum status tell(bool good, struct str said, struct str why)
{
	if (!good)
		return say(STATUS_REFUSED, why);
	printf("%.*s\n", STR_ARG(said));
	return STATUS_DONE;
}

static enum status init_keys(struct ctl *ctl)
{
	struct str said;
	struct str why;
	bool good = keys_init(ctl->arena, ctl->config.keys_file, &said, &why);

	return tell(good, said, why);
}

static enum status rotate_keys(struct ctl *ctl)
{
	struct str said;
	struct str why;
	bool good = keys_rotate(ctl->arena, ctl->config.keys_file, &said, &why);

	return tell(good, said, why);
}

static enum status retire_key(struct ctl *ctl)
{
	struct str said;
	struct str why;
	bool good = keys_retire(ctl->arena, ctl->config.keys_file,
				ctl->words[0], &said, &why);

	return tell(good, said, why);
}

/* --- looking after it ------------------------------------------------------
 */

static enum status check(struct ctl *ctl)
{
	int bad = check_run(stdout, ctl->arena, &ctl->config, ctl->db);

	return bad ? STATUS_NOT_NOW : STATUS_DONE;
}

/* A day, which begins at midnight UTC, or a moment of it; as SQL takes it. */
static bool read_since(struct arena *a, struct str text, struct str *moment)
{
	int64_t seconds;

	if (text.n == 10)
		text = str_printf(a, "%.*sT00:00:00", STR_ARG(text));
	*moment = str_printf(a, "%.*sZ", STR_ARG(text));
	return date_read_local(text, &seconds);
}

static enum status verify_audit(struct ctl *ctl)
{
	struct str since = STR_ABSENT;
	struct rows *rows;
	enum status status;

	if (!str_is_absent(ctl->since) &&
	    !read_since(ctl->arena, ctl->since, &since))
		return say(STATUS_USAGE,
			   STR("--since takes a day, 2026-11-20, or a moment "
			       "in UTC, 2026-11-20T18:30:00"));
	rows = query_audit_verify(ctl->db, ctl->arena, ctl->org, since);
	status = run(ctl);
	if (status != STATUS_DONE)
		return status;
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		printf("%.*s: row %" PRId64 ": %.*s\n",
		       STR_ARG(query_audit_verify_org_slug(rows, i)),
		       query_audit_verify_seq(rows, i),
		       STR_ARG(query_audit_verify_problem(rows, i)));
	if (rows_count(rows) > 0)
		return STATUS_REFUSED;
	printf("The audit is sound.\n");
	return STATUS_DONE;
}

static enum status audit_head(struct ctl *ctl)
{
	struct rows *rows = query_audit_head(ctl->db, ctl->arena, ctl->org);
	enum status status = run(ctl);

	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		printf("%.*s %" PRId64 " %.*s\n",
		       STR_ARG(query_audit_head_org_slug(rows, i)),
		       query_audit_head_seq(rows, i),
		       STR_ARG(query_audit_head_hash(rows, i)));
	return status;
}

static enum status report_test(const struct ctl *ctl,
			       const struct send_result *result)
{
	if (result->outcome == SEND_ACCEPTED) {
		printf("Accepted with %d after %" PRId64 " ms.\n",
		       result->reply_code, result->took_ms);
		return STATUS_DONE;
	}
	return say(STATUS_REFUSED,
		   str_printf(ctl->arena, "not sent: %s, reply %d %s",
			      result->why, result->reply_code, result->status));
}

static enum status send_test(struct ctl *ctl)
{
	struct arena *a = ctl->arena;
	struct template_error error;
	struct render render = {
		.config = &ctl->config,
		.templates = template_set_read(
			a, str_z(a, ctl->config.templates_dir), &error),
	};
	struct send_result result;
	struct channel *channel;
	const char *why = "";
	bool made;

	if (!render.templates)
		return say(STATUS_NOT_NOW, STR("a template does not compile: "
					       "see check"));
	if (ctl->config.smtp_url.n == 0)
		return say(STATUS_NOT_NOW, STR("SMTP_URL is missing"));
	if (!secret_init())
		return say(STATUS_NOT_NOW,
			   STR("there is no source of random bytes"));
	channel = smtp_open(a, ctl->config.smtp_url);
	if (!channel)
		return say(STATUS_NOT_NOW, STR("SMTP_URL cannot be used"));
	made = test_mail_send(&render, a, channel, ctl->words[0], &result,
			      &why);
	channel->kind->close(channel);
	return made ? report_test(ctl, &result)
		    : say(STATUS_REFUSED, str_of(why));
}

/* --- the table -------------------------------------------------------------
 */

static const struct command {
	const char
		*group; /* the first word, and the second when there is one */
	const char *verb;
	const char *form; /* what follows, as shown in the usage */
	int words;
	unsigned needs; /* options */
	unsigned takes; /* options besides */
	enum status (*run)(struct ctl *ctl);
} commands[] = {
	{"org", "add", "SLUG NAME --timezone ZONE", 2, OPTION_TIMEZONE, 0,
	 org_add},
	{"admin", "add", "--org SLUG EMAIL NAME", 2, OPTION_ORG, 0, admin_add},
	{"people", "import", "--org SLUG [--dry-run] FILE.csv", 1, OPTION_ORG,
	 OPTION_DRY_RUN, people_import},
	{"import-events", NULL, "--org SLUG [--dry-run] FILE.ics", 1,
	 OPTION_ORG, OPTION_DRY_RUN, import_events},
	{"keys", "init", "", 0, 0, 0, init_keys},
	{"keys", "rotate", "", 0, 0, 0, rotate_keys},
	{"keys", "retire", "ID", 1, 0, 0, retire_key},
	{"check", NULL, "", 0, 0, 0, check},
	{"audit", "verify", "[--org SLUG] [--since DAY]", 0, 0,
	 OPTION_ORG | OPTION_SINCE, verify_audit},
	{"audit", "head", "[--org SLUG]", 0, 0, OPTION_ORG, audit_head},
	{"send-test", NULL, "ADDRESS", 1, 0, 0, send_test},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static enum status print_usage(FILE *out, const char *group)
{
	fputs("usage:\n", out);
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (!group || strcmp(group, c->group) == 0)
			fprintf(out, "  rollcallctl %s%s%s %s\n", c->group,
				c->verb ? " " : "", c->verb ? c->verb : "",
				c->form);
	}
	fputs("exit: 0 done, 1 something was refused, 2 usage or a file that "
	      "cannot be read,\n      75 not usable now\n",
	      out);
	return STATUS_USAGE;
}

static const struct command *find_command(int argc, char **argv)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (argc > 1 && strcmp(argv[1], c->group) == 0 &&
		    (!c->verb || (argc > 2 && strcmp(argv[2], c->verb) == 0)))
			return c;
	}
	return NULL;
}

/* Reads one option and its value; the words it took, 0 when it is not known. */
static int read_option(struct ctl *ctl, char **argv, unsigned *given)
{
	if (strcmp(argv[0], "--dry-run") == 0) {
		ctl->dry_run = true;
		*given |= OPTION_DRY_RUN;
		return 1;
	}
	if (argv[1] && strcmp(argv[0], "--org") == 0) {
		ctl->org = str_of(argv[1]);
		*given |= OPTION_ORG;
		return 2;
	}
	if (argv[1] && strcmp(argv[0], "--since") == 0) {
		ctl->since = str_of(argv[1]);
		*given |= OPTION_SINCE;
		return 2;
	}
	if (argv[1] && strcmp(argv[0], "--timezone") == 0) {
		ctl->timezone = str_of(argv[1]);
		*given |= OPTION_TIMEZONE;
		return 2;
	}
	return 0;
}

static bool read_words(struct ctl *ctl, const struct command *command,
		       char **argv)
{
	unsigned given = 0;
	bool options = true;

	for (argv += command->verb ? 3 : 2; *argv; argv++) {
		if (options && strcmp(*argv, "--") == 0) {
			options = false;
		} else if (options && (*argv)[0] == '-' && (*argv)[1]) {
			int took = read_option(ctl, argv, &given);

			if (took == 0)
				return false;
			argv += took - 1;
		} else if (ctl->count < WORDS_MAX) {
			ctl->words[ctl->count++] = str_of(*argv);
		} else {
			return false;
		}
	}
	return ctl->count == command->words &&
	       (given & command->needs) == command->needs &&
	       (given & ~(command->needs | command->takes)) == 0;
}

static enum status run_command(struct ctl *ctl, const struct command *command)
{
	struct str why;
	enum status status;

	if (!config_read(ctl->arena, &ctl->config, &why))
		return say(STATUS_NOT_NOW, why);
	ctl->db =
		db_open(ctl->config.database_url, "rollcall_ctl", STATEMENT_MS);
	status = command->run(ctl);
	db_close(ctl->db);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command = find_command(argc, argv);
	struct arena a;
	struct ctl ctl = {.arena = &a};
	enum status status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		(void)print_usage(stdout, NULL);
		return STATUS_DONE;
	}
	if (!command)
		return (int)print_usage(stderr, NULL);
	if (!read_words(&ctl, command, argv))
		return (int)print_usage(stderr, command->group);
	log_open(stderr, "rollcallctl");
	arena_init(&a, CTL_BYTES);
	status = run_command(&ctl, command);
	arena_release(&a);
	if (fflush(stdout) != 0)
		status = STATUS_NOT_NOW;
	return (int)status;
}
