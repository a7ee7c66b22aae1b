/*
 * What waits for somebody signed in, answered on the spot, and their own
 * answer about one event.
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

/* Somebody signed in who is asked about an event that ended `ago`. */
struct asked {
	struct fixture f;
	struct str cookie, csrf;
	struct str prompt; /* /prompts/N */
	struct str event;  /* /history/N */
};

static struct asked asked_make(const char *ago)
{
	struct asked a = {.f = fixture_asked(&world, ago)};
	struct response r;

	a.cookie = fixture_sign_in(&world, &a.f);
	r = fixture_get(&world, a.cookie, STR("/me"));
	a.csrf = fixture_csrf(&world, &r);
	a.prompt = str_printf(&world.arena, "/prompts/%lld",
			      (long long)a.f.notification);
	a.event =
		str_printf(&world.arena, "/history/%lld", (long long)a.f.event);
	return a;
}

static struct str join(struct str path, const char *after)
{
	return str_printf(&world.arena, "%.*s%s", STR_ARG(path), after);
}

static struct response get(const struct asked *a, struct str path)
{
	return fixture_get(&world, a->cookie, path);
}

static struct response post(const struct asked *a, struct str path,
			    const char *body)
{
	return fixture_post(&world, a->cookie, path,
			    str_printf(&world.arena, "csrf=%.*s&%s",
				       STR_ARG(a->csrf), body));
}

static void expect_led(const struct response *r, struct str to)
{
	struct str got = response_header(r, "Location");

	expect_status(r, 303);
	if (!str_equal(got, to))
		fail_msg("led to %.*s, not %.*s", STR_ARG(got), STR_ARG(to));
}

/* status, and the sentence that says why; nothing is another after it. */
static void expect_refused(const struct asked *a, struct str path,
			   const char *body, int status, const char *sentence)
{
	struct str before = world_digest(&world);
	struct response r = post(a, path, body);

	if (r.status != status || !response_has(&r, sentence))
		fail_msg("%.*s %s: no %d with \"%s\" but:\n%.*s", STR_ARG(path),
			 body, status, sentence, STR_ARG(r.text));
	assert_true(str_equal(before, world_digest(&world)));
}

static struct str said(const struct asked *a)
{
	return world_sql(&world,
			 "select concat_ws(' ', status, feedback_rating, "
			 "feedback_text) from attendance where event_id = %lld",
			 (long long)a->f.event);
}

/* --- what waits --- */

static void shows_what_waits(void **state)
{
	static const char *const pages[] = {"/history", "/prompts"};
	struct asked a = asked_make("61 minutes");
	struct str before = world_digest(&world);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct response r = get(&a, str_of(pages[i]));

		expect_status(&r, 200);
		assert_true(response_has(&r, "Were you at <bdi>Regatta"));
		assert_true(response_has(&r, str_z(&world.arena, a.prompt)));
		assert_true(response_has(&r, "Ask me at 9 in the morning"));
		assert_true(response_has(&r, "History (1)"));
	}
	assert_true(str_equal(before, world_digest(&world)));
	struct response r = get(&a, STR("/history?before=0&event=1"));
	assert_false(response_has(&r, "Were you at"));
}

static void asks_how_it_was(void **state)
{
	static const char *const there[] = {"attended", "partial"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct asked a = asked_make("61 minutes");
		struct response r =
			post(&a, a.prompt,
			     str_printf(&world.arena,
					"status=%s&back=history%c", there[i], 0)
				     .p);

		expect_led(&r, join(a.event, "?note=saved"));
		assert_true(str_equal(said(&a), str_of(there[i])));
		assert_int_equal(fixture_audits(&world, &a.f), 1);
		r = get(&a, response_header(&r, "Location"));
		expect_status(&r, 200);
		assert_true(response_has(&r, "Your answer is saved"));
		assert_true(response_has(&r, "How was it?"));
		assert_false(response_has(&r, "History (1)"));
		r = get(&a, STR("/prompts"));
		assert_true(response_has(&r, "Nothing is waiting"));
	}
}

static void leads_back_who_was_not_there(void **state)
{
	struct asked a = asked_make("61 minutes");
	struct response r =
		post(&a, a.prompt, "status=not_attended&back=history");

	(void)state;
	expect_led(&r, STR("/history?note=saved"));
	r = get(&a, STR("/history?note=saved"));
	assert_true(response_has(&r, "Your answer is saved"));
	assert_true(response_has(&r, "You were not there"));
	a = asked_make("61 minutes");
	r = post(&a, a.prompt, "status=not_attended");
	expect_led(&r, STR("/prompts?note=saved"));
	a = asked_make("61 minutes");
	r = post(&a, a.prompt, "status=not_attended&back=%2F%2Fevil.example");
	expect_led(&r, STR("/prompts?note=saved"));
}

