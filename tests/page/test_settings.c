/*
 * The settings of an organisation, and two admins who save them at once.
 */
#include "page/fixture.h"
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

static struct str path(const struct team *t)
{
	return str_printf(&world.arena, "/staff/%.*s/settings",
			  STR_ARG(t->slug));
}

static struct response save(const struct team *t, int version, const char *rest)
{
	return team_post(
		&world, t, ADMIN, path(t),
		str_printf(&world.arena, "version=%d&%s", version, rest));
}

static struct str setting(const struct team *t, const char *what)
{
	return world_sql(&world,
			 "select (%s)::text from organizations "
			 "where id = %lld",
			 what, (long long)t->org);
}

static void expect_text(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("got '%.*s', wanted '%s'", STR_ARG(got), wanted);
}

#define HOURS "&watch_l2_hours=12&watch_l3_hours=24&watch_l4_hours=36"
#define REST                                                                   \
	"timezone=Europe/Lisbon&postal_address=Quay%0D%0ALisbon%09&"           \
	"join=open&prompt_audience=viewers&second_prompt=all" HOURS

static void shows_what_is_there(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_get(&world, &t, ADMIN, path(&t));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "name=\"version\" value=\"1\""));
	assert_true(response_has(&r, "value=\"Europe/Berlin\""));
	assert_true(response_has(&r, "value=\"invite\" checked"));
	assert_true(response_has(&r, "name=\"prompts\" value=\"on\" checked"));
	assert_true(
		response_has(&r, "name=\"member_list\" value=\"on\" checked"));
	assert_true(response_has(&r, "value=\"both\" checked"));
	assert_true(response_has(&r, "value=\"registered\" checked"));
	assert_false(response_has(&r, "class=\"notice"));
}

static void saves_them_all(void **state)
{
	struct team t = team_make(&world);
	struct response r = save(&t, 1, "name=New+name&" REST);

	(void)state;
	expect_status(&r, 303);
	expect_text(setting(&t, "concat_ws('|', name, timezone, "
				"postal_address, \"join\", prompt_audience, "
				"second_prompt, prompts_since is null, "
				"member_list, version, watch_l2_hours, "
				"watch_l3_hours, watch_l4_hours)"),
		    "New name|Europe/Lisbon|Quay\nLisbon|open|viewers|all|t|f|"
		    "2|12|24|36");
	expect_text(
		world_sql(&world,
			  "select string_agg(concat_ws(' ', setting, before, "
			  "after), '|' order by id) from org_changes where "
			  "org_id = %lld and what = 'setting' and actor_id = "
			  "%lld and setting <> 'prompts_since' "
			  "and setting <> 'name'",
			  (long long)t.org, (long long)t.user[ADMIN]),
		"timezone Europe/Berlin Europe/Lisbon|join invite open|"
		"prompt_audience both viewers|second_prompt registered all|"
		"member_list true false|postal_address|"
		"watch_l2_hours 24 12|watch_l4_hours 24 36");
	r = team_get(&world, &t, ADMIN, response_header(&r, "Location"));
	assert_true(response_has(&r, "The settings are saved."));
	assert_true(response_has(&r, "value=\"New name\""));
}

