/*
 * A person's devices: what an app adds, and the page that lists and removes
 * them.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response get(enum reader reader, const char *path)
{
	return team_get(&world, &team, reader, str_of(path));
}

static struct response add(enum reader reader, const char *body)
{
	return team_post(&world, &team, reader, STR("/api/devices"),
			 str_of(body));
}

static int64_t devices(enum reader reader)
{
	return world_sql_int(&world,
			     "select count(*) from device_tokens where "
			     "user_id = %lld",
			     (long long)team.user[reader]);
}

static void tells_what_is_there(void **state)
{
	struct response r = get(MEMBER, "/api/devices");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "\"devices\":[]"));
	assert_true(response_has(&r, team.csrf[MEMBER].p));
	r = add(MEMBER, "token=token-of-a-phone-1&name=Bob%27s+%22phone%22");
	expect_status(&r, 201);
	assert_true(response_has(&r, "{\"id\":"));
	r = get(MEMBER, "/api/devices");
	assert_true(response_has(&r, "\"name\":\"Bob's \\\"phone\\\"\"}]"));
	assert_false(response_has(&r, "token-of-a-phone"));
}

static void shows_and_removes(void **state)
{
	struct response r;
	int64_t id;
	struct str path;

	(void)state;
	r = add(STAFF, "token=token-of-a-phone-2&name=%3Cb%3EPhone");
	expect_status(&r, 201);
	r = get(STAFF, "/me/devices");
	expect_status(&r, 200);
	assert_true(response_has(&r, "&lt;b&gt;Phone"));
	assert_true(response_has(&r, "20 November 2026, "));
	assert_false(response_has(&r, "token-of-a-phone"));
	r = get(OTHER_STAFF, "/me/devices");
	assert_false(response_has(&r, "Phone"));
	assert_true(response_has(&r, "There is none."));
	id = world_sql_int(&world,
			   "select id from device_tokens where user_id = %lld",
			   (long long)team.user[STAFF]);
	path = str_printf(&world.arena, "/me/devices/%lld/remove",
			  (long long)id);
	r = team_post(&world, &team, OTHER_STAFF, path, STR(""));
	expect_status(&r, 404);
	assert_int_equal(devices(STAFF), 1);
	r = team_post(&world, &team, STAFF, path, STR(""));
	expect_status(&r, 303);
	assert_int_equal(devices(STAFF), 0);
	r = get(STAFF, "/me/devices?note=device_removed");
	assert_true(response_has(&r, "Nothing goes to that device any more."));
}

static void changes_hands(void **state)
{
	struct response r;

	(void)state;
	r = add(ADMIN, "token=token-of-a-phone-3&name=Phone");
	expect_status(&r, 201);
	r = add(DOOR, "token=token-of-a-phone-3&name=Phone");
	expect_status(&r, 201);
	assert_int_equal(devices(ADMIN), 0);
	assert_int_equal(devices(DOOR), 1);
}

static void refuses_what_is_no_token(void **state)
{
	static const struct {
		const char *body;
		const char *error;
	} bad[] = {
		{"name=Phone", "bad_device"},
		{"token=&name=Phone", "bad_device"},
		{"token=short&name=Phone", "bad_device"},
		{"token=with+a+blank+in+it+1&name=Phone", "bad_device"},
		{"token=with-a-line%0Ain-it-123&name=Phone", "bad_device"},
		{"token=with-a-bell%07in-it-123&name=Phone", "bad_device"},
		{"token=with-%C3%BCmlaut-123456&name=Phone", "bad_device"},
		{"token=token-of-a-phone-4", "bad_name"},
		{"token=token-of-a-phone-4&name=A%0AB", "bad_name"},
	};
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = add(RESPONDER, bad[i].body);
		if (r.status != 422 || !response_has(&r, bad[i].error))
			fail_msg("%d %s", r.status, bad[i].body);
	}
	assert_int_equal(devices(RESPONDER), 0);
}

static void refuses_the_long_and_the_many(void **state)
{
	char token[4097];
	char body[100];
	struct response r;

	(void)state;
	memset(token, 'x', sizeof(token));
	for (int n = 4096; n <= 4097; n++) {
		r = add(RESPONDER,
			str_z(&world.arena,
			      str_printf(&world.arena, "token=%.*s&name=Phone",
					 n, token)));
		expect_status(&r, n == 4096 ? 201 : 422);
	}
	for (int n = 2; n <= 11; n++) {
		snprintf(body, sizeof(body), "token=token-of-a-phone-%d&name=P",
			 100 + n);
		r = add(RESPONDER, body);
		expect_status(&r, n <= 10 ? 201 : 422);
	}
	assert_true(response_has(&r, "many_devices"));
	assert_true(response_has(&r, "You have ten devices already."));
	assert_int_equal(devices(RESPONDER), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F3 an app adds its device, and sees no token",
		 tells_what_is_there, NULL, NULL, NULL},
		{"R-F3 a person sees and removes their own", shows_and_removes,
		 NULL, NULL, NULL},
		{"R-F3 a device that changes hands is somebody else's",
		 changes_hands, NULL, NULL, NULL},
		{"R-F3 what is no token, or no name, is refused",
		 refuses_what_is_no_token, NULL, NULL, NULL},
		{"R-F3 4,096 letters, ten a person",
		 refuses_the_long_and_the_many, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("device", tests, open_world,
					   close_world);
}
