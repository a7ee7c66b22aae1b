/*
 * Where members are brought, and what their own pages tell them.
 */
#include "page/fixture.h"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct str newest_link(void)
{
	int64_t request =
		world_sql_int(&world, "select max(id) from sign_in_requests");
	int64_t expires =
		world_sql_int(&world,
			      "select extract(epoch from expires_at)::bigint "
			      "from sign_in_requests where id = %lld",
			      (long long)request);

	return str_printf(&world.arena, "/signin/%.*s",
			  STR_ARG(world_token(&world, TOKEN_SIGN_IN, request, 1,
					      expires)));
}

/* Name and value of the cookie that a response sets, as a Cookie header. */
static struct str cookie_of(const struct response *r)
{
	struct str rest;
	struct str set = response_header(r, "Set-Cookie");

	return str_printf(&world.arena, "Cookie: %.*s\r\n",
			  STR_ARG(str_cut(set, ';', &rest)));
}

/* Where someone lands who asked for a link on the way to next (encoded). */
static struct str land(const char *next, const char *agent)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct response r =
		world_post(&world, STR("/signin"),
			   str_printf(&world.arena, "email=%.*s&next=%s",
				      STR_ARG(f.email), next));

	expect_status(&r, 200);
	r = world_sendf(&world,
			"POST %.*s HTTP/1.1\r\n" SAME_SITE "%.*s"
			"User-Agent: %s\r\n"
			"Content-Type: application/x-www-form-urlencoded\r\n"
			"\r\ngo=1",
			STR_ARG(newest_link()), STR_ARG(cookie_of(&r)), agent);
	expect_status(&r, 303);
	return response_header(&r, "Location");
}

static void brings_people_back(void **state)
{
	struct response r = world_get(&world, STR("/events/7?note=registered"));

	(void)state;
	expect_status(&r, 303);
	r = world_get(&world, response_header(&r, "Location"));
	expect_status(&r, 200);
	assert_true(response_has(
		&r, "name=\"next\" value=\"/events/7?note=registered\""));
	assert_true(str_equal(land("%2Fevents%2F7%3Fnote%3Dregistered", "x"),
			      STR("/events/7?note=registered")));
}

static void never_leads_elsewhere(void **state)
{
	static const char *const bad[] = {
		"",
		"https%3A%2F%2Fevil.example%2F",
		"%2F%2Fevil.example",
		"%2F%5Cevil.example",
		"events",
		"%2Fa%20b",
		"javascript%3Aalert(1)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!str_equal(land(bad[i], "x"), STR("/events")))
			fail_msg("next=%s led elsewhere", bad[i]);
}

static void names_the_device(void **state)
{
	static const struct {
		const char *agent;
		const char *name;
	} known[] = {
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 "
		 "Firefox/140.0",
		 "Firefox on Linux"},
		{"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, "
		 "like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
		 "Chrome on Android"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) "
		 "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
		 "Mobile/15E148 Safari/604.1",
		 "Safari on iPhone"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
		 "(KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
		 "Edge on Windows"},
		{"curl", "A browser"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		(void)land("", known[i].agent);
		assert_true(str_equal(
			world_sql(&world, "select device from sessions order "
					  "by id desc limit 1"),
			str_of(known[i].name)));
	}
}

static void shows_the_own_address_only(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct fixture other = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, STR("/me"));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, str_z(&world.arena, f.email)));
	assert_false(response_has(&r, str_z(&world.arena, other.email)));
	assert_true(str_equal(world_sql_state(&world, "rollcall_member",
					      "select email from users"),
			      STR("42501")));
}

/* Cursors that anyone may type are a first page, never an error. */
static void takes_any_cursor(void **state)
{
	static const char *const cursors[] = {
		"before=x&event=1",
		"before=1&event=",
		"before=9223372036854775807&event=1",
		"before=-9223372036854775808&event=1",
		"before=253402300800000000&event=9223372036854775807",
		"before=-253402300800000000&event=-1",
		"before=%00",
	};
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);

	(void)state;
	for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
		struct response r = fixture_get(
			&world, me,
			str_printf(&world.arena, "/history?%s", cursors[i]));

		expect_status(&r, 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O3 signing in brings people back to where they were going",
		 brings_people_back, NULL, NULL, NULL},
		{"R-O3 the way back never leads elsewhere",
		 never_leads_elsewhere, NULL, NULL, NULL},
		{"R-O3 sessions are listed by words for the device",
		 names_the_device, NULL, NULL, NULL},
		{"R-O1 the member role reads one address, the person's own",
		 shows_the_own_address_only, NULL, NULL, NULL},
		{"R-A11 any cursor gives a page", takes_any_cursor, NULL, NULL,
		 NULL},
	};

	return cmocka_run_group_tests_name("me", tests, open_world,
					   close_world);
}
