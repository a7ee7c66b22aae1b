/*
 * The operator's tool: a table of commands, and how their words are read.
 * What they do stands in jobs/ctl_*.c.
 */
#include "base/log.h"
#include "jobs/ctl.h"

#include <stddef.h>

#define CTL_BYTES ((size_t)2 << 30)
#define STATEMENT_MS (10 * 60 * 1000)

enum option {
	OPTION_ORG = 1,
	OPTION_TIMEZONE = 2,
	OPTION_DRY_RUN = 4,
	OPTION_SINCE = 8
};

/* All but --dry-run take a value. */
static const struct option_form {
	enum option option;
	const char *name;
	size_t at; /* in struct ctl: a str, or a bool */
	const char *what;
} options[] = {
	{OPTION_ORG, "--org", offsetof(struct ctl, org),
	 "SLUG     only this organisation, or the one that it is for"},
	{OPTION_TIMEZONE, "--timezone", offsetof(struct ctl, timezone),
	 "ZONE     such as Europe/Berlin"},
	{OPTION_SINCE, "--since", offsetof(struct ctl, since),
	 "DAY      only rows from then on: 2026-11-20, or a moment in UTC,\n"
	 "                      2026-11-20T18:30:00"},
	{OPTION_DRY_RUN, "--dry-run", offsetof(struct ctl, dry_run),
	 "         tells what it would do, and changes nothing"},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct command {
	/* The first word, and the second when there is one. */
	const char *group;
	const char *verb;
	const char *form; /* what follows, as shown in the usage */
	int words;
	unsigned needs; /* options */
	unsigned takes; /* options besides */
	enum ctl_status (*run)(struct ctl *ctl);
	const char *what;
} commands[] = {
	{"org", "add", "SLUG NAME --timezone ZONE", 2, OPTION_TIMEZONE, 0,
	 ctl_org_add, "makes an organisation; SLUG stands in its addresses"},
	{"admin", "add", "--org SLUG EMAIL NAME", 2, OPTION_ORG, 0,
	 ctl_org_admin, "makes a person, or one who is there, an admin"},
	{"people", "import", "--org SLUG [--dry-run] FILE.csv", 1, OPTION_ORG,
	 OPTION_DRY_RUN, ctl_import_people,
	 "brings in members, row by row: email, name, timezone, role"},
	{"import-events", NULL, "--org SLUG [--dry-run] FILE.ics", 1,
	 OPTION_ORG, OPTION_DRY_RUN, ctl_import_events,
	 "brings in a calendar; one that came before is brought up to date"},
	{"keys", "init", "", 0, 0, 0, ctl_keys_init,
	 "makes the file of keys that sign links and sessions"},
	{"keys", "rotate", "", 0, 0, 0, ctl_keys_rotate,
	 "puts a new key first: it signs, and the others still verify"},
	{"keys", "retire", "ID", 1, 0, 0, ctl_keys_retire,
	 "takes out an old key: what it signed is not found any more"},
	{"check", NULL, "", 0, 0, 0, ctl_check_all,
	 "tells whether settings, keys, templates and database are well"},
	{"audit", "verify", "[--org SLUG] [--since DAY]", 0, 0,
	 OPTION_ORG | OPTION_SINCE, ctl_audit_verify,
	 "goes over the chains, and names each row that is not sound"},
	{"audit", "head", "[--org SLUG]", 0, 0, OPTION_ORG, ctl_audit_head,
	 "prints each chain's last row and hash, to be kept elsewhere"},
	{"bounce", NULL, "<MAIL", 0, 0, 0, ctl_bounce,
	 "reads a report of non-delivery that a mail server hands over"},
	{"send-test", NULL, "ADDRESS", 1, 0, 0, ctl_check_mail,
	 "sends one mail, and tells what the mail server said"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool is_in(const struct command *c, const char *group, const char *verb)
{
	return (!group || strcmp(group, c->group) == 0) &&
	       (!verb || !c->verb || strcmp(verb, c->verb) == 0);
}

static unsigned print_commands(FILE *out, const char *group, const char *verb)
{
	unsigned shown = 0;

	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (!is_in(c, group, verb))
			continue;
		fprintf(out, "  rollcallctl %s%s%s%s%s\n      %s\n", c->group,
			c->verb ? " " : "", c->verb ? c->verb : "",
			*c->form ? " " : "", c->form, c->what);
		shown |= c->needs | c->takes;
	}
	return shown;
}

/* Of all commands, of a group, or of one. */
static void print_usage(FILE *out, const char *group, const char *verb)
{
	unsigned shown;

	fputs("usage:\n", out);
	shown = print_commands(out, group, verb);
	fputs("options:\n", out);
	for (size_t i = 0; i < OPTIONS; i++)
		if (shown & options[i].option)
			fprintf(out, "  %-10s %s\n", options[i].name,
				options[i].what);
	fputs("  --help              tells this; what follows -- is no option\n"
	      "settings:\n"
	      "  from the environment, or from the file that ROLLCALL_CONFIG "
	      "names\n"
	      "exit:\n"
	      "  0 done, 1 something was refused, 2 usage or a file that "
	      "cannot be read,\n  65 what bounce was given is no mail, "
	      "75 not usable now\n",
	      out);
}

static const struct command *find_command(const char *group, const char *verb)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (group && is_in(c, group, verb) && (!c->verb || verb))
			return c;
	}
	return NULL;
}