static void puts_it_off(void **state)
{
	struct asked a = asked_make("61 minutes");
	struct response r = post(&a, join(a.prompt, "/later"), "back=history");

	(void)state;
	expect_led(&r, STR("/history?note=later"));
	r = get(&a, STR("/history?note=later"));
	assert_true(response_has(&r, "ask you again at 9 in the morning"));
	assert_false(response_has(&r, "Were you at"));
	assert_int_equal(
		world_sql_int(
			&world,
			"select count(*) from scheduled_notifications "
			"where notify_type = 'snooze' and event_id = %lld",
			(long long)a.f.event),
		1);
}

static void knows_nobody_elses(void **state)
{
	struct asked a = asked_make("61 minutes");
	struct asked b = asked_make("61 minutes");
	const char *absent = "There is nothing at this address";

	(void)state;
	expect_refused(&b, a.prompt, "status=attended", 404, absent);
	expect_refused(&b, join(a.prompt, "/later"), "", 404, absent);
	expect_refused(&b, a.event, "status=attended", 404, absent);
	expect_refused(&b, join(a.event, "/feedback"), "rating=4", 404, absent);
	expect_refused(&b, join(a.event, "/sharing"), "", 404, absent);
	expect_refused(&b, STR("/prompts/x"), "status=attended", 404, absent);
	struct response r = get(&b, a.event);
	expect_status(&r, 404);
	r = get(&b, join(a.event, "/feedback"));
	expect_status(&r, 404);
}

static void takes_no_press_from_elsewhere(void **state)
{
	static const char *const after[] = {"", "/later"};
	struct asked a = asked_make("61 minutes");
	struct str before = world_digest(&world);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct response r =
			fixture_post(&world, a.cookie, join(a.prompt, after[i]),
				     STR("status=attended&csrf=wrong"));

		expect_status(&r, 403);
		r = world_sendf(&world,
				"POST %.*s%s HTTP/1.1\r\n%.*sOrigin: "
				"http://evil.example\r\n\r\nstatus=attended"
				"&csrf=%.*s",
				STR_ARG(a.prompt), after[i], STR_ARG(a.cookie),
				STR_ARG(a.csrf));
		expect_status(&r, 403);
		r = fixture_post(&world, STR(""), join(a.prompt, after[i]),
				 STR("status=attended"));
		expect_led(&r, STR("/signin"));
	}
	assert_true(str_equal(before, world_digest(&world)));
}

static void refuses_bad_answers(void **state)
{
	static const char *const bodies[] = {
		"",
		"status=",
		"status=unknown",
		"status=Attended",
		"status=attended&status=partial",
		"status=attended%00",
		"status=%FF",
	};
	struct asked a = asked_make("61 minutes");

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		expect_refused(&a, a.prompt, bodies[i], 422, "“Your answer”");
		expect_refused(&a, a.event, bodies[i], 422, "“Your answer”");
	}
}

static void refuses_what_is_shut(void **state)
{
	struct asked closed = asked_make("15 days");
	struct asked early = asked_make("-1 minute");
	struct asked gone = asked_make("61 minutes");

	(void)state;
	world_sql(&world,
		  "update events set status = 'cancelled' where id = %lld",
		  (long long)gone.f.event);
	expect_refused(&closed, closed.prompt, "status=attended", 410,
		       "This question is closed");
	expect_refused(&closed, closed.event, "status=attended", 410,
		       "This question closed on");
	expect_refused(&early, early.event, "status=attended", 425,
		       "not over yet");
	expect_refused(&gone, gone.event, "status=attended", 410,
		       "was cancelled");
	expect_refused(&closed, join(closed.prompt, "/later"), "", 410,
		       "This question is closed");
	expect_refused(&closed, join(closed.event, "/feedback"), "rating=4",
		       410, "This question closed on");
}

/* --- one answer --- */

static void changes_the_answer(void **state)
{
	struct asked a = asked_make("61 minutes");
	struct response r = get(&a, a.event);

	(void)state;
	assert_true(response_has(&r, "Were you at <bdi>Regatta"));
	r = post(&a, a.event, "status=attended");
	expect_led(&r, join(a.event, "?note=saved"));
	r = get(&a, a.event);
	assert_false(response_has(&r, "value=\"not_attended\""));
	r = get(&a, join(a.event, "?change=1"));
	assert_true(response_has(&r, "your answer now"));
	r = post(&a, a.event, "status=not_attended");
	expect_status(&r, 303);
	assert_true(str_equal(said(&a), STR("not_attended")));
	assert_int_equal(fixture_audits(&world, &a.f), 2);
	r = get(&a, STR("/history"));
	assert_true(response_has(&r, str_z(&world.arena, a.event)));
}

