/*
 * Events as admins make and change them, through the staff's routes.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

#define FORM                                                                   \
	"title=Talk&start_time=18:30&end_time=20:00&zone=Europe/Berlin&"       \
	"scope=this&version=1&series_version=0&"

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

static struct str path_of(int64_t id, const char *tail)
{
	return str_printf(&world.arena, "/staff/%.*s/events/%lld%s",
			  STR_ARG(team.slug), (long long)id, tail);
}

static struct response send_new(const char *form)
{
	return team_post(&world, &team, ADMIN,
			 str_printf(&world.arena, "/staff/%.*s/events/new",
				    STR_ARG(team.slug)),
			 str_of(form));
}

/* The number in the address that a form led to. */
static int64_t made(const struct response *r)
{
	struct str rest, id;
	struct str at = response_header(r, "Location");
	const struct str before = STR("/events/");
	int64_t number = 0;

	expect_status(r, 303);
	id = str_cut(str_from(at, str_find_str(at, before) + before.n), '?',
		     &rest);
	assert_true(str_read_int(id, &number));
	return number;
}

static void makes_what_the_form_says(void **state)
{
	struct response r = send_new(
		FORM "start_date=2199-07-04&repeats=none&location=Hall&"
		     "description=One%0D%0ATwo&capacity=20&status=draft");
	int64_t id = made(&r);

	(void)state;
	assert_true(str_equal(
		world_sql(&world,
			  "select concat_ws('|', title, starts_at at time zone "
			  "'UTC', location, description, capacity, status) "
			  "from events where id = %lld",
			  (long long)id),
		STR("Talk|2199-07-04 16:30:00|Hall|One\nTwo|20|draft")));
	r = team_get(&world, &team, STAFF, path_of(id, ""));
	expect_status(&r, 200);
	assert_true(response_has(&r, "0 of 20 places"));
	assert_false(response_has(&r, "/edit"));
	r = team_get(&world, &team, ADMIN, path_of(id, "/edit"));
	assert_true(response_has(&r, "value=\"2199-07-04\""));
	assert_true(response_has(&r, "value=\"18:30\""));
}

static void keeps_what_was_typed(void **state)
{
	struct str before = world_digest(&world);
	struct response r =
		send_new("title=%3Cb%3EMine&start_date=2199-02-30&start_time="
			 "7pm&zone=Berlin&repeats=weekly&capacity=none");

	(void)state;
	expect_status(&r, 422);
	assert_true(response_has(&r, "value=\"&lt;b&gt;Mine\""));
	assert_true(response_has(&r, "id=\"start_date-error\""));
	assert_true(response_has(&r, "id=\"start_time-error\""));
	assert_true(response_has(&r, "id=\"zone-error\""));
	assert_true(response_has(&r, "value=\"Europe/Berlin\""));
	assert_true(response_has(&r, "id=\"capacity-error\""));
	assert_true(response_has(&r, "value=\"weekly\" selected"));
	assert_true(str_equal(world_digest(&world), before));
}

static void says_that_the_clocks_skip_it(void **state)
{
	struct response r =
		send_new("title=Early&start_date=2030-03-31&start_time=02:30&"
			 "zone=Europe/Berlin&repeats=none");

	(void)state;
	expect_status(&r, 422);
	assert_true(response_has(&r, "Clocks in that zone"));
}

static void makes_a_series_by_the_rule(void **state)
{
	int64_t id, count;
	struct response r =
		send_new(FORM "start_date=2026-12-11&repeats=monthly_weekday&"
			      "times=4");

	(void)state;
	id = made(&r);
	count = world_sql_int(
		&world,
		"select count(*) from events where series_id = (select "
		"series_id from events where id = %lld) and "
		"to_char(starts_at at time zone 'Europe/Berlin', "
		"'YYYY-MM-DD HH24:MI') in ('2026-12-11 18:30', "
		"'2027-01-08 18:30', '2027-02-12 18:30', '2027-03-12 18:30')",
		(long long)id);
	assert_int_equal(count, 4);
	r = team_get(&world, &team, STAFF, path_of(id, ""));
	assert_true(response_has(&r, "Every month on the second Friday"));
	r = team_post(&world, &team, ADMIN, path_of(id, "/edit"),
		      STR("title=Later&start_date=2026-12-11&start_time=19:30&"
			  "zone=Europe/Berlin&scope=all&version=1&"
			  "series_version=1&repeats=monthly_weekday&"
			  "until=2027-03-31"));
	expect_status(&r, 303);
	count = world_sql_int(
		&world,
		"select count(*) from events where title = 'Later' and "
		"status = 'published' and to_char(starts_at at time zone "
		"'Europe/Berlin', 'HH24:MI') = '19:30'");
	assert_int_equal(count, 4);
}