static bool is_known(const char *group, const char *verb)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (is_in(&commands[i], group, verb))
			return true;
	return false;
}

/* The usage as the words ask for it; those that name nothing narrow nothing. */
static enum ctl_status tell_usage(FILE *out, char **words)
{
	const char *group = is_known(words[0], NULL) ? words[0] : NULL;
	const char *verb = group && is_known(group, words[1]) ? words[1] : NULL;

	print_usage(out, group, verb);
	return out == stdout ? CTL_DONE : CTL_USAGE;
}

/* Reads one option and its value; the words it took, 0 when it is not known. */
static int read_option(struct ctl *ctl, char **argv, unsigned *given)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_form *o = &options[i];
		char *at = (char *)ctl + o->at;

		if (strcmp(argv[0], o->name) != 0)
			continue;
		*given |= o->option;
		if (o->option == OPTION_DRY_RUN) {
			*(bool *)(void *)at = true;
			return 1;
		}
		if (!argv[1])
			return 0;
		*(struct str *)(void *)at = str_of(argv[1]);
		return 2;
	}
	return 0;
}

static bool asks_for_help(char **words)
{
	for (; *words && strcmp(*words, "--") != 0; words++)
		if (strcmp(*words, "--help") == 0)
			return true;
	return false;
}

static bool read_words(struct ctl *ctl, const struct command *command,
		       char **argv)
{
	unsigned given = 0;
	bool more = true;

	for (argv += command->verb ? 3 : 2; *argv; argv++) {
		if (more && strcmp(*argv, "--") == 0) {
			more = false;
		} else if (more && (*argv)[0] == '-' && (*argv)[1]) {
			int took = read_option(ctl, argv, &given);

			if (took == 0)
				return false;
			argv += took - 1;
		} else if (ctl->count < CTL_WORDS_MAX) {
			ctl->words[ctl->count++] = str_of(*argv);
		} else {
			return false;
		}
	}
	return ctl->count == command->words &&
	       (given & command->needs) == command->needs &&
	       (given & ~(command->needs | command->takes)) == 0;
}

static enum ctl_status run_command(struct ctl *ctl,
				   const struct command *command)
{
	struct str why;
	enum ctl_status status;

	if (!config_read(ctl->arena, &ctl->config, &why))
		return ctl_say(CTL_NOT_NOW, why);
	ctl->db =
		db_open(ctl->config.database_url, "rollcall_ctl", STATEMENT_MS);
	status = command->run(ctl);
	db_close(ctl->db);
	return status;
}

int main(int argc, char **argv)
{
	char **words = argc > 0 ? argv + 1 : argv;
	const struct command *command =
		find_command(words[0], words[0] ? words[1] : NULL);
	struct arena a;
	struct ctl ctl = {.arena = &a};
	enum ctl_status status;

	if (asks_for_help(words))
		return (int)tell_usage(stdout, words);
	if (!command || !read_words(&ctl, command, argv))
		return (int)tell_usage(stderr, words);
	log_open(stderr, "rollcallctl");
	arena_init(&a, CTL_BYTES);
	status = run_command(&ctl, command);
	arena_release(&a);
	if (fflush(stdout) != 0)
		status = CTL_NOT_NOW;
	return (int)status;
}
