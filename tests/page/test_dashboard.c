/*
 * Checking in: beginning, the button, what is set, contacts, and the links that
 * are mailed.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct world answer;
static struct team team;

#define LATER INT64_C(1795600000) /* 25 November 2026 */

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_beside(&world, &answer, "answer");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&answer);
	world_close(&world);
	return 0;
}

static struct response get(enum reader reader, const char *path)
{
	return team_get(&world, &team, reader, str_of(path));
}

static struct response post(enum reader reader, const char *path,
			    const char *body)
{
	return team_post(&world, &team, reader, str_of(path), str_of(body));
}

static struct response enrol(enum reader reader, const char *rest)
{
	return team_post(&world, &team, reader, STR("/dashboard/settings"),
			 str_printf(&world.arena, "org=%.*s&%s",
				    STR_ARG(team.slug), rest));
}

static void expect_word(const struct response *r, const char *word)
{
	if (!response_has(r, word))
		fail_msg("no %s in\n%.*s", word, STR_ARG(r->body));
}

static void is_offered_where_it_can_be(void **state)
{
	struct response r = get(MEMBER, "/me");

	(void)state;
	expect_word(&r, "Have somebody notice when you stay silent");
	assert_false(response_has(&r, ">Check in</a>"));
	r = get(OTHER_MEMBER, "/me");
	assert_false(response_has(&r, "notice when you stay silent"));
	r = get(OTHER_MEMBER, "/dashboard/settings");
	expect_status(&r, 200);
	expect_word(&r, "None of your organisations can do this");
	r = get(MEMBER, "/dashboard");
	expect_status(&r, 200);
	expect_word(&r, "You have not asked anybody");
	r = get(MEMBER, "/dashboard/settings");
	expect_word(&r, " checked>");
	expect_word(&r, "Nobody may be reading this now.");
	r = get(MEMBER, "/checkin");
	expect_status(&r, 200);
	expect_word(&r, "How it works");
	r = post(MEMBER, "/checkin", "");
	expect_status(&r, 409);
	r = get(MEMBER, "/dashboard/contacts");
	expect_word(&r, "Begin to check in");
	r = get(MEMBER, "/dashboard/stop");
	expect_status(&r, 303);
}

static void refuses_what_cannot_be(void **state)
{
	static const char *const bad[] = {
		"interval_hours=0&consent=yes",
		"interval_hours=169&consent=yes",
		"interval_hours=often&consent=yes",
		"interval_hours=&consent=yes",
		"interval_hours=24&preferred_time=25:00&consent=yes",
		"interval_hours=24&preferred_time=soon&consent=yes",
		"interval_hours=24",
		"interval_hours=24&consent=no",
	};
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = enrol(MEMBER, bad[i]);
		if (r.status != 422)
			fail_msg("%d %s", r.status, bad[i]);
		expect_word(&r, "not saved yet");
	}
	r = post(MEMBER, "/dashboard/settings",
		 "org=elsewhere&interval_hours=24&consent=yes");
	expect_status(&r, 404);
	r = post(MEMBER, "/dashboard/settings", "interval_hours=24");
	expect_status(&r, 409);
	assert_int_equal(
		world_sql_int(&world, "select count(*) from monitoring"), 0);
}

static void begins_and_checks_in(void **state)
{
	struct response r = enrol(MEMBER, "interval_hours=24&consent=yes&"
					  "preferred_time=21:00");

	(void)state;
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard?note=watch_begun");
	expect_status(&r, 200);
	expect_word(&r, "From now on it is noticed");
	expect_word(&r, "Saturday 21 November 2026, 21:00");
	expect_word(&r, "Every 24 hours, not before 21:00");
	expect_word(&r, ">Check in</a>");
	r = enrol(MEMBER, "interval_hours=24&consent=yes");
	expect_status(&r, 409);
	r = get(MEMBER, "/checkin");
	expect_word(&r, "I am well");
	assert_false(response_has(&r, "false alarm"));
	r = post(MEMBER, "/checkin", "press=dance");
	expect_status(&r, 422);
	r = post(MEMBER, "/checkin", "");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard?note=checked_in");
	expect_word(&r, "You are checked in.");
	expect_word(&r, "Friday 20 November 2026, 19:00");
	expect_word(&r, "<circle class=\"present\"");
	expect_word(&r, "<td data-label=\"Check-ins\">1</td>");
	r = get(MEMBER, "/me");
	expect_word(&r, "Every 24 hours, so that somebody notices");
}

