/*
 * What the tests of the web layer have in common: a program without a
 * database, and requests made by hand.  Knows no page.
 */
#ifndef UNIT_WEB_WORLD_H
#define UNIT_WEB_WORLD_H

#include "unit/text.h"
#include "web/router.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WEB_BASE_URL "https://rollcall.example"
#define WEB_REQUEST_ID "0123456789abcdef"

#define TEST(name, function)                                                   \
	{                                                                      \
		name, function, web_set_up, web_tear_down, NULL                \
	}

/* Made anew for each test; its templates are problem and page. */
extern struct app web_app;
extern struct arena web_arena;

int web_set_up(void **state);
int web_tear_down(void **state);

/* A request with path and body, both C strings that outlive it. */
struct request web_request(enum method method, const char *path,
			   const char *body);

/* The answer of routes, whole. */
struct str web_answer(const struct route *routes, struct request *rq);

/* The status of a whole answer; its header's value, absent without one. */
int web_status(struct str answer);
struct str web_header(struct str answer, const char *name);
struct str web_body(struct str answer);

#endif
