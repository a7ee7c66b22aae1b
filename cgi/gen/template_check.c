/*
 * template-check FOLDERS ...: compiles every template of each list of folders
 * (TEMPLATES_DIR's, separated by colons) as the programs do at start, so that a
 * fault stops the build.
 * template-check --names FOLDERS TEMPLATE ...: prints which names each asks
 * for, as "TEMPLATE NAME" lines, for the test that holds them against what
 * there is.  Knows no page.
 */
#include "view/mustache.h"

#define CHECK_MEMORY ((size_t)64 << 20)

static struct template_set *read_folders(struct arena *a, const char *folders)
{
	struct template_error error;
	struct template_set *set = template_set_read(a, folders, &error);
	struct str why;

	if (set)
		return set;
	why = template_error_text(a, &error);
	(void)fprintf(stderr, "%.*s\n", STR_ARG(why));
	return NULL;
}

static void print_name(void *template, struct str name)
{
	printf("%s %.*s\n", (const char *)template, STR_ARG(name));
}

static bool print_names(struct arena *a, char **argv)
{
	const struct template_set *set = read_folders(a, *argv);

	while (set && *++argv) {
		const struct template *t = template_find(set, str_of(*argv));

		if (!t)
			return false;
		template_names(t, print_name, *argv);
	}
	return set;
}

int main(int argc, char **argv)
{
	bool sound = argc > 1;
	struct arena a;

	if (argc < 2)
		(void)fputs("use: template-check FOLDERS ...\n", stderr);
	for (int i = 1; i < argc; i++) {
		bool names = i == 1 && argc > 3 && !strcmp(argv[1], "--names");

		arena_init(&a, CHECK_MEMORY);
		if (names)
			sound = print_names(&a, argv + 2);
		else
			sound = read_folders(&a, argv[i]) && sound;
		arena_release(&a);
		if (names)
			break;
	}
	return sound ? 0 : 1;
}