static void tells_the_later_of_two(void **state)
{
	struct response r = send_new(FORM "start_date=2199-07-04&repeats=none");
	int64_t id = made(&r);

	(void)state;
	r = team_post(&world, &team, ADMIN, path_of(id, "/edit"),
		      STR(FORM "start_date=2199-07-05&repeats=none&"
			       "location=Quay"));
	expect_status(&r, 303);
	r = team_post(&world, &team, ADMIN, path_of(id, "/edit"),
		      STR(FORM "start_date=2199-07-06&repeats=none&"
			       "location=Tower"));
	expect_status(&r, 409);
	assert_true(response_has(&r, "<dd>Quay"));
	assert_true(response_has(&r, "value=\"Tower\""));
	assert_true(response_has(&r, "name=\"version\" value=\"2\""));
	assert_true(str_equal(world_sql(&world,
					"select location from events "
					"where id = %lld",
					(long long)id),
			      STR("Quay")));
}

static void copies_without_people(void **state)
{
	struct response r = send_new(FORM "start_date=2199-07-04&repeats=none");
	int64_t id = made(&r);

	(void)state;
	r = team_get(&world, &team, ADMIN, path_of(id, "/copy"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"2199-07-11\""));
	assert_true(response_has(&r, "value=\"draft\" checked"));
	assert_true(response_has(&r, "/events/new\" class=\"stack\""));
}

static void lists_by_pages_and_words(void **state)
{
	struct str list = str_printf(&world.arena, "/staff/%.*s/events",
				     STR_ARG(team.slug));
	struct response r;
	ptrdiff_t at;
	struct str rest;

	(void)state;
	world_sql(&world,
		  "insert into events (org_id, title, starts_at, status) "
		  "select %lld, 'Regatta ' || n, timestamptz '2150-01-01' + "
		  "n * interval '1 day', 'published' "
		  "from generate_series(1, 60) n",
		  (long long)team.org);
	r = team_get(&world, &team, STAFF,
		     str_printf(&world.arena, "%.*s?q=reg", STR_ARG(list)));
	expect_status(&r, 200);
	assert_true(response_has(&r, ">Regatta 50<"));
	assert_false(response_has(&r, ">Regatta 51<"));
	at = str_find_str(r.body, STR("events?show=coming&amp;q=reg&amp;"));
	assert_true(at > 0);
	rest = str_cut(str_from(r.body, at + 7), '"', &rest);
	rest = str_printf(
		&world.arena, "%.*s?q=reg&%.*s", STR_ARG(list),
		STR_ARG(str_from(rest, str_find_str(rest, STR("after=")))));
	at = str_find_str(rest, STR("&amp;"));
	rest = str_printf(&world.arena, "%.*s&%.*s",
			  STR_ARG(str_first(rest, at)),
			  STR_ARG(str_from(rest, at + 5)));
	r = team_get(&world, &team, STAFF, rest);
	expect_status(&r, 200);
	assert_true(response_has(&r, ">Regatta 51<"));
	assert_true(response_has(&r, ">Regatta 60<"));
	assert_false(response_has(&r, ">Regatta 50<"));
	r = team_get(&world, &team, STAFF,
		     str_printf(&world.arena,
				"%.*s?show=past&q=%%27%%5C%%3A%%2A%%26",
				STR_ARG(list)));
	expect_status(&r, 200);
}

static void takes_steps_once(void **state)
{
	struct response r = send_new(FORM "start_date=2199-07-04&repeats=none");
	int64_t id = made(&r);
	const struct str step = STR("version=1&scope=this");

	(void)state;
	r = team_post(&world, &team, ADMIN, path_of(id, "/cancel"), step);
	expect_status(&r, 303);
	r = team_post(&world, &team, ADMIN, path_of(id, "/cancel"), step);
	expect_status(&r, 409);
	assert_true(response_has(&r, "This is how the event is now"));
	assert_true(response_has(&r, "Take it up again"));
	r = team_post(&world, &team, ADMIN, path_of(id, "/resume"),
		      STR("version=2&scope=that"));
	expect_status(&r, 422);
	r = team_post(&world, &team, ADMIN, path_of(id, "/resume"),
		      STR("version=2&scope=this"));
	expect_status(&r, 303);
	r = team_get(&world, &team, ADMIN, path_of(id, "/delete"));
	expect_status(&r, 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O1 an event is made as its form says",
		 makes_what_the_form_says, NULL, NULL, NULL},
		{"R-O1 a form that is refused keeps what was typed",
		 keeps_what_was_typed, NULL, NULL, NULL},
		{"R-O1 an hour that clocks skip is told",
		 says_that_the_clocks_skip_it, NULL, NULL, NULL},
		{"R-O1 a series has the days of its rule",
		 makes_a_series_by_the_rule, NULL, NULL, NULL},
		{"R-O1 of two admins at once the later sees both versions",
		 tells_the_later_of_two, NULL, NULL, NULL},
		{"R-O1 a copy is a draft a week on", copies_without_people,
		 NULL, NULL, NULL},
		{"R-O1 the list comes by pages and is searched",
		 lists_by_pages_and_words, NULL, NULL, NULL},
		{"R-B2 a step is taken once, and says so", takes_steps_once,
		 NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("staff_event", tests, open_world,
					   close_world);
}
