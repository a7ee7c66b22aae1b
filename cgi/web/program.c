/*
 * Starts a web program and ends it.  Must not know its routes.
 */
#include "web/program.h"

#include "base/log.h"
#include "data/words.h"
#include "web/fcgi.h"

#include <sysexits.h>

/* Settings, keys and templates: kept until the program ends. */
#define ARENA_MAX ((size_t)64 * 1024 * 1024)
/* Less than nginx waits for an answer. */
#define DATABASE_TIMEOUT_MS 5000

static bool templates_read(struct arena *a, struct app *app, struct str *why)
{
	struct template_error error;
	struct str directory = app->config.templates_dir;

	app->templates = template_set_read(a, str_z(a, directory), &error);
	if (!app->templates) {
		*why = template_error_text(a, &error);
		return false;
	}
	/* What every program must be able to say. */
	if (!template_find(app->templates, STR("problem"))) {
		*why = str_printf(a,
				  "TEMPLATES_DIR: %.*s has no "
				  "problem.mustache",
				  STR_ARG(directory));
		return false;
	}
	return true;
}

static bool app_open(struct arena *a, struct app *app, struct str *why)
{
	if (!config_read(a, &app->config, why))
		return false;
	if (!secret_init()) {
		*why = STR("the system gives no random numbers");
		return false;
	}
	return secret_keys_read(a, app->config.keys_file, &app->keys, why) &&
	       templates_read(a, app, why);
}

int program_main(const char *name, const struct route *routes)
{
	struct app app = {.name = name};
	struct arena arena;
	struct str why;
	struct str role;
	int status;

	arena_init(&arena, ARENA_MAX);
	log_open(stderr, name);
	if (!app_open(&arena, &app, &why)) {
		fprintf(stderr, "%s: %.*s\n", name, STR_ARG(why));
		arena_release(&arena);
		return EX_CONFIG;
	}
	role = str_printf(&arena, "rollcall_%s", name);
	app.db = db_open(app.config.database_url, str_z(&arena, role),
			 DATABASE_TIMEOUT_MS);
	app.words = words_open();
	status = fcgi_serve(&app, routes);
	words_close(app.words);
	db_close(app.db);
	arena_release(&arena);
	return status;
}
