/*
 * People whom a team brings in, through the router to the database: by a file,
 * looked at first, or picked.
 */
#include "page/team.h"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct str path_of(const struct team *t, const char *rest)
{
	return str_printf(&world.arena, "/staff/%.*s/%s", STR_ARG(t->slug),
			  rest);
}

static struct response hand_in(const struct team *t, struct str path,
			       const char *file)
{
	return team_post_file(&world, t, ADMIN, path, "list", str_of(file));
}

static int64_t people_of(const struct team *t)
{
	return world_sql_int(&world,
			     "select count(*) from memberships where org_id = "
			     "%lld",
			     (long long)t->org);
}

static int64_t event_make(const struct team *t, int capacity)
{
	return world_sql_int(&world,
			     "insert into events (org_id, title, starts_at, "
			     "status, capacity) values (%lld, 'Talk', "
			     "'2026-11-22 18:00Z', 'published', %d) returning "
			     "id",
			     (long long)t->org, capacity);
}

static struct str registered_of(int64_t event)
{
	return world_sql(
		&world,
		"select string_agg(u.email || ' ' || p.status, ', ' order by "
		"p.id) from event_participants p join users u on u.id = "
		"p.user_id where p.event_id = %lld",
		(long long)event);
}

static void looks_first_and_brings_in(void **state)
{
	struct team t = team_make(&world);
	int64_t before = people_of(&t);
	struct str path = path_of(&t, "people/import");
	struct response r = hand_in(
		&t, path,
		"\xef\xbb\xbf"
		"Name;EMAIL;role\r\n\"Bo; \"\"B\"\"\";bo1@example.org;door\r\n"
		"Cy;cy1@example.org;\r\nCy;CY1@example.org;\r\n"
		"Dee;dee1.example.org;\r\n=Eve;eve1@example.org;king\r\n");
	struct str at = response_header(&r, "Location");

	(void)state;
	expect_status(&r, 303);
	r = team_get(&world, &t, ADMIN, at);
	expect_status(&r, 200);
	assert_true(
		response_has(&r, "2 new, 0 changed, 0 unchanged, 3 refused"));
	assert_true(response_has(&r, "the address stands on line 3 already"));
	assert_true(response_has(&r, "this is not a mail address"));
	assert_true(response_has(&r, "the role is none of member"));
	assert_int_equal(people_of(&t), before);
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 303);
	assert_int_equal(people_of(&t), before + 2);
	r = team_get(&world, &t, ADMIN, path);
	assert_true(response_has(&r, str_z(&world.arena, at)));
	/* It is no calendar. */
	r = team_get(&world, &t, ADMIN, path_of(&t, "import"));
	assert_false(response_has(&r, str_z(&world.arena, at)));
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *file, *sentence;
	} cases[] = {
		{"", "the file is empty"},
		{"email,name\r\n", "There is nobody in this list."},
		{"mail,name\r\na@example.org,A\r\n", "column 1 is not known"},
		{"email\r\na@example.org\r\n",
		 "the first row must name the columns"},
		{"email,name,email\r\n", "column 3 is there twice"},
		{"email,name\r\na@example.org,\xff\r\n",
		 "line 2: not UTF-8 text"},
	};
	struct team t = team_make(&world);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct response r = hand_in(&t, path_of(&t, "people/import"),
					    cases[i].file);

		expect_status(&r, 422);
		assert_true(response_has(&r, "id=\"list-error\"") ||
			    cases[i].file[0] == '\0');
		if (cases[i].file[0])
			assert_true(response_has(&r, cases[i].sentence));
	}
}

static void registers_a_list(void **state)
{
	struct team t = team_make(&world);
	int64_t event = event_make(&t, 1);
	struct str path = path_of(
		&t, str_z(&world.arena,
			  str_printf(&world.arena, "events/%lld/people/import",
				     (long long)event)));
	struct response r = hand_in(&t, path,
				    "email,name\nbo2@example.org,Bo\n"
				    "cy2@example.org,Cy\n");
	struct str at = response_header(&r, "Location");

	(void)state;
	expect_status(&r, 303);
	r = team_get(&world, &t, ADMIN, at);
	assert_true(response_has(&r, "on the waiting list"));
	assert_true(response_has(&r, ">Talk</a>"));
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 303);
	assert_true(str_equal(registered_of(event),
			      STR("bo2@example.org registered, "
				  "cy2@example.org waitlisted")));
	/* One that was thrown away leads back to the event's form. */
	r = hand_in(&t, path, "email,name\nbo2@example.org,Bo\n");
	at = response_header(&r, "Location");
	r = team_post(&world, &t, ADMIN,
		      str_printf(&world.arena, "%.*s/discard", STR_ARG(at)),
		      STR(""));
	assert_true(str_starts(response_header(&r, "Location"), path));
	world_sql(&world,
		  "update events set status = 'cancelled' where id = "
		  "%lld",
		  (long long)event);
	r = hand_in(&t, path, "email,name\nbo2@example.org,Bo\n");
	expect_status(&r, 410);
	assert_true(response_has(&r, "This event was cancelled."));
}

static void registers_who_is_ticked(void **state)
{
	struct team t = team_make(&world);
	int64_t event = event_make(&t, 1);
	struct str path = path_of(
		&t, str_z(&world.arena,
			  str_printf(&world.arena, "events/%lld/people/add",
				     (long long)event)));
	struct response r = team_get(&world, &t, STAFF, path);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, ">Member</bdi>"));
	r = team_get(&world, &t, STAFF,
		     str_printf(&world.arena, "%.*s?q=memb", STR_ARG(path)));
	assert_true(response_has(&r, ">Member</bdi>"));
	assert_false(response_has(&r, ">Door</bdi>"));
	r = team_post(&world, &t, STAFF, path, STR(""));
	expect_status(&r, 422);
	assert_true(response_has(&r, "Please tick at least one person."));
	r = team_post(&world, &t, STAFF, path,
		      str_printf(&world.arena, "tick[]=%lld&tick[]=%lld",
				 (long long)t.user[MEMBER],
				 (long long)t.user[OTHER_MEMBER]));
	expect_status(&r, 303);
	assert_true(str_find_str(response_header(&r, "Location"),
				 STR("note=added")) > 0);
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from event_participants where "
			      "event_id = %lld and user_id = %lld and status = "
			      "'registered'",
			      (long long)event, (long long)t.user[MEMBER]),
		1);
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from "
				       "event_participants where event_id = "
				       "%lld",
				       (long long)event),
			 1);
	r = team_post(&world, &t, STAFF, path,
		      str_printf(&world.arena, "tick[]=%lld",
				 (long long)t.user[DOOR]));
	assert_true(str_find_str(response_header(&r, "Location"),
				 STR("note=added_waiting")) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O4 a list is looked at first, and then brings people in",
		 looks_first_and_brings_in, NULL, NULL, NULL},
		{"R-O4 a file that is none says why", says_what_is_wrong, NULL,
		 NULL, NULL},
		{"R-B1 a list for an event registers, in its order",
		 registers_a_list, NULL, NULL, NULL},
		{"R-B1 members are picked for an event, and no others",
		 registers_who_is_ticked, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("enroll", tests, open_world,
					   close_world);
}
