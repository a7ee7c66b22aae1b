/*
 * Cookie headers of any bytes: a session is read wholly or not at all, and
 * only from the one spelling of its id.
 */
#include "web/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct app *app_get(void)
{
	static struct app app = {.name = "fuzz"};

	if (app.keys.count == 0 && secret_init()) {
		app.keys.count = 1;
		app.keys.keys[0].id = 1;
		memset(app.keys.keys[0].bytes, 1, SECRET_KEY_BYTES);
	}
	return &app;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request rq = {
		.app = app_get(),
		.cookie = str_at((const char *)data, (ptrdiff_t)size),
	};
	struct arena a;

	arena_init(&a, (size_t)1 << 20);
	rq.arena = &a;
	session_read(&rq);
	if (str_is_absent(rq.session) != str_is_absent(rq.csrf))
		abort();
	if (!str_is_absent(rq.session) &&
	    (rq.session.n != SECRET_HASH_BYTES ||
	     !session_csrf_ok(&rq, rq.csrf) ||
	     str_find_str(rq.cookie, STR(SESSION_COOKIE "=")) < 0))
		abort();
	arena_release(&a);
	return 0;
}
