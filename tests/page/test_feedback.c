/*
 * How it was: who may say it, what is kept, what is refused and shown again.
 */
#include "page/fixture.h"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "answer");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct fixture answered(const char *status)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r = world_post(
		&world, f.link, str_printf(&world.arena, "status=%s", status));

	expect_status(&r, 303);
	return f;
}

static struct str path_of(const struct fixture *f)
{
	return str_printf(&world.arena, "%.*s/feedback", STR_ARG(f->link));
}

static struct response give(const struct fixture *f, const char *body)
{
	return world_post(&world, path_of(f), str_of(body));
}

/* "4 Fine wind", "4 -" without words, absent without a rating. */
static struct str said(const struct fixture *f)
{
	return world_sql(&world,
			 "select feedback_rating || ' ' || "
			 "coalesce(feedback_text, '-') from attendance "
			 "where event_id = %lld",
			 (long long)f->event);
}

static void expect_refused(const struct fixture *f, const char *body,
			   int status, const char *sentence)
{
	struct str before = world_digest(&world);
	struct response r = give(f, body);

	if (r.status != status || !response_has(&r, sentence))
		fail_msg("no %d with \"%s\" but:\n%.*s", status, sentence,
			 STR_ARG(r.text));
	assert_true(str_equal(before, world_digest(&world)));
}

static void asks_who_was_there(void **state)
{
	static const struct {
		const char *status;
		bool asked;
	} cases[] = {
		{"attended", true}, {"partial", true}, {"not_attended", false}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fixture f = answered(cases[i].status);
		struct response r = world_get(&world, f.link);
		struct str before;

		expect_status(&r, 200);
		assert_true(response_has(&r, "?change=1"));
		assert_int_equal(response_has(&r, "name=\"rating\""),
				 cases[i].asked);
		assert_int_equal(response_has(&r, "can read your rating"),
				 cases[i].asked);
		before = world_digest(&world);
		r = world_get(&world, path_of(&f));
		expect_status(&r, 200);
		assert_int_equal(response_has(&r, "name=\"rating\""),
				 cases[i].asked);
		assert_true(str_equal(before, world_digest(&world)));
	}
}

static void saves_and_shows_it(void **state)
{
	struct fixture f = answered("attended");
	struct response r = give(&f, "rating=4&feedback=Fine+%3Cwind%3E");

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      str_printf(&world.arena, "%.*s?note=feedback",
					 STR_ARG(f.link))));
	assert_true(str_equal(said(&f), STR("4 Fine <wind>")));
	r = world_get(&world, response_header(&r, "Location"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "Your feedback is saved"));
	assert_true(response_has(&r, "4 of 5"));
	assert_true(response_has(&r, "Fine &lt;wind&gt;"));
	assert_true(response_has(&r, "Change my feedback"));
	assert_false(response_has(&r, "name=\"rating\""));
	r = world_get(&world, path_of(&f));
	assert_true(response_has(&r, "value=\"4\" required checked"));
	assert_true(response_has(&r, "Fine &lt;wind&gt;</textarea>"));
}

static void takes_every_rating_and_the_last_word(void **state)
{
	struct fixture f = answered("partial");
	struct str body;
	struct response r;

	(void)state;
	for (int i = 1; i <= 5; i++) {
		body = str_printf(&world.arena, "rating=%d&feedback=", i);
		r = world_post(&world, path_of(&f), body);
		expect_status(&r, 303);
		assert_true(str_equal(said(&f),
				      str_printf(&world.arena, "%d -", i)));
	}
	r = give(&f, "rating=2");
	expect_status(&r, 303);
	assert_true(str_equal(said(&f), STR("2 -")));
}

static struct str letters(const char *before, const char *letter, int n)
{
	struct buf out = buf_init(&world.arena, 16384);

	buf_add(&out, str_of(before));
	while (n-- > 0)
		buf_add(&out, str_of(letter));
	return buf_str(&out);
}

static void takes_2000_characters_and_no_more(void **state)
{
	const char *before = "rating=5&feedback=";
	const char *umlaut = "%C3%BC";
	struct fixture f = answered("attended");
	struct str digest;
	struct response r;

	(void)state;
	r = world_post(&world, path_of(&f), letters(before, umlaut, 2000));
	expect_status(&r, 303);
	assert_int_equal(world_sql_int(&world,
				       "select length(feedback_text) from "
				       "attendance where event_id = %lld",
				       (long long)f.event),
			 2000);
	digest = world_digest(&world);
	r = world_post(&world, path_of(&f), letters(before, "x", 2001));
	expect_status(&r, 422);
	assert_true(response_has(&r, "“In your words” is too long"));
	assert_true(response_has(&r, "value=\"5\" required checked"));
	assert_true(response_has(&r, "xxxxxxxxxx</textarea>"));
	assert_true(str_equal(digest, world_digest(&world)));
}