static void takes_feedback(void **state)
{
	struct asked a = asked_make("61 minutes");
	struct str path = join(a.event, "/feedback");
	struct response r = get(&a, path);

	(void)state;
	expect_led(&r, a.event);
	expect_refused(&a, path, "rating=4", 409, "for people who were there");
	(void)post(&a, a.event, "status=attended");
	expect_refused(&a, path, "rating=6&feedback=Kept+words", 422,
		       "Kept words</textarea>");
	expect_refused(&a, path, "rating=%FF&feedback=a%00b", 422,
		       "not saved yet");
	r = post(&a, path, "rating=4&feedback=Fine+%3Cwind%3E");
	expect_led(&r, join(a.event, "?note=feedback"));
	assert_true(str_equal(said(&a), STR("attended 4 Fine <wind>")));
	r = get(&a, a.event);
	assert_true(response_has(&r, "4 of 5"));
	assert_true(response_has(&r, "Fine &lt;wind&gt;"));
	r = get(&a, path);
	assert_true(response_has(&r, "value=\"4\" required checked"));
	r = post(&a, path, "rating=2");
	expect_status(&r, 303);
	assert_true(str_equal(said(&a), STR("attended 2")));
}

static void says_who_sees_it(void **state)
{
	static const char *const bad[] = {
		"show_on_profile=2", "show_on_profile=yes&show_on_profile=yes",
		"show_to_other_orgs=%00"};
	struct asked a = asked_make("61 minutes");
	struct str path = join(a.event, "/sharing");
	struct response r = get(&a, a.event);

	(void)state;
	assert_false(response_has(&r, "Who sees this answer"));
	(void)post(&a, a.event, "status=attended");
	r = get(&a, a.event);
	assert_true(response_has(&r, "always sees it"));
	assert_true(response_has(&r, "You are in no other organisation now"));
	for (int i = 0; i < 3; i++)
		expect_refused(&a, path, bad[i], 422, "could not be saved");
	r = post(&a, path, "show_on_profile=yes&show_to_other_orgs=yes");
	expect_led(&r, join(a.event, "?note=sharing"));
	r = post(&a, path, "show_to_other_orgs=yes");
	expect_led(&r, join(a.event, "?note=hidden_everywhere"));
	/* What is closed can still be hidden. */
	world_clock(&world, "15 days");
	r = post(&a, path, "show_on_profile=yes");
	expect_led(&r, join(a.event, "?note=sharing"));
	r = get(&a, a.event);
	assert_true(response_has(&r, "This question closed on"));
	assert_true(response_has(&r, "name=\"show_on_profile\""));
	world_clock(&world, NULL);
}

static void is_found_from_the_event(void **state)
{
	struct asked a = asked_make("61 minutes");
	struct str page =
		str_printf(&world.arena, "/events/%lld", (long long)a.f.event);
	struct str other = asked_make("61 minutes").cookie;
	struct response r = get(&a, page);

	(void)state;
	assert_true(response_has(&r, str_z(&world.arena, a.event)));
	assert_true(response_has(&r, "Were you there?"));
	world_sql(&world, "delete from event_views where event_id = %lld",
		  (long long)a.f.event);
	world_sql(&world, "delete from notifications where event_id = %lld",
		  (long long)a.f.event);
	r = get(&a, page);
	assert_false(response_has(&r, "Were you there?"));
	r = get(&a, a.event);
	expect_status(&r, 404);
	r = fixture_get(&world, other, a.event);
	expect_status(&r, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-A11 what waits stands on the history and by itself",
		 shows_what_waits, NULL, NULL, NULL},
		{"R-A11 answered on the spot; who was there is asked how it "
		 "was",
		 asks_how_it_was, NULL, NULL, NULL},
		{"R-A11 who was not there is led back",
		 leads_back_who_was_not_there, NULL, NULL, NULL},
		{"R-A5 put off until nine in the morning", puts_it_off, NULL,
		 NULL, NULL},
		{"R-A11 another person's question or answer is a 404",
		 knows_nobody_elses, NULL, NULL, NULL},
		{"R-A11 a press from elsewhere changes nothing",
		 takes_no_press_from_elsewhere, NULL, NULL, NULL},
		{"R-A7 bad answers get 422 and change nothing",
		 refuses_bad_answers, NULL, NULL, NULL},
		{"R-A7 nothing is taken early, late or when cancelled",
		 refuses_what_is_shut, NULL, NULL, NULL},
		{"R-A7 the own answer is changed while it is open",
		 changes_the_answer, NULL, NULL, NULL},
		{"R-A9 feedback is given and changed there too", takes_feedback,
		 NULL, NULL, NULL},
		{"R-A10 the answer's page says who sees it, and lets it be set",
		 says_who_sees_it, NULL, NULL, NULL},
		{"R-A11 the event's page leads there, for who may answer",
		 is_found_from_the_event, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("own_answers", tests, open_world,
					   close_world);
}
