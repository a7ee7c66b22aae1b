/*
 * A web program in memory.  Must not know what is tested.
 */
#include "unit/web_world.h"

#include "base/log.h"

struct app web_app;
struct arena web_arena;

static FILE *nowhere;

/* No server is there, and nothing asks for one before it is run. */
#define NO_DATABASE "postgresql:///none?host=/nonexistent"

static void template_add(const char *name, const char *source)
{
	struct template_error error;

	if (!template_set_add(web_app.templates, str_of(name), str_of(source),
			      TEMPLATE_HTML, true, &error))
		fail_msg("%s: %.*s", name, STR_ARG(error.what));
}

int web_set_up(void **state)
{
	(void)state;
	arena_init(&web_arena, (size_t)64 << 20);
	web_app = (struct app){.name = "member"};
	web_app.config.base_url = STR(WEB_BASE_URL);
	web_app.keys.count = 2;
	for (int i = 0; i < 2; i++) {
		web_app.keys.keys[i].id = (uint16_t)(i + 1);
		memset(web_app.keys.keys[i].bytes, 0x40 + i, SECRET_KEY_BYTES);
	}
	web_app.templates = template_set_new(&web_arena);
	template_add("problem", "{{status}}|{{title}}|{{sentence}}|{{path}}|"
				"{{viewer.name}}|{{request_id}}");
	template_add("page", "[{{x}}|{{csrf}}|{{request_id}}|{{base_url}}|"
			     "{{path}}|{{note}}|{{#viewer}}v{{/viewer}}]");
	web_app.db = db_open(STR(NO_DATABASE), "rollcall_member", 100);
	/* bugs that are provoked would be said into the TAP */
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	log_open(nowhere, "test");
	return secret_init() ? 0 : -1;
}

int web_tear_down(void **state)
{
	(void)state;
	db_close(web_app.db);
	arena_release(&web_arena);
	return 0;
}

struct request web_request(enum method method, const char *path,
			   const char *body)
{
	struct request rq = {
		.app = &web_app,
		.arena = &web_arena,
		.method = method,
		.body = str_of(body),
		.id = STR(WEB_REQUEST_ID),
	};

	rq.path = str_cut(str_of(path), '?', &rq.query);
	return rq;
}

struct str web_answer(const struct route *routes, struct request *rq)
{
	struct reply rs = reply_init(rq);

	router_run(routes, rq, &rs);
	db_reset(web_app.db);
	return reply_text(rq, &rs);
}

int web_status(struct str answer)
{
	int64_t status = 0;

	assert_true(str_starts(answer, STR("Status: ")));
	assert_true(str_read_int(str_first(str_from(answer, 8), 3), &status));
	return (int)status;
}

static struct str head_of(struct str answer)
{
	ptrdiff_t end = str_find_str(answer, STR("\r\n\r\n"));

	assert_true(end > 0);
	return str_first(answer, end + 2);
}

struct str web_header(struct str answer, const char *name)
{
	struct str rest = head_of(answer);

	while (rest.n > 0) {
		struct str value = str_cut(rest, '\n', &rest);
		struct str key = str_cut(value, ':', &value);

		if (str_equal_nocase(key, str_of(name)))
			return str_trim(value);
	}
	return STR_ABSENT;
}

struct str web_body(struct str answer)
{
	return str_from(answer, head_of(answer).n + 2);
}