static void is_changed_paused_and_stopped(void **state)
{
	struct response r = get(MEMBER, "/dashboard/settings");

	(void)state;
	expect_word(&r, "value=\"21:00\"");
	r = post(MEMBER, "/dashboard/settings", "interval_hours=48");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard");
	expect_word(&r, "in 2 days");
	r = post(MEMBER, "/dashboard/pause", "last_day=2026-02-30");
	expect_status(&r, 422);
	r = post(MEMBER, "/dashboard/pause", "last_day=2026-11-01");
	expect_status(&r, 422);
	r = post(MEMBER, "/dashboard/pause", "last_day=2026-11-25");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard");
	expect_word(&r, "Paused");
	r = post(MEMBER, "/dashboard/resume", "");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard");
	assert_false(response_has(&r, "Paused"));
	r = get(MEMBER, "/dashboard/stop");
	expect_status(&r, 200);
	r = post(MEMBER, "/dashboard/stop", "");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard");
	expect_word(&r, "You have stopped this");
	r = post(MEMBER, "/dashboard/stop", "");
	expect_status(&r, 409);
	r = enrol(MEMBER, "interval_hours=24&consent=yes");
	expect_status(&r, 303);
}

static void the_last_responder_stays(void **state)
{
	struct response r = post(RESPONDER, "/me/erase", "word=erase");

	(void)state;
	expect_status(&r, 409);
	expect_word(&r, "this is the last responder");
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from users where id = "
				       "%lld",
				       (long long)team.user[RESPONDER]),
			 1);
}

/* As the sweep would have left it. */
static void an_alert_is_shown_and_cancelled(void **state)
{
	struct response r;

	(void)state;
	world_sql(&world, "update test_clock set at = '2026-11-21 19:00+00'");
	world_sql(&world, "select step_alerts(100)");
	r = get(MEMBER, "/dashboard");
	expect_word(&r, "L1 of 4: you are overdue since");
	expect_word(&r, "false alarm");
	expect_word(&r, ">L1</text>");
	r = post(MEMBER, "/checkin", "press=cancel");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard");
	assert_false(response_has(&r, "you are overdue"));
}

static int64_t contact_id(const char *name)
{
	return world_sql_int(
		&world, "select id from monitoring_contacts where name = '%s'",
		name);
}

static struct response press(enum reader reader, int64_t contact,
			     const char *what)
{
	return team_post(&world, &team, reader,
			 str_printf(&world.arena, "/dashboard/contacts/%lld",
				    (long long)contact),
			 str_printf(&world.arena, "press=%s", what));
}

static void contacts_are_named(void **state)
{
	struct response r = post(MEMBER, "/dashboard/contacts",
				 "name=%3Cb%3ECarl&email=carl@example.org");

	(void)state;
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard/contacts?note=contact_asked");
	expect_word(&r, "1. <bdi>&lt;b&gt;Carl</bdi>");
	expect_word(&r, "Has not answered yet");
	r = post(MEMBER, "/dashboard/contacts",
		 "name=Carl&email=CARL@example.org");
	expect_status(&r, 422);
	r = post(MEMBER, "/dashboard/contacts", "name=Carl&email=nobody");
	expect_status(&r, 422);
	expect_word(&r, "value=\"Carl\"");
	r = post(MEMBER, "/dashboard/contacts",
		 "name=Dora&email=dora@example.org");
	expect_status(&r, 303);
	r = press(MEMBER, contact_id("Dora"), "up");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard/contacts");
	expect_word(&r, "1. <bdi>Dora</bdi>");
	r = press(MEMBER, contact_id("Dora"), "dance");
	expect_status(&r, 422);
	r = press(MEMBER, contact_id("Dora"), "ask");
	expect_status(&r, 409);
	r = press(STAFF, contact_id("Dora"), "remove");
	assert_true(r.status == 404 || r.status == 409);
	r = press(MEMBER, contact_id("Dora"), "remove");
	expect_status(&r, 303);
	r = get(MEMBER, "/dashboard/contacts?note=contact_removed");
	assert_false(response_has(&r, "Dora"));
}

static struct str contact_path(int64_t expires, const char *after)
{
	struct str token = world_token(&answer, TOKEN_CONTACT_CONSENT,
				       contact_id("<b>Carl"), 1, expires);

	return str_printf(&answer.arena, "/contact/%.*s%s", STR_ARG(token),
			  after);
}

