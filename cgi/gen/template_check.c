/*
 * template-check FOLDER ...: compiles every template of each folder as the
 * programs do at start, so that a fault stops the build.  Knows no page.
 */
#include "view/mustache.h"

#define CHECK_MEMORY ((size_t)64 << 20)

static bool check_folder(struct arena *a, const char *folder)
{
	struct template_error error;

	if (template_set_read(a, folder, &error))
		return true;
	(void)fprintf(stderr, "%.*s:%d:%d: %.*s\n", STR_ARG(error.file),
		      error.line, error.column, STR_ARG(error.what));
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