static void tells_the_later_admin(void **state)
{
	struct team t = team_make(&world);
	struct response r = save(&t, 1, "name=First&" REST);

	(void)state;
	expect_status(&r, 303);
	r = save(&t, 1, "name=Second&prompts=on&" REST);
	expect_status(&r, 409);
	expect_text(setting(&t, "name"), "First");
	/* What is there, what they typed, and who was quicker. */
	assert_true(response_has(&r, "value=\"Second\""));
	assert_true(response_has(&r, "Name</a> is now: First"));
	assert_true(response_has(&r, "Ask people after events</a> is now: No"));
	assert_true(response_has(&r, "<strong>Admin saved these settings"));
	assert_false(response_has(&r, "Time zone</a> is now"));
	/* Who saves again has seen it. */
	assert_true(response_has(&r, "name=\"version\" value=\"2\""));
	r = save(&t, 2, "name=Second&prompts=on&" REST);
	expect_status(&r, 303);
	expect_text(setting(&t, "name"), "Second");
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *body;
		const char *error;
	} bad[] = {
		{"name=&" REST, "id=\"name-error\""},
		{"name=A&timezone=CEST&join=open&prompt_audience=both&"
		 "second_prompt=off" HOURS,
		 "id=\"timezone-error\""},
		{"name=A&timezone=UTC&join=all&prompt_audience=both&"
		 "second_prompt=off" HOURS,
		 "id=\"join-error\""},
		{"name=A&timezone=UTC&join=open&prompt_audience=both&"
		 "second_prompt=off&watch_l2_hours=0&watch_l3_hours=24&"
		 "watch_l4_hours=36",
		 "id=\"watch_l2_hours-error\""},
		{"name=A&timezone=UTC&join=open&prompt_audience=both&"
		 "second_prompt=off&watch_l2_hours=1&watch_l3_hours=169&"
		 "watch_l4_hours=a+day",
		 "id=\"watch_l4_hours-error\""},
		{"name=A&prompts=on&since=2026-02-30&" REST,
		 "id=\"since-error\""},
		{"name=A&prompts=on&since=yesterday&" REST,
		 "id=\"since-error\""},
		{"name=A&prompts=on&since=2999-01-01&" REST,
		 "id=\"since-error\""},
	};
	struct team t = team_make(&world);
	struct str before = world_digest(&world);
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = save(&t, 1, bad[i].body);
		expect_status(&r, 422);
		if (!response_has(&r, bad[i].error))
			fail_msg("%s: no %s", bad[i].body, bad[i].error);
		if (!response_has(&r, "This is not saved yet"))
			fail_msg("%s: no list", bad[i].body);
	}
	assert_true(str_equal(before, world_digest(&world)));
}

static const char *since_body(struct str day)
{
	struct buf out = buf_init(&world.arena, 300);

	buf_add(&out, STR("name=A&prompts=on&since="));
	buf_add(&out, day);
	buf_add(&out, STR("&" REST));
	return str_z(&world.arena, buf_str(&out));
}

static void asks_from_when_it_is_told(void **state)
{
	const char *berlin = "to_char(prompts_since at time zone "
			     "'Europe/Lisbon', 'YYYY-MM-DD HH24:MI')";
	struct team t = team_make(&world);
	struct str since = setting(&t, "prompts_since");
	struct str day =
		setting(&t, "to_char(prompts_since at time zone timezone, "
			    "'YYYY-MM-DD')");
	struct response r;

	(void)state;
	/* The page sends back the day that it showed: nothing changes. */
	r = save(&t, 1, since_body(day));
	expect_status(&r, 303);
	assert_true(str_equal(setting(&t, "prompts_since"), since));
	r = save(&t, 2, "name=A&prompts=on&since=2026-01-15&" REST);
	expect_status(&r, 303);
	expect_text(setting(&t, berlin), "2026-01-15 00:00");
	r = save(&t, 3, "name=A&" REST);
	expect_status(&r, 303);
	assert_true(str_is_absent(setting(&t, "prompts_since")));
	r = save(&t, 4, "name=A&prompts=on&since=&" REST);
	expect_status(&r, 303);
	expect_text(setting(&t, "prompts_since > app_now() - "
				"interval '1 minute'"),
		    "true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O1 the page has every setting as it is",
		 shows_what_is_there, NULL, NULL, NULL},
		{"R-O1 all are saved, and each change is kept", saves_them_all,
		 NULL, NULL, NULL},
		{"R-O1 of two admins the later is told, and loses nothing",
		 tells_the_later_admin, NULL, NULL, NULL},
		{"R-O1 what is wrong stands at its field, and nothing changes",
		 says_what_is_wrong, NULL, NULL, NULL},
		{"R-A2 events before the switch are asked about when an admin "
		 "says so",
		 asks_from_when_it_is_told, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("settings", tests, open_world,
					   close_world);
}
