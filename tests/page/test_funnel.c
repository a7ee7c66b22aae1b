/*
 * What became of an event's questions, as its staff read it: the page with its
 * charts, and the files.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
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

static int64_t event_make(const char *title)
{
	return world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, ends_at, status)"
		" values (%lld, '%s', '2026-11-20 10:00Z', '2026-11-20 12:00Z',"
		" 'completed') returning id",
		(long long)team.org, title);
}

/* So many people, asked so often, of whom some answered with a rating. */
static void people_make(int64_t event, int count, int twice, int answered)
{
	world_sql(
		&world,
		"with u as (insert into users (email, name) select 'f' || i || "
		"'-%lld@example.org', 'Person ' || i from "
		"generate_series(1, %d) i returning id, substr(name, 8)::int "
		"as i), m as (insert into memberships (user_id, org_id) select "
		"id, %lld from u), n as (insert into notifications (user_id, "
		"org_id, event_id, type, prompt_number, title) select u.id, "
		"%lld, %lld, 'attendance_prompt', number, 'T' from u, "
		"generate_series(1, case when i <= %d then 2 else 1 end) "
		"number) insert into attendance (user_id, event_id, org_id, "
		"status, responded_at, feedback_rating, feedback_text, "
		"feedback_submitted_at) select id, %lld, %lld, 'attended', "
		"app_now(), 1 + i %% 5, 'Words ' || i, app_now() - i * "
		"interval '1 minute' from u where i <= %d",
		(long long)event, count, (long long)team.org,
		(long long)team.org, (long long)event, twice, (long long)event,
		(long long)team.org, answered);
}

static struct response get(int64_t event, const char *tail)
{
	return team_get(&world, &team, STAFF,
			str_printf(&world.arena, "/staff/%.*s/events/%lld/%s",
				   STR_ARG(team.slug), (long long)event, tail));
}

static void says_when_nobody_was_asked(void **state)
{
	struct response r = get(event_make("Quiet"), "answers");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Nobody has been asked"));
	assert_false(response_has(&r, "<svg"));
	assert_false(response_has(&r, "% answered"));
}

static void shows_rate_and_charts(void **state)
{
	int64_t event = event_make("Talk");
	struct response r;

	(void)state;
	people_make(event, 8, 3, 5);
	r = get(event, "answers");
	expect_status(&r, 200);
	assert_true(response_has(
		&r, "63 % answered: 5 of the 8 people who were asked."));
	assert_true(response_has(&r, "3.0 of 5 on average, from 5 people."));
	assert_true(response_has(&r, "url(#stages-hatch)"));
	assert_true(response_has(&r, "<title id=\"ratings-title\">"));
	assert_true(response_has(&r, "Words 1"));
	assert_true(response_has(&r, ">Person 1</a>"));
	assert_false(response_has(&r, "style="));
}

static void says_who_was_not_asked(void **state)
{
	int64_t event = event_make("Unasked");
	struct response r;

	(void)state;
	world_sql(&world,
		  "update organizations set prompts_since = '2026-11-01' where "
		  "id = %lld",
		  (long long)team.org);
	world_sql(&world,
		  "with u as (insert into users (email, name, suppressed_at, "
		  "suppressed_cause) select 'n' || i || '-%lld@example.org', "
		  "'N', case when i < 3 then app_now() end, case when i < 3 "
		  "then '5.1.1' end from generate_series(1, 5) i returning id) "
		  "insert into event_views (event_id, user_id, org_id) select "
		  "%lld, id, %lld from u",
		  (long long)event, (long long)event, (long long)team.org);
	r = get(event, "answers");
	assert_true(response_has(&r, "Nobody has been asked"));
	assert_true(response_has(&r,
				 ">Not asked: their address refuses mail</th>\n"
				 "<td data-label=\"People\">2</td>"));
	assert_false(response_has(&r, "answers.csv"));
	people_make(event, 1, 0, 0);
	r = get(event, "answers");
	assert_true(response_has(&r, "their address refuses mail"));
	r = get(event, "answers.csv");
	assert_true(response_has(
		&r, "\r\nNot asked: their address refuses mail,,,2,\r\n"));
}

static void leaves_out_who_was_not_there(void **state)
{
	int64_t event = event_make("Changed");
	struct response r;

	(void)state;
	people_make(event, 4, 0, 4);
	world_sql(&world,
		  "update attendance set status = 'not_attended' "
		  "where event_id = %lld and feedback_rating = 2",
		  (long long)event);
	r = get(event, "answers");
	assert_true(response_has(&r, "4.0 of 5 on average, from 3 people."));
	assert_true(response_has(&r, "Left out here: 1 "));
	assert_true(response_has(&r, "left out of the average"));
	assert_false(response_has(&r, "url(#stages-hatch)"));
}

