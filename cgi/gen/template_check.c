/*
 * template-check FOLDER ...: compiles every template of each folder as the
 * programs do at start, so that a fault stops the build.  Knows no page.
 */
#include "view/mustache.h"

#define CHECK_MEMORY ((size_t)64 << 20)

static bool check_folder(struct arena *a, const char *folder)
{
	struct template_error error;
	struct str why;

	if (template_set_read(a, folder, &error))
		return true;
	why = template_error_text(a, &error);
	(void)fprintf(stderr, "%.*s\n", STR_ARG(why));
	return false;
}

int main(int argc, char **argv)
{
	bool sound = argc > 1;
	struct arena a;

	if (argc < 2)
		(void)fputs("use: template-check FOLDER ...\n", stderr);
	for (int i = 1; i < argc; i++) {
		arena_init(&a, CHECK_MEMORY);
		sound = check_folder(&a, argv[i]) && sound;
		arena_release(&a);
	}
	return sound ? 0 : 1;
}