static void a_contact_has_the_say(void **state)
{
	struct str path = contact_path(LATER, "");
	struct str before;
	struct response r;

	(void)state;
	before = world_digest(&world);
	r = world_get(&answer, path);
	expect_status(&r, 200);
	expect_word(&r, "May we tell you when <bdi>Member</bdi> stays silent?");
	assert_true(str_equal(before, world_digest(&world)));
	r = world_post(&answer, path, STR("answer=maybe"));
	expect_status(&r, 422);
	r = world_post(&answer, path, STR("answer=yes"));
	expect_status(&r, 303);
	r = world_get(&answer, path);
	expect_word(&r, "You agreed");
	r = get(MEMBER, "/dashboard/contacts");
	expect_word(&r, "Agreed");
	/* No at any time, with a link that is too old to say yes. */
	path = contact_path(1, "");
	r = world_post(&answer, path, STR("answer=no"));
	expect_status(&r, 303);
	r = world_get(&answer, path);
	expect_word(&r, "You do not want to be told");
	r = world_post(&answer, path, STR("answer=yes"));
	expect_status(&r, 410);
	r = get(MEMBER, "/dashboard/contacts");
	expect_word(&r, "Does not want to any more");
	r = world_get(&answer, contact_path(LATER, "x"));
	expect_status(&r, 404);
}

static void a_contact_is_erased(void **state)
{
	struct str path = contact_path(LATER, "");
	struct str data = contact_path(LATER, "/data");
	struct str erase = contact_path(LATER, "/erase");
	struct response r;

	(void)state;
	r = world_post(&answer, data, STR("take=yes"));
	expect_status(&r, 200);
	expect_word(&r, "\"email\": \"carl@example.org\"");
	r = world_post(&answer, erase, STR(""));
	expect_status(&r, 422);
	r = world_post(&answer, erase, STR("sure=yes"));
	expect_status(&r, 200);
	expect_word(&r, "You are erased");
	r = world_get(&answer, path);
	expect_status(&r, 404);
	r = world_post(&answer, data, STR("take=yes"));
	expect_status(&r, 404);
	r = world_post(&answer, erase, STR("sure=yes"));
	expect_status(&r, 404);
	r = post(MEMBER, "/dashboard/contacts",
		 "name=Carl&email=carl@example.org");
	expect_status(&r, 422);
}

static struct str link_path(uint32_t generation, int64_t expires)
{
	struct str token = world_token(&answer, TOKEN_CHECK_IN,
				       team.user[MEMBER], generation, expires);

	return str_printf(&answer.arena, "/k/%.*s", STR_ARG(token));
}

static int64_t check_ins(void)
{
	return world_sql_int(&world,
			     "select count(*) from activities where type = "
			     "'check-in' and user_id = %lld",
			     (long long)team.user[MEMBER]);
}

static void a_link_checks_in(void **state)
{
	struct str path;
	struct str before;
	struct response r;
	int64_t count = check_ins();

	(void)state;
	world_sql(&world, "update test_clock set at = '2026-11-22 20:00+00'");
	world_sql(&world, "select step_alerts(100)");
	path = link_path((uint32_t)world_sql_int(
				 &world,
				 "select link_generation from monitoring where "
				 "user_id = %lld",
				 (long long)team.user[MEMBER]),
			 LATER);
	before = world_digest(&world);
	r = world_get(&answer, path);
	expect_status(&r, 200);
	expect_word(&r, "I am well");
	assert_true(str_equal(before, world_digest(&world)));
	r = world_post(&answer, path, STR("press=check_in"));
	expect_status(&r, 303);
	assert_int_equal(check_ins(), count + 1);
	r = world_get(&answer, str_printf(&answer.arena, "%.*s?note=checked_in",
					  STR_ARG(path)));
	expect_word(&r, "You are checked in.");
	r = world_post(&answer, link_path(99, LATER), STR("press=check_in"));
	expect_status(&r, 404);
	r = world_post(&answer, link_path(1, 1), STR("press=check_in"));
	expect_status(&r, 410);
	expect_word(&r, "This link is too old");
	assert_int_equal(check_ins(), count + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-D2 it is offered where a responder would be told",
		 is_offered_where_it_can_be, NULL, NULL, NULL},
		{"R-D2 interval, time and consent are held to the rules",
		 refuses_what_cannot_be, NULL, NULL, NULL},
		{"R-D1 R-D2 somebody begins and checks in",
		 begins_and_checks_in, NULL, NULL, NULL},
		{"R-D2 it is changed, paused and stopped",
		 is_changed_paused_and_stopped, NULL, NULL, NULL},
		{"R-D2 the last responder is told why they cannot be erased",
		 the_last_responder_stays, NULL, NULL, NULL},
		{"R-D4 an alert is shown, and cancelled",
		 an_alert_is_shown_and_cancelled, NULL, NULL, NULL},
		{"R-D2 contacts are named, ordered and removed",
		 contacts_are_named, NULL, NULL, NULL},
		{"R-D2 a contact says yes, or no at any time",
		 a_contact_has_the_say, NULL, NULL, NULL},
		{"R-G1 a contact has their data, and themselves erased",
		 a_contact_is_erased, NULL, NULL, NULL},
		{"R-D4 R-A8 a mailed link checks in by a press",
		 a_link_checks_in, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("dashboard", tests, open_world,
					   close_world);
}