static void words_come_fifty_a_page(void **state)
{
	int64_t event = event_make("Long");
	struct str before, rest;
	struct response r;

	(void)state;
	people_make(event, 60, 0, 60);
	r = get(event, "answers");
	assert_true(response_has(&r, ">Words 50<"));
	assert_false(response_has(&r, ">Words 51<"));
	before = str_from(r.body, str_find_str(r.body, STR("?before=")));
	before = str_cut(before, '&', &rest);
	rest = str_cut(str_from(rest, STR("amp;").n), '"', &rest);
	before = str_printf(&world.arena, "answers%.*s&%.*s", STR_ARG(before),
			    STR_ARG(rest));
	r = get(event, str_z(&world.arena, before));
	expect_status(&r, 200);
	assert_true(response_has(&r, ">Words 51<"));
	assert_true(response_has(&r, ">Words 60<"));
	assert_false(response_has(&r, ">Words 50<"));
	assert_false(response_has(&r, "<svg"));
	assert_false(response_has(&r, "?before="));
}

static void words_are_escaped(void **state)
{
	int64_t event = event_make("Escaped");
	struct response r;

	(void)state;
	people_make(event, 1, 0, 1);
	world_sql(&world,
		  "update attendance set feedback_text = '<b>&' where event_id "
		  "= %lld",
		  (long long)event);
	r = get(event, "answers");
	assert_true(response_has(&r, "&lt;b&gt;&amp;"));
	assert_false(response_has(&r, "<b>"));
}

static void files_hold_the_tables(void **state)
{
	int64_t event = event_make("Files");
	struct response r;

	(void)state;
	people_make(event, 4, 1, 2);
	world_sql(&world,
		  "update attendance set feedback_text = '=1+1, \"x\"' where "
		  "event_id = %lld and feedback_rating = 2",
		  (long long)event);
	r = get(event, "answers.csv");
	expect_status(&r, 200);
	assert_true(str_equal(response_header(&r, "Content-Type"),
			      STR("text/csv; charset=utf-8")));
	assert_true(str_equal(
		response_header(&r, "Content-Disposition"),
		str_printf(&world.arena,
			   "attachment; filename=\"answers-%.*s-%lld.csv\"",
			   STR_ARG(team.slug), (long long)event)));
	assert_true(response_has(&r, "\xEF\xBB\xBFwhat,first_question,"
				     "second_question,people,percent\r\n"));
	assert_true(response_has(&r, "Asked,4,1,4,100\r\n"));
	assert_true(response_has(&r, "Answered,1,1,2,50\r\n"));
	r = get(event, "ratings.csv");
	assert_true(response_has(&r, "rating,people,percent\r\n5,0,0\r\n"));
	r = get(event, "feedback.csv");
	assert_true(response_has(&r, "name,answer,rating,comment,given_at\r\n"
				     "Person 1,Was there,2,\"'=1+1, "
				     "\"\"x\"\"\",2026-11-20T"));
	assert_true(response_has(&r, "Person 2,Was there,3,Words 2,"));
}

static void files_say_what_they_leave_off(void **state)
{
	int64_t event = event_make("Huge");
	struct response r;

	(void)state;
	people_make(event, 2000, 0, 2000);
	world_sql(&world,
		  "update attendance set feedback_text = repeat('x', 2000) "
		  "where event_id = %lld",
		  (long long)event);
	r = get(event, "feedback.csv");
	expect_status(&r, 200);
	assert_true(r.body.n > 2900000 && r.body.n < 3100000);
	assert_true(response_has(&r, " more are not in this file, which would "
				     "be too large: these are the latest."));
}

static void nothing_for_other_numbers(void **state)
{
	struct response r = get(INT32_MAX, "answers");

	(void)state;
	expect_status(&r, 404);
	r = get(0, "answers.csv");
	expect_status(&r, 404);
	r = get(event_make("Odd"), "answers?before=x&event=-");
	expect_status(&r, 200);
}

static void looking_changes_nothing(void **state)
{
	int64_t event = event_make("Same");
	struct str before;
	struct response r;

	(void)state;
	people_make(event, 3, 1, 2);
	before = world_digest(&world);
	r = get(event, "answers");
	expect_status(&r, 200);
	r = get(event, "feedback.csv");
	expect_status(&r, 200);
	assert_true(str_equal(world_digest(&world), before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B8 before anybody is asked the page says so",
		 says_when_nobody_was_asked, NULL, NULL, NULL},
		{"R-B8 response rate with its denominator, charts with words",
		 shows_rate_and_charts, NULL, NULL, NULL},
		{"R-F5 it says how many were not asked, and why",
		 says_who_was_not_asked, NULL, NULL, NULL},
		{"R-A9 who was not there after all is left out",
		 leaves_out_who_was_not_there, NULL, NULL, NULL},
		{"R-A9 what people wrote, 50 a page", words_come_fifty_a_page,
		 NULL, NULL, NULL},
		{"R-A9 what people wrote is text", words_are_escaped, NULL,
		 NULL, NULL},
		{"R-B8 a file for every table", files_hold_the_tables, NULL,
		 NULL, NULL},
		{"R-B8 a file says what it leaves off",
		 files_say_what_they_leave_off, NULL, NULL, NULL},
		{"R-O2 no other number, and no odd place, finds anything",
		 nothing_for_other_numbers, NULL, NULL, NULL},
		{"R-A8 GET changes nothing", looking_changes_nothing, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("funnel", tests, open_world,
					   close_world);
}
