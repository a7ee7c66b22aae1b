/*
 * "Ask me at 9 in the morning": who is offered it, what a press does, and
 * that nobody gets a third prompt.
 */
#include "page/fixture.h"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "answer");
	/* A Friday evening in Berlin, so that the texts are known. */
	world_sql(&world, "update test_clock set at = '2026-11-20 18:30+00'");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response press(const struct fixture *f)
{
	return world_post(
		&world,
		str_printf(&world.arena, "%.*s/later", STR_ARG(f->link)),
		STR(""));
}

static int64_t planned(const struct fixture *f)
{
	return world_sql_int(&world,
			     "select count(*) from scheduled_notifications "
			     "where event_id = %lld and prompt_number = 2",
			     (long long)f->event);
}

static void expect_refused(const struct fixture *f, int status,
			   const char *sentence)
{
	struct str before = world_digest(&world);
	struct response r = press(f);

	expect_status(&r, status);
	if (!response_has(&r, sentence))
		fail_msg("no \"%s\" in:\n%.*s", sentence, STR_ARG(r.text));
	assert_true(str_equal(before, world_digest(&world)));
}

static void offers_the_morning(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before = world_digest(&world);
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Ask me at 9 in the morning"));
	assert_true(response_has(&r, "Saturday 21 November, 09:00 "
				     "(Europe/Berlin)"));
	r = world_get(&world,
		      str_printf(&world.arena, "%.*s/later", STR_ARG(f.link)));
	expect_status(&r, 200);
	assert_true(str_equal(before, world_digest(&world)));
}

static void says_when_after_the_press(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r = press(&f);

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"), f.link));
	r = world_get(&world, f.link);
	expect_status(&r, 200);
	assert_true(response_has(&r, "We will ask you again on Saturday 21 "
				     "November, 09:00</strong> "
				     "(Europe/Berlin)"));
	assert_true(response_has(&r, "answer now"));
	assert_true(response_has(&r, "value=\"attended\""));
	assert_false(response_has(&r, "/later\""));
	assert_int_equal(planned(&f), 1);
}

static void moves_the_one_second_prompt(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r;

	(void)state;
	press(&f);
	r = press(&f);
	expect_status(&r, 303);
	assert_int_equal(planned(&f), 1);
	r = world_post(&world, f.link, STR("status=attended"));
	expect_status(&r, 303);
	assert_int_equal(planned(&f), 0);
	r = world_get(&world, f.link);
	assert_false(response_has(&r, "ask you again"));
}

static void refuses_a_third_prompt(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r;

	(void)state;
	world_sql(&world,
		  "update notifications set prompt_number = 2 where id = %lld",
		  (long long)f.notification);
	r = world_get(&world, f.link);
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"attended\""));
	assert_false(response_has(&r, "/later"));
	expect_refused(&f, 409, "We cannot ask you again");
}

static void refuses_once_the_second_has_left(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");

	(void)state;
	world_sql(&world,
		  "insert into notifications (user_id, org_id, event_id, type,"
		  " prompt_number, title) values (%lld, %lld, %lld, "
		  "'attendance_prompt', 2, 'Were you there?')",
		  (long long)f.user, (long long)f.org, (long long)f.event);
	expect_refused(&f, 409, "We cannot ask you again");
}

static void offers_nothing_past_the_date(void **state)
{
	struct fixture f = fixture_asked(&world, "13 days 12 hours");
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 200);
	assert_false(response_has(&r, "/later"));
	expect_refused(&f, 409, "We cannot ask you again");
}

static void refuses_what_is_shut(void **state)
{
	struct fixture closed = fixture_asked(&world, "15 days");
	struct fixture early = fixture_asked(&world, "-1 minute");
	struct fixture gone = fixture_asked(&world, "61 minutes");

	(void)state;
	world_sql(&world,
		  "update events set status = 'cancelled' where id = %lld",
		  (long long)gone.event);
	expect_refused(&closed, 410, "This question closed on");
	expect_refused(&early, 425, "not over yet");
	expect_refused(&gone, 410, "was cancelled");
}

static void refuses_the_answered(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");

	(void)state;
	world_post(&world, f.link, STR("status=partial"));
	expect_refused(&f, 409, "You have answered already");
}

static void knows_no_forged_link(void **state)
{
	struct response none = world_get(&world, STR("/no/such/page"));
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before;
	struct response r;

	(void)state;
	world_sql(&world,
		  "update notifications set generation = 2 where id = %lld",
		  (long long)f.notification);
	before = world_digest(&world);
	r = press(&f);
	assert_true(str_equal(r.text, none.text));
	f.link = STR("/r/x");
	r = press(&f);
	assert_true(str_equal(r.text, none.text));
	r = world_sendf(&world,
			"POST %.*s/later HTTP/1.1\r\nOrigin: "
			"http://evil.example\r\n\r\n",
			STR_ARG(f.link));
	expect_status(&r, 403);
	assert_true(str_equal(before, world_digest(&world)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-A5 prompt 1 offers 9 in the morning: day, time, zone",
		 offers_the_morning, NULL, NULL, NULL},
		{"R-A5 after the press the link says when, and takes answers",
		 says_when_after_the_press, NULL, NULL, NULL},
		{"R-A5 a second press moves the one row, an answer takes it "
		 "back",
		 moves_the_one_second_prompt, NULL, NULL, NULL},
		{"R-A5 prompt 2 offers no snooze, a forged one changes nothing",
		 refuses_a_third_prompt, NULL, NULL, NULL},
		{"R-A5 no snooze once the second prompt has left",
		 refuses_once_the_second_has_left, NULL, NULL, NULL},
		{"R-A5 no snooze to a time after end + 14 d",
		 offers_nothing_past_the_date, NULL, NULL, NULL},
		{"R-A5 no snooze of what is closed, early or cancelled",
		 refuses_what_is_shut, NULL, NULL, NULL},
		{"R-A5 no snooze of an answered question", refuses_the_answered,
		 NULL, NULL, NULL},
		{"R-A8 a forged snooze gets the one 404, one from elsewhere "
		 "403",
		 knows_no_forged_link, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("later", tests, open_world,
					   close_world);
}
