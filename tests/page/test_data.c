/*
 * A person's own data: the file, how often it is given, and being erased.
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

static struct str form_of(struct str cookie, const char *path, const char *rest)
{
	struct response r = fixture_get(&world, cookie, str_of(path));

	expect_status(&r, 200);
	return str_printf(&world.arena, "csrf=%.*s%s",
			  STR_ARG(fixture_csrf(&world, &r)), rest);
}

static struct response erase(struct str cookie, const char *word)
{
	return fixture_post(&world, cookie, STR("/me/erase"),
			    form_of(cookie, "/me/erase", word));
}

static void gives_a_file(void **state)
{
	struct fixture f = fixture_asked(&world, "1 hour");
	struct fixture other = fixture_asked(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	(void)world_sql(&world,
			"insert into attendance (user_id, event_id, org_id, "
			"status, responded_at, feedback_rating, feedback_text, "
			"feedback_submitted_at) values (%lld, %lld, %lld, "
			"'attended', app_now(), 4, 'Rain, \"wind\" & song', "
			"app_now())",
			(long long)f.user, (long long)f.event,
			(long long)f.org);
	r = fixture_post(&world, me, STR("/me/data"),
			 form_of(me, "/me/data", ""));
	expect_status(&r, 200);
	assert_true(str_equal(response_header(&r, "Content-Type"),
			      STR("application/json")));
	assert_true(
		str_equal(response_header(&r, "Content-Disposition"),
			  STR("attachment; filename=\"rollcall-data.json\"")));
	assert_true(str_equal(response_header(&r, "Cache-Control"),
			      STR("no-store")));
	assert_true(response_has(&r, str_z(&world.arena, f.email)));
	assert_true(
		response_has(&r, "\"words\": \"Rain, \\\"wind\\\" & song\""));
	assert_false(response_has(&r, str_z(&world.arena, other.email)));
}

/* Years of work in a team: more than a request has memory for. */
static void gives_a_large_file(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	(void)world_sql(&world,
			"insert into access_log (user_id, org_id, action, "
			"what, subject, request_id) select %lld, %lld, "
			"'opened', '/staff/:org/people/:id', n, 'r' || n from "
			"generate_series(1, 60000) n",
			(long long)f.user, (long long)f.org);
	r = fixture_post(&world, me, STR("/me/data"),
			 form_of(me, "/me/data", ""));
	expect_status(&r, 200);
	assert_true(r.body.n > (ptrdiff_t)REQUEST_ARENA_MAX);
	assert_true(str_equal(response_header(&r, "Content-Length"),
			      str_printf(&world.arena, "%td", r.body.n)));
	assert_true(str_ends(r.body, STR("}")));
	assert_true(response_has(&r, "\"r60000\""));
}

static void gives_it_five_times_an_hour(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct str form = form_of(me, "/me/data", "");
	int64_t seconds = 0;
	struct response r;
	int given = 0;

	(void)state;
	world_clock(&world, "0 seconds");
	for (int i = 0; i < 100; i++) {
		r = fixture_post(&world, me, STR("/me/data"), form);
		given += r.status == 200;
		if (r.status != 200)
			expect_status(&r, 429);
	}
	assert_int_equal(given, 5);
	assert_true(str_read_int(response_header(&r, "Retry-After"), &seconds));
	assert_int_equal(seconds, 3600);
	assert_true(str_is_absent(response_header(&r, "Content-Disposition")));
	world_clock(&world, "61 minutes");
	r = fixture_post(&world, me, STR("/me/data"), form);
	expect_status(&r, 200);
	world_clock(&world, NULL);
}

static void erases_by_the_word_only(void **state)
{
	static const char *const words[] = {"", "&word=", "&word=delete",
					    "&word=erase+me"};
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct str before = world_digest(&world);
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		r = erase(me, words[i]);
		expect_status(&r, 422);
		assert_true(response_has(&r, "id=\"word-error\""));
	}
	assert_true(str_equal(world_digest(&world), before));
	r = erase(me, "&word=+Erase+");
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      STR("/?note=erased")));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from users "
				       "where id = %lld",
				       (long long)f.user),
			 0);
	r = fixture_get(&world, me, STR("/me"));
	expect_status(&r, 303);
	r = world_get(&world, STR("/?note=erased"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "You are erased here"));
}

static void keeps_the_last_admin(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;
	struct str form = form_of(me, "/me/erase", "&word=erase");

	(void)state;
	(void)world_sql(&world,
			"update memberships set role = 'admin' "
			"where user_id = %lld",
			(long long)f.user);
	r = fixture_get(&world, me, STR("/me/erase"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "You cannot be erased yet"));
	assert_false(response_has(&r, "name=\"word\""));
	r = fixture_post(&world, me, STR("/me/erase"), form);
	expect_status(&r, 409);
	assert_true(response_has(&r, "You cannot be erased yet"));
	assert_true(response_has(&r, "/people"));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from users "
				       "where id = %lld",
				       (long long)f.user),
			 1);
}

/* Staff who add the address again bring back what it stopped. */
static void remembers_stops(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct fixture admin = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct str they = fixture_sign_in(&world, &admin);
	struct str slug = world_sql(&world,
				    "select slug from organizations "
				    "where id = %lld",
				    (long long)admin.org);
	struct world staff;
	struct str path;
	struct response r;

	(void)state;
	(void)world_sql(&world,
			"insert into event_notification_preferences (user_id, "
			"org_id, frequency) values (%lld, %lld, 'none') "
			"on conflict (user_id, org_id) do update "
			"set frequency = 'none'",
			(long long)f.user, (long long)f.org);
	r = erase(me, "&word=erase");
	expect_status(&r, 303);
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from erased_stops "
				       "where category = 'prompt'"),
			 1);

	(void)world_sql(&world,
			"update memberships set role = 'admin' "
			"where user_id = %lld",
			(long long)admin.user);
	world_beside(&world, &staff, "staff");
	/* Signed with an older key than the newest. */
	staff.app.keys.keys[1] = staff.app.keys.keys[0];
	staff.app.keys.keys[0].id++;
	staff.app.keys.keys[0].bytes[0] ^= 1;
	staff.app.keys.count = 2;
	path = str_printf(&world.arena, "/staff/%.*s/people/add",
			  STR_ARG(slug));
	r = fixture_get(&staff, they, path);
	expect_status(&r, 200);
	r = fixture_post(
		&staff, they, path,
		str_printf(&world.arena,
			   "csrf=%.*s&email=%.*s&name=Again&role=member",
			   STR_ARG(fixture_csrf(&staff, &r)),
			   STR_ARG(f.email)));
	expect_status(&r, 303);
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from "
			      "event_notification_preferences p join users u "
			      "on u.id = p.user_id where u.email = '%.*s' and "
			      "p.org_id = %lld and p.frequency = 'none'",
			      STR_ARG(f.email), (long long)f.org),
		1);
	world_close(&staff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-G1 all of a person's data is one file, of theirs only",
		 gives_a_file, NULL, NULL, NULL},
		{"R-G1 the file is whole, however large it is",
		 gives_a_large_file, NULL, NULL, NULL},
		{"R-G1 asked for 100 times it is given five times an hour",
		 gives_it_five_times_an_hour, NULL, NULL, NULL},
		{"R-G1 erasing takes the word typed, and ends the session",
		 erases_by_the_word_only, NULL, NULL, NULL},
		{"R-G1 the last admin is told what to do instead",
		 keeps_the_last_admin, NULL, NULL, NULL},
		{"R-G1 who is added again has stopped what they stopped",
		 remembers_stops, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("data", tests, open_world,
					   close_world);
}
