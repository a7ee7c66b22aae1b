/*
 * A person's inbox, and the number of what is unread above every page.
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

/* So many of them, the last of which is `News 1`; the newest's number. */
static int64_t news_make(enum reader reader, int count)
{
	world_sql(&world,
		  "insert into notifications (user_id, org_id, type, title, "
		  "path, notification_id) select %lld, %lld, 'registration', "
		  "'News ' || n, '/events/' || n, 'news-' || random() "
		  "from generate_series(%d, 1, -1) n",
		  (long long)team.user[reader], (long long)team.org, count);
	return world_sql_int(&world, "select max(id) from notifications");
}

static int64_t unread(enum reader reader)
{
	return world_sql_int(&world,
			     "select count(*) from notifications where "
			     "user_id = %lld and read_at is null",
			     (long long)team.user[reader]);
}

static void nothing_yet(void **state)
{
	struct response r = get(OTHER_STAFF, "/inbox");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "There is nothing here yet."));
	assert_false(response_has(&r, "Mark"));
	assert_false(response_has(&r, "unread"));
}

static void one_is_read(void **state)
{
	int64_t newest = news_make(MEMBER, 2);
	struct response r = get(MEMBER, "/inbox");
	struct str path;

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "<h2>What place you have</h2>"));
	assert_true(response_has(&r, "<a href=\"/events/1\">News 1</a>"));
	assert_true(response_has(&r, "(2) news unread"));
	assert_int_equal(unread(MEMBER), 2);
	path = str_printf(&world.arena, "/inbox/%lld/read", (long long)newest);
	r = team_post(&world, &team, STAFF, path, STR(""));
	expect_status(&r, 404);
	r = team_post(&world, &team, MEMBER, path, STR(""));
	expect_status(&r, 303);
	assert_int_equal(unread(MEMBER), 1);
	r = get(MEMBER, "/events");
	assert_true(response_has(&r, "(1) news unread"));
	r = get(STAFF, "/inbox");
	assert_false(response_has(&r, "News 1"));
}

static void all_that_was_shown_is_read(void **state)
{
	int64_t newest = news_make(ADMIN, 60);
	struct response r = get(ADMIN, "/inbox");

	(void)state;
	assert_true(response_has(&r, ">News 50<"));
	assert_false(response_has(&r, ">News 51<"));
	assert_true(response_has(&r, "rel=\"next\""));
	r = get(ADMIN, "/inbox?before=x");
	assert_true(response_has(&r, ">News 1<"));
	r = get(ADMIN, "/inbox?before=1");
	assert_true(response_has(&r, "There is nothing older than this."));
	(void)news_make(ADMIN, 1);
	r = team_post(&world, &team, ADMIN, STR("/inbox/read"),
		      str_printf(&world.arena, "last=%lld", (long long)newest));
	expect_status(&r, 303);
	assert_int_equal(unread(ADMIN), 1);
	r = team_post(&world, &team, ADMIN, STR("/inbox/read"),
		      STR("last=none"));
	expect_status(&r, 422);
	assert_int_equal(unread(ADMIN), 1);
}

static void is_chosen(void **state)
{
	struct str path =
		str_printf(&world.arena, "/me/mail/%.*s", STR_ARG(team.slug));
	struct response r = team_get(&world, &team, RESPONDER, path);

	(void)state;
	expect_status(&r, 200);
	assert_true(
		response_has(&r, "name=\"inbox_event\" value=\"yes\" checked"));
	assert_true(
		response_has(&r, "name=\"inbox_shift\" value=\"yes\" checked"));
	assert_false(response_has(&r, "push_seen"));
	r = team_post(&world, &team, RESPONDER, path,
		      STR("frequency=all&seen=all&event=yes&shift=yes&"
			  "inbox_seen=&inbox_shift=yes"));
	expect_status(&r, 303);
	r = team_get(&world, &team, RESPONDER, path);
	assert_true(response_has(&r, "name=\"inbox_event\" value=\"yes\">"));
	assert_true(
		response_has(&r, "name=\"inbox_shift\" value=\"yes\" checked"));
	assert_true(response_has(&r, "name=\"event\" value=\"yes\" checked"));
	/* From before: nothing of it is saved, mail neither. */
	r = team_post(&world, &team, RESPONDER, path,
		      STR("frequency=none&seen=all&event=yes&shift=yes&"
			  "inbox_seen=&inbox_event=yes"));
	expect_status(&r, 409);
	r = team_get(&world, &team, RESPONDER, path);
	assert_true(response_has(&r, "name=\"inbox_event\" value=\"yes\">"));
	assert_true(response_has(&r, "value=\"all\" required checked"));
}

static void is_chosen_for_devices(void **state)
{
	struct str path =
		str_printf(&world.arena, "/me/mail/%.*s", STR_ARG(team.slug));
	struct response r = get(DOOR, "/me");

	(void)state;
	assert_false(response_has(&r, "/me/devices"));
	world.app.config.push_url = STR("https://push.example.org/");
	r = get(DOOR, "/me");
	assert_true(response_has(&r, "href=\"/me/devices\""));
	r = team_get(&world, &team, DOOR, path);
	assert_false(response_has(&r, "push_seen"));
	r = team_post(&world, &team, DOOR, STR("/api/devices"),
		      STR("token=token-of-a-phone-1&name=Phone"));
	expect_status(&r, 201);
	r = team_get(&world, &team, DOOR, path);
	assert_true(response_has(&r, "name=\"push_seen\" value=\"\""));
	assert_true(
		response_has(&r, "name=\"push_prompt\" value=\"yes\" checked"));
	assert_false(response_has(&r, "push_shift"));
	r = team_post(&world, &team, DOOR, path,
		      STR("frequency=all&seen=all&event=yes&inbox_seen=&"
			  "inbox_event=yes&push_seen=&push_event=yes"));
	expect_status(&r, 303);
	r = team_get(&world, &team, DOOR, path);
	assert_true(response_has(&r, "name=\"push_prompt\" value=\"yes\">"));
	assert_true(
		response_has(&r, "name=\"push_event\" value=\"yes\" checked"));
	assert_true(response_has(&r, "name=\"push_seen\" value=\"prompt\""));
	world.app.config.push_url = STR_ABSENT;
	r = team_get(&world, &team, DOOR, path);
	assert_false(response_has(&r, "push_seen"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F3 who was told nothing has none", nothing_yet, NULL, NULL,
		 NULL},
		{"R-F3 one is read, by whose it is", one_is_read, NULL, NULL,
		 NULL},
		{"R-F3 all that was shown is read, 50 a page",
		 all_that_was_shown_is_read, NULL, NULL, NULL},
		{"R-G2 what is kept is chosen", is_chosen, NULL, NULL, NULL},
		{"R-G2 what goes to devices is chosen, where there are any",
		 is_chosen_for_devices, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("inbox", tests, open_world,
					   close_world);
}
