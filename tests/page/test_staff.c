/*
 * Where staff begin, and the walls around an organisation's pages.
 */
#include "page/team.h"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct str home(struct str slug)
{
	return str_printf(&world.arena, "/staff/%.*s", STR_ARG(slug));
}

static void opens_for_a_role(void **state)
{
	static const enum reader ours[] = {DOOR, STAFF, ADMIN};
	struct team t = team_make(&world);
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		r = team_get(&world, &t, ours[i], home(t.slug));
		expect_status(&r, 200);
		assert_true(response_has(&r, "Club team-"));
	}
	r = team_get(&world, &t, DOOR, home(t.slug));
	assert_false(response_has(&r, "/people"));
	r = team_get(&world, &t, STAFF, home(t.slug));
	assert_true(response_has(&r, "/people"));
	assert_false(response_has(&r, "/settings"));
	r = team_get(&world, &t, ADMIN, home(t.slug));
	assert_true(response_has(&r, "/settings"));
}

/* Nothing tells whether there is such an organisation. */
static void is_one_404_for_others(void **state)
{
	struct team t = team_make(&world);
	struct str missing = home(STR("no-such-organisation"));
	struct response unknown = team_get(&world, &t, STAFF, missing);
	struct response other = team_get(&world, &t, STAFF, home(t.other_slug));
	struct response low = team_get(&world, &t, MEMBER, home(t.slug));

	(void)state;
	expect_status(&unknown, 404);
	assert_true(str_equal(unknown.text, other.text));
	assert_true(str_equal(unknown.text, low.text));
}

static void logs_who_tried(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_get(&world, &t, OTHER_STAFF, home(t.slug));

	(void)state;
	expect_status(&r, 404);
	assert_true(str_equal(
		world_sql(
			&world,
			"select concat_ws(' ', user_id = %lld, org_id = %lld, "
			"action, what, subject, request_id) from access_log "
			"order by id desc limit 1",
			(long long)t.user[OTHER_STAFF], (long long)t.org),
		STR("t t refused /staff/:org " WORLD_REQUEST_ID)));
	r = team_get(&world, &t, STAFF, home(t.slug));
	expect_status(&r, 200);
	r = team_get(&world, &t, NOBODY, home(t.slug));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from access_log "
				       "where org_id = %lld",
				       (long long)t.org),
			 1);
}

static void sends_the_unknown_to_sign_in(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_get(&world, &t, NOBODY, home(t.slug));
	struct str gone = t.cookie[STAFF];

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      str_printf(&world.arena,
					 "/signin?next=%%2Fstaff%%2F%.*s",
					 STR_ARG(t.slug))));
	world_sql(&world,
		  "update sessions set ended_at = app_now() "
		  "where user_id = %lld",
		  (long long)t.user[STAFF]);
	r = world_sendf(&world, "GET /staff/%.*s HTTP/1.1\r\n%.*s\r\n",
			STR_ARG(t.slug), STR_ARG(gone));
	expect_status(&r, 303);
	assert_true(str_starts(response_header(&r, "Location"),
			       STR("/signin?next=")));
}

static void finds_the_way_in(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_get(&world, &t, DOOR, STR("/staff"));

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"), home(t.slug)));
	world_sql(&world,
		  "insert into memberships (user_id, org_id, role) "
		  "values (%lld, %lld, 'staff')",
		  (long long)t.user[DOOR], (long long)t.other);
	r = team_get(&world, &t, DOOR, STR("/staff"));
	expect_status(&r, 200);
	assert_true(response_has(&r, str_z(&world.arena, home(t.slug))));
	assert_true(response_has(&r, str_z(&world.arena, home(t.other_slug))));
	r = team_get(&world, &t, MEMBER, STR("/staff"));
	expect_status(&r, 404);
}

static struct response home_after(struct team *t, enum reader who,
				  const char *interval)
{
	world_sql(&world,
		  "update sweep_runs set good_at = app_now() - interval '%s'",
		  interval);
	return team_get(&world, t, who, home(t->slug));
}

static void says_that_runs_stay_away(void **state)
{
	struct team t = team_make(&world);
	struct response r = home_after(&t, DOOR, "4 minutes 50 seconds");

	(void)state;
	expect_status(&r, 200);
	assert_false(response_has(&r, "Messages are late"));
	for (enum reader who = DOOR; who <= STAFF; who++) {
		r = home_after(&t, who, "6 minutes");
		expect_status(&r, 200);
		assert_true(response_has(&r, "Messages are late"));
	}
	r = team_get(&world, &t, ADMIN,
		     str_printf(&world.arena, "/staff/%.*s/settings",
				STR_ARG(t.slug)));
	assert_true(response_has(&r, "Messages are late"));
	r = home_after(&t, ADMIN, "0");
	assert_false(response_has(&r, "Messages are late"));
}

static void changes_nothing_by_get(void **state)
{
	struct team t = team_make(&world);
	struct str before = world_digest(&world);
	struct response r = team_get(&world, &t, ADMIN, home(t.slug));

	(void)state;
	expect_status(&r, 200);
	assert_true(str_equal(before, world_digest(&world)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O1 the start shows what the role may do", opens_for_a_role,
		 NULL, NULL, NULL},
		{"R-O2 another's, an unknown and a forbidden organisation are "
		 "one 404",
		 is_one_404_for_others, NULL, NULL, NULL},
		{"R-O2 who tried is logged, without what they typed",
		 logs_who_tried, NULL, NULL, NULL},
		{"R-O3 without a session: to sign in, with the way back",
		 sends_the_unknown_to_sign_in, NULL, NULL, NULL},
		{"R-O1 /staff leads to one organisation, or offers several",
		 finds_the_way_in, NULL, NULL, NULL},
		{"R-F6 a banner says that the last good run was over 5 minutes "
		 "ago",
		 says_that_runs_stay_away, NULL, NULL, NULL},
		{"R-A8 GET changes nothing", changes_nothing_by_get, NULL, NULL,
		 NULL},
	};

	return cmocka_run_group_tests_name("staff", tests, open_world,
					   close_world);
}