/* Each is refused with the field's name, and what was typed stays. */
static void refuses_bad_forms(void **state)
{
	static const char *const ratings[] = {"",
					      "rating=",
					      "rating=0",
					      "rating=6",
					      "rating=4.5",
					      "rating=-1",
					      "rating=%2B4",
					      "rating=04",
					      "rating=4+5",
					      "rating=four",
					      "rating%5B%5D=4",
					      "rating=4%00",
					      "rating=%FF",
					      "rating=4&rating=5",
					      "rating=4&rating=4"};
	static const char *const words[] = {"%C3%28",	 "%FF%FE", "%C0%80",
					    "%ED%A0%80", "a%00b",  "a%07b"};
	struct fixture f = answered("attended");
	const char *body;

	(void)state;
	for (size_t i = 0; i < sizeof(ratings) / sizeof(*ratings); i++) {
		body = str_printf(&world.arena, "%s&feedback=Kept+words%c",
				  ratings[i], 0)
			       .p;
		expect_refused(&f, body, 422, "“Your rating”");
		expect_refused(&f, body, 422, "Kept words</textarea>");
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		body = str_printf(&world.arena, "rating=3&feedback=%s%c",
				  words[i], 0)
			       .p;
		expect_refused(&f, body, 422, "“In your words”");
		expect_refused(&f, body, 422, "value=\"3\" required checked");
	}
	expect_refused(&f, "rating=3&feedback=a&feedback=b", 422,
		       "“In your words” came twice");
}

static void refuses_who_was_not_there(void **state)
{
	struct fixture silent = fixture_asked(&world, "61 minutes");
	struct fixture away = answered("not_attended");

	(void)state;
	expect_refused(&silent, "rating=4", 409, "for people who were there");
	expect_refused(&silent, "rating=9", 409, "for people who were there");
	expect_refused(&away, "rating=4", 409, "for people who were there");
}

static void keeps_it_when_the_answer_changes(void **state)
{
	struct fixture f = answered("attended");
	struct response r = give(&f, "rating=1&feedback=Cold");

	(void)state;
	expect_status(&r, 303);
	world_post(&world, f.link, STR("status=not_attended"));
	assert_true(str_equal(said(&f), STR("1 Cold")));
	r = world_get(&world, f.link);
	assert_false(response_has(&r, "Cold"));
	world_post(&world, f.link, STR("status=partial"));
	r = world_get(&world, f.link);
	assert_true(response_has(&r, "Cold"));
}

static void refuses_what_is_shut(void **state)
{
	struct fixture closed = fixture_asked(&world, "15 days");
	struct fixture early = fixture_asked(&world, "-1 minute");
	struct fixture gone = answered("attended");

	(void)state;
	world_sql(&world,
		  "update events set status = 'cancelled' where id = %lld",
		  (long long)gone.event);
	expect_refused(&closed, "rating=4", 410, "This question closed on");
	expect_refused(&early, "rating=4", 425, "not over yet");
	expect_refused(&gone, "rating=4", 410, "was cancelled");
}

static void knows_no_forged_link(void **state)
{
	struct response none = world_get(&world, STR("/no/such/page"));
	struct fixture f = answered("attended");
	struct str before;
	struct response r;

	(void)state;
	r = world_sendf(&world,
			"POST %.*s/feedback HTTP/1.1\r\nOrigin: "
			"http://evil.example\r\n\r\nrating=4",
			STR_ARG(f.link));
	expect_status(&r, 403);
	world_sql(&world,
		  "update notifications set generation = 2 where id = %lld",
		  (long long)f.notification);
	before = world_digest(&world);
	r = give(&f, "rating=4");
	assert_true(str_equal(r.text, none.text));
	r = give(&f, "rating=9");
	assert_true(str_equal(r.text, none.text));
	r = world_get(&world, path_of(&f));
	assert_true(str_equal(r.text, none.text));
	assert_true(str_equal(before, world_digest(&world)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-A9 only those who were there are asked how it was",
		 asks_who_was_there, NULL, NULL, NULL},
		{"R-A9 feedback is saved, shown, and can be changed",
		 saves_and_shows_it, NULL, NULL, NULL},
		{"R-A9 ratings 1 to 5, words if they like, the last wins",
		 takes_every_rating_and_the_last_word, NULL, NULL, NULL},
		{"R-A9 2,000 characters and no more",
		 takes_2000_characters_and_no_more, NULL, NULL, NULL},
		{"R-A9 bad forms get 422, the field's name, and what was typed",
		 refuses_bad_forms, NULL, NULL, NULL},
		{"R-A9 no feedback without having been there",
		 refuses_who_was_not_there, NULL, NULL, NULL},
		{"R-A9 feedback is kept when the answer changes",
		 keeps_it_when_the_answer_changes, NULL, NULL, NULL},
		{"R-A9 no feedback about what is closed, early or cancelled",
		 refuses_what_is_shut, NULL, NULL, NULL},
		{"R-A8 forged feedback gets the one 404, from elsewhere 403",
		 knows_no_forged_link, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("feedback", tests, open_world,
					   close_world);
}
